"""Where the house's code is, what it imports, and what house.yaml allows."""

from __future__ import annotations

import ast
import dataclasses
import functools
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import yaml

ROOT = Path(__file__).parents[2]
HOUSE: Mapping[str, Any] = yaml.safe_load((Path(__file__).parent / "house.yaml").read_text("utf-8"))
ROOMS: Mapping[str, list[str]] = HOUSE["rooms"]
EXCEPTIONS: Mapping[str, Mapping[str, str]] = HOUSE["exceptions"]
LIMITS: Mapping[str, int] = HOUSE["limits"]


@dataclasses.dataclass(frozen=True)
class Import:
    """What one import names: a module, or a name in a module, dotted."""

    module: str
    line: int
    lazy: bool  # made while a function runs
    for_types: bool  # made by a type checker only


@dataclasses.dataclass(frozen=True)
class SourceFile:
    """A Python file: its path from the repository's root, and its text."""

    path: str
    text: str

    @functools.cached_property
    def tree(self) -> ast.Module:
        return ast.parse(self.text, self.path)

    @property
    def module(self) -> str:
        return self.path.removesuffix(".py").removesuffix("/__init__").replace("/", ".")

    @property
    def room(self) -> str | None:
        return room_of(self.module)

    @functools.cached_property
    def imports(self) -> tuple[Import, ...]:
        """Every module that the file imports, `from module import name` as `module.name`."""
        return tuple(self._imports(self.tree, lazy=False, for_types=False))

    def _imports(self, node: ast.AST, *, lazy: bool, for_types: bool) -> Iterator[Import]:
        for child in ast.iter_child_nodes(node):
            if isinstance(child, ast.Import):
                for alias in child.names:
                    yield Import(alias.name, child.lineno, lazy, for_types)
            elif isinstance(child, ast.ImportFrom):
                base = self._absolute(child)
                for alias in child.names:
                    yield Import(f"{base}.{alias.name}", child.lineno, lazy, for_types)
            else:
                yield from self._imports(
                    child,
                    lazy=lazy or isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef),
                    for_types=for_types or _is_for_types(child),
                )

    def _absolute(self, node: ast.ImportFrom) -> str:
        if not node.level:
            return node.module or ""
        package = self.module.split(".")
        if not self.path.endswith("/__init__.py"):
            package.pop()
        package = package[: len(package) - node.level + 1]
        return ".".join([*package, *([node.module] if node.module else [])])


def _is_for_types(node: ast.AST) -> bool:
    test = node.test if isinstance(node, ast.If) else None
    return isinstance(test, ast.Name | ast.Attribute) and ast.unparse(test).endswith(
        "TYPE_CHECKING"
    )


def room_of(module: str) -> str | None:
    """Return the room that a module is in; None if it is none of ours and not singer_sdk."""
    parts = module.split(".")
    starts = (".".join(parts[:length]) for length in range(len(parts), 0, -1))
    return next((start for start in starts if start in ROOMS or start == "singer_sdk"), None)


@functools.cache
def files(*folders: str) -> tuple[SourceFile, ...]:
    """Return the Python files of these folders of the repository, of all rooms by default."""
    roots = folders or tuple(sorted({room.split(".")[0] for room in ROOMS}))
    return tuple(file(path) for root in roots for path in sorted((ROOT / root).rglob("*.py")))


@functools.cache
def file(path: Path) -> SourceFile:
    """Return a file, once, so that it is parsed once."""
    return SourceFile(path.relative_to(ROOT).as_posix(), path.read_text("utf-8"))


def unexpected(found: Mapping[str, str], exceptions: str) -> list[str]:
    """Return a line for whatever was found and is not an exception, and for needless exceptions."""
    allowed = EXCEPTIONS[exceptions] or {}
    return [
        *(f"{place} {what}" for place, what in found.items() if place not in allowed),
        *(
            f"{place} needs no exception any more: remove it from {exceptions} in house.yaml"
            for place in allowed
            if place not in found
        ),
    ]
