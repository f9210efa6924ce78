"""A warning that begins with a stream names it in `extra`, from where `sync_report` has it."""

from __future__ import annotations

import ast
from collections.abc import Iterable, Iterator

from architecture.house import SourceFile, files

_HEADS = ("%s: ", "%s%s: ", "Stream %s: ")


def unattributed(sources: Iterable[SourceFile]) -> Iterator[str]:
    """Yield the warnings whose text begins with a stream, and whose `extra` does not name it."""
    for source in sources:
        for node in ast.walk(source.tree):
            if not isinstance(node, ast.Call) or not isinstance(node.func, ast.Attribute):
                continue
            text = node.args[0] if node.args else None
            is_about = isinstance(text, ast.Constant) and str(text.value).startswith(_HEADS)
            named = {keyword.arg: ast.unparse(keyword.value) for keyword in node.keywords}
            if node.func.attr == "warning" and is_about and "about(" not in named.get("extra", ""):
                yield f"{source.path}:{node.lineno}"


def test_warnings_name_their_stream() -> None:
    assert [*unattributed(files("tap_zohocrm_modules"))] == []


def test_unattributed_warnings_are_found() -> None:
    text = (
        "logger.warning('%s: odd', stream)\n"
        "logger.warning('%s: odd', stream, extra=about(stream))\n"
        "self.logger.warning('Stream %s: odd', self.name)\n"
        "logger.warning('odd')\n"
    )

    assert len([*unattributed([SourceFile("a.py", text)])]) == 2
