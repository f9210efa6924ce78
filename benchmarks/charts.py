"""Charts as SVG, of what benchmarks find."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

_WIDTH, _HEIGHT, _EDGE, _ROW = 640, 240, 48, 18
_COLOURS = ("#2563eb", "#d97706", "#059669", "#9333ea", "#64748b")
_LABEL = 180


def line_chart(sizes: Sequence[int], lines: Mapping[str, Sequence[float]]) -> str:
    """Return a chart of lines over numbers of records, each line to its own scale.

    Args:
        sizes: The numbers of records, ascending.
        lines: What each line is of, and its value for each size.
    """
    parts = []
    top = _ROW * len(lines) + _ROW // 2
    height = _HEIGHT + top
    xs = [_EDGE + (_WIDTH - 2 * _EDGE) * records / sizes[-1] for records in sizes]
    for at, (label, values) in enumerate(lines.items()):
        most = max(values)
        ys = [height - _EDGE - (_HEIGHT - _EDGE) * value / most for value in values]
        points = " ".join(f"{x:.0f},{y:.0f}" for x, y in zip(xs, ys, strict=True))
        colour = _COLOURS[at]
        parts.append(
            f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"/>'
        )
        parts.append(_text(_EDGE, _ROW * (at + 1), f"{label}: up to {most:.0f}", colour))
    for at, (x, records) in enumerate(zip(xs, sizes, strict=True)):
        # The first ones are close to one another.
        anchor = "middle" if at else "end"
        parts.append(_text(x, height - 16, f"{records:,}", "#666", anchor))
    return _svg(height, parts)


def bar_chart(title: str, bars: Mapping[str, Mapping[str, float]]) -> str:
    """Return a chart of bars, all to one scale.

    Args:
        title: What the chart shows.
        bars: The values of each group of bars, by their unit.
    """
    parts = [_text(0, _ROW - 4, title, "#666")]
    most = max(value for values in bars.values() for value in values.values())
    y = _ROW
    for label, values in bars.items():
        parts.append(_text(0, y + _ROW - 4, label, "#666"))
        for (unit, value), colour in zip(values.items(), _COLOURS, strict=False):
            width = (_WIDTH - _LABEL - 2 * _EDGE) * value / most
            parts.append(
                f'<rect x="{_LABEL}" y="{y + 3}" width="{width:.0f}" height="{_ROW - 6}"'
                f' fill="{colour}"/>'
            )
            parts.append(_text(_LABEL + width + 6, y + _ROW - 4, f"{value:.1f} {unit}", colour))
            y += _ROW
    return _svg(y + _ROW // 2, parts)


def _text(x: float, y: float, text: str, colour: str, anchor: str = "start") -> str:
    return f'<text x="{x:.0f}" y="{y:.0f}" fill="{colour}" text-anchor="{anchor}">{text}</text>'


def _svg(height: int, parts: Sequence[str]) -> str:
    head = (
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {height}"'
        ' font-family="sans-serif" font-size="12">'
    )
    return "\n".join([head, *parts, "</svg>\n"])
