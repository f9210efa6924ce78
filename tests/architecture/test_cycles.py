"""No file imports itself by way of others."""

from __future__ import annotations

import graphlib
from collections.abc import Collection, Iterable

import pytest

from architecture.house import SourceFile, files


def cycle(sources: Iterable[SourceFile]) -> list[str]:
    """Return modules that import each other when they are loaded; [] if there are none."""
    by_module = {source.module: source for source in sources}
    graph = {
        module: {
            found
            for imported in source.imports()
            if not imported.lazy and not imported.for_types
            if (found := _loaded(imported.module, by_module)) is not None
        }
        for module, source in by_module.items()
    }
    try:
        graphlib.TopologicalSorter(graph).prepare()
    except graphlib.CycleError as error:
        circle: list[str] = error.args[1]
        return circle
    return []


def _loaded(name: str, modules: Collection[str]) -> str | None:
    parts = name.split(".")
    starts = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((start for start in starts if start in modules), None)


def test_imports_make_no_circle() -> None:
    assert cycle(files()) == []


@pytest.mark.parametrize(
    "statement", ["import zohocrm_demo.one", "from . import one", "from zohocrm_demo import one"]
)
def test_a_circle_is_found(statement: str) -> None:
    one = SourceFile("zohocrm_demo/one.py", "from zohocrm_demo.two import name")
    two = SourceFile("zohocrm_demo/two.py", statement)

    assert set(cycle([one, two])) == {"zohocrm_demo.one", "zohocrm_demo.two"}
