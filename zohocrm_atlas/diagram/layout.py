"""Where the boxes and lines of a map go: Graphviz decides, the pages' template draws.

Graphviz sees numbers in place of names, so that no label can be taken for its markup.
"""

from __future__ import annotations

import contextlib
import dataclasses
import math
import os
import unicodedata
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

import pygraphviz
from typing_extensions import Self

from zohocrm_atlas.diagram.graph import Edge, Graph, Node

_INCH = 72.0
_HEIGHT = 46.0
_PADDING = 36.0
_MARGIN = 12.0
_COLUMN = 150.0
_WIDE = range(9, 31)
"""Nodes of a map whose ranks go down the page; larger ones fill a window better across."""
_GAPS = {"TB": 1.3, "LR": 2.4}
_ROW_GAP = 0.3
_LAYERED_UP_TO = 450
"""Edges that Graphviz's layered layout takes in about a second; it is slow with many more."""


@dataclass(frozen=True)
class Box:
    """A node and its rectangle, in points from the upper left corner."""

    node: Node
    x: float
    y: float
    width: float
    height: float


@dataclass(frozen=True)
class Line:
    """An edge and its path, in SVG's words."""

    edge: Edge
    path: str


@dataclass(frozen=True)
class Drawing:
    """A map that is laid out; `direction` is that of its ranks, as Graphviz calls it."""

    width: float
    height: float
    boxes: Sequence[Box]
    lines: Sequence[Line]
    frames: Sequence[tuple[float, float, float, float]]
    direction: str = "TB"


def lay_out(graph: Graph, direction: str = "") -> Drawing:
    """Returns where everything goes: what is linked above, what stands alone in rows below.

    Edges to users take no part in the layout, for nearly every module has one: they are straight.
    Ranks go down (`TB`) or across (`LR`); without a direction, as it suits the number of nodes.
    """
    routed = [edge for edge in graph.edges if edge.kind != "user"]
    linked = {name for edge in routed for name in (edge.source, edge.target)}
    nodes = [node for node in graph.nodes if node.id in linked]
    alone = [node for node in graph.nodes if node.id not in linked]
    upper = _lay_out_linked(Graph(nodes, routed, graph.together), direction)
    lower = _lay_out_rows(alone, upper.width)
    below = [dataclasses.replace(box, y=box.y + upper.height) for box in lower.boxes]
    boxes = [*upper.boxes, *below]
    places = {box.node.id: box for box in boxes}
    straight = [
        Line(edge, _straight(places[edge.source], places[edge.target]))
        for edge in graph.edges
        if edge.kind == "user"
    ]
    return Drawing(
        max(upper.width, lower.width),
        upper.height + lower.height,
        boxes,
        [*straight, *upper.lines],
        upper.frames,
        upper.direction,
    )


def _lay_out_linked(graph: Graph, direction: str) -> Drawing:
    numbers = {node.id: str(number) for number, node in enumerate(graph.nodes)}
    direction = direction or ("TB" if len(graph.nodes) in _WIDE else "LR")
    layered = len(graph.edges) <= _LAYERED_UP_TO
    with _Canvas(direction, gap=_GAPS[direction], layered=layered) as canvas:
        for node in graph.nodes:
            canvas.add_node(numbers[node.id], _width(node))
        for number, edge in enumerate(graph.edges):
            canvas.add_edge(numbers[edge.source], numbers[edge.target], str(number))
        for group in graph.together:
            canvas.put_together([numbers[name] for name in group])
        canvas.lay_out()
        boxes = [canvas.box(node, numbers[node.id], _width(node)) for node in graph.nodes]
        lines = [
            Line(edge, canvas.path(numbers[edge.source], numbers[edge.target], str(number)))
            for number, edge in enumerate(graph.edges)
        ]
        return Drawing(canvas.width, canvas.height, boxes, lines, canvas.frames(), direction)


def _lay_out_rows(nodes: Sequence[Node], width: float) -> Drawing:
    """Nodes without edges, in rows of about this width."""
    columns = max(4, int(width / _COLUMN), round(math.sqrt(len(nodes)) * 1.5))
    with _Canvas("TB", gap=_ROW_GAP, layered=True) as canvas:
        for number, node in enumerate(nodes):
            canvas.add_node(str(number), _width(node))
            if number >= columns:
                canvas.keep_above(str(number - columns), str(number))
        canvas.lay_out()
        boxes = [canvas.box(node, str(number), _width(node)) for number, node in enumerate(nodes)]
        return Drawing(canvas.width, canvas.height, boxes, (), ())


