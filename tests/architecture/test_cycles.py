"""No file imports itself by way of others."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping

import pytest

from architecture.house import SourceFile, files, unexpected


def cycles(sources: Iterable[SourceFile], *, guarded: bool) -> dict[str, str]:
    """Return modules that know each other when they are loaded, by the first one's path.

    `guarded` says whether imports for type checkers count, too.
    """
    by_module = {source.module: source for source in sources}
    graph = {
        module: {
            found
            for imported in source.imports
            if not imported.lazy and (guarded or not imported.for_types)
            if (found := _loaded(imported.module, by_module)) is not None and found != module
        }
        for module, source in by_module.items()
    }
    reached = {module: _reached(graph, module) for module in graph}
    circles = {
        frozenset(other for other in reached[module] if module in reached[other])
        for module in graph
    } - {frozenset()}
    return {
        by_module[min(circle)].path: f"closes a circle: {', '.join(sorted(circle))}"
        for circle in circles
    }


def _reached(graph: Mapping[str, Collection[str]], begin: str) -> set[str]:
    """Return the modules that one knows, itself if it is among those that these know."""
    found: set[str] = set()
    next_ones = [*graph[begin]]
    while next_ones:
        module = next_ones.pop()
        if module not in found:
            found.add(module)
            next_ones += graph[module]
    return found


def _loaded(name: str, modules: Collection[str]) -> str | None:
    parts = name.split(".")
    starts = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((start for start in starts if start in modules), None)


def test_imports_make_no_circle() -> None:
    assert cycles(files(), guarded=False) == {}


def test_imports_for_type_checkers_make_no_circle() -> None:
    assert unexpected(cycles(files(), guarded=True), "circles") == []


@pytest.mark.parametrize(
    "statement",
    [
        "import zohocrm_demo.one",
        "from . import one",
        "from zohocrm_demo import one",
        "if TYPE_CHECKING:\n    from zohocrm_demo import one",
    ],
)
def test_a_circle_is_found(statement: str) -> None:
    one = SourceFile("zohocrm_demo/one.py", "from zohocrm_demo.two import name")
    two = SourceFile("zohocrm_demo/two.py", statement)

    assert cycles([one, two], guarded=True) == {
        "zohocrm_demo/one.py": "closes a circle: zohocrm_demo.one, zohocrm_demo.two"
    }
