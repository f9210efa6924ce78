"""The simulation and the tests hand in what they replace; what is still patched is bounded."""

from __future__ import annotations

import ast
from collections.abc import Iterable

from architecture.house import HOUSE, LIMITS, SourceFile, files

_PATCHES = frozenset({"mock.patch", "mock.patch.object"})
_ENDS = frozenset({"patch", "object", "setattr"})
_PARTS_OF_A_PATCH = 2


def patches(sources: Iterable[SourceFile]) -> list[str]:
    """Return where something of a module or a class is replaced while a test runs."""
    return [
        f"{source.path}:{node.lineno}"
        for source in sources
        # To parse all of them takes longer than the rest of this room.
        if any(end in source.text for end in _ENDS)
        for node in ast.walk(source.tree)
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute)
        if (node.func.attr in _ENDS - {"setattr"} and ast.unparse(node.func) in _PATCHES)
        or (node.func.attr == "setattr" and len(node.args) >= _PARTS_OF_A_PATCH)
    ]


def test_the_simulation_patches_nothing_but_the_defects_that_it_plants() -> None:
    allowed = HOUSE["simulation_patches_in"]
    found = patches(files("simulation"))

    assert [place for place in found if not place.startswith(f"{allowed}:")] == []
    assert found


def test_the_tests_patch_no_more_than_they_did() -> None:
    assert len(patches(files("tests"))) <= LIMITS["patches_in_tests"]


def test_patches_are_found() -> None:
    text = (
        "with mock.patch('a.b', 1), mock.patch.object(a, 'b', 1):\n"
        "    monkeypatch.setattr(a, 'b', 1)\n"
        "    monkeypatch.setattr('a.b', 1)\n"
        "    monkeypatch.setenv('A', '1')\n"
        "    mock.patch.dict(os.environ, {})\n"
    )

    assert len(patches([SourceFile("a.py", text)])) == 4