class _Canvas:
    """A graph of Graphviz, measured in points from the upper left corner."""

    width = 0.0
    height = 0.0

    def __init__(self, direction: str, *, gap: float, layered: bool) -> None:
        self._layered = layered
        self._clusters = 0
        self._graph = pygraphviz.AGraph(directed=True, strict=False)
        self._graph.graph_attr.update(
            rankdir=direction,
            nodesep="0.25" if direction == "TB" else "0.16",
            ranksep=str(gap),
            splines="true",
        )
        if not layered:
            self._graph.graph_attr.update(overlap="scale", splines="line", repulsiveforce="2")
        self._graph.node_attr.update(shape="box", label="", fixedsize="true")

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._graph.close()

    def add_node(self, number: str, width: float) -> None:
        self._graph.add_node(number, width=width / _INCH, height=_HEIGHT / _INCH)

    def add_edge(self, source: str, target: str, key: str) -> None:
        self._graph.add_edge(source, target, key=key)

    def put_together(self, numbers: Sequence[str]) -> None:
        """Frames these nodes."""
        if self._layered:
            self._clusters += 1
            self._graph.add_subgraph(numbers, name=f"cluster{self._clusters}", margin="14")

    def keep_above(self, upper: str, lower: str) -> None:
        self._graph.add_edge(upper, lower, style="invis", weight="10", minlen="1")

    def lay_out(self) -> None:
        if self._layered:
            self._graph.layout("dot")
        else:
            with _stderr_closed():
                self._graph.layout("sfdp")
        bounds = self._graph.graph_attr["bb"]
        if self._graph.number_of_nodes():
            _, _, right, top = _numbers(bounds)
            self.width, self.height = right + 2 * _MARGIN, top + 2 * _MARGIN

    def box(self, node: Node, number: str, width: float) -> Box:
        x, y = self._point(self._graph.get_node(number).attr["pos"])
        return Box(node, x - width / 2, y - _HEIGHT / 2, width, _HEIGHT)

    def path(self, source: str, target: str, key: str) -> str:
        pieces = self._graph.get_edge(source, target, key).attr["pos"].split()
        end = next((piece[2:] for piece in pieces if piece.startswith("e,")), "")
        points = [self._point(piece) for piece in pieces if piece[0] not in "es"]
        curve = " ".join(f"{x:.1f} {y:.1f}" for x, y in points[1:])
        path = f"M{points[0][0]:.1f} {points[0][1]:.1f} C{curve}"
        if end:
            x, y = self._point(end)
            path += f" L{x:.1f} {y:.1f}"
        return path

    def frames(self) -> list[tuple[float, float, float, float]]:
        """The clusters' frames: x, y, width and height."""
        return list(self._frames())

    def _frames(self) -> Iterator[tuple[float, float, float, float]]:
        for cluster in self._graph.subgraphs():
            left, bottom, right, top = _numbers(cluster.graph_attr["bb"])
            yield left + _MARGIN, self.height - _MARGIN - top, right - left, top - bottom

    def _point(self, words: str) -> tuple[float, float]:
        x, y = _numbers(words)
        return x + _MARGIN, self.height - _MARGIN - y


@contextlib.contextmanager
def _stderr_closed() -> Iterator[None]:
    """Keeps a complaint of sfdp from people: its wheel lacks a library that it can do without.

    It is C that writes it. A layout that fails raises an error all the same.
    """
    kept = os.dup(2)
    with open(os.devnull, "wb") as nowhere:  # noqa: PTH123 - there is no such path on Windows
        os.dup2(nowhere.fileno(), 2)
    try:
        yield
    finally:
        os.dup2(kept, 2)
        os.close(kept)


def _numbers(words: str) -> tuple[float, ...]:
    return tuple(float(word) for word in words.split(","))


def _straight(start: Box, end: Box) -> str:
    def middle(box: Box) -> str:
        return f"{box.x + box.width / 2:.1f} {box.y + box.height / 2:.1f}"

    return f"M{middle(start)} L{middle(end)}"


def _width(node: Node) -> float:
    return max(90.0, _PADDING + max(_text_width(node.label, 9.3), _text_width(node.note, 7.6)))


def _text_width(words: Iterable[str], average: float) -> float:
    wide = {"W": 1.9, "F": 1.9}
    return sum(average * wide.get(unicodedata.east_asian_width(each), 1.0) for each in words)
