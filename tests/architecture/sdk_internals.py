"""What singer_sdk marks as private by an underscore, and who touches it."""

from __future__ import annotations

import ast
import functools
from collections.abc import Iterator
from pathlib import Path

import singer_sdk

from architecture.house import SourceFile

_SELF = {"self", "cls", "super()"}


def touched(source: SourceFile, singer_classes: frozenset[str]) -> list[str]:
    """Return what the file touches, as `name (line)`.

    Args:
        source: The file.
        singer_classes: Its classes that extend one of singer_sdk's: only in these are
            `self._name` and a method `_name` the SDK's.
    """
    return [
        *(
            f"{imported.module} ({imported.line})"
            for imported in source.imports
            if imported.module.startswith("singer_sdk.") and "._" in imported.module
        ),
        *(f"{name} ({line})" for name, line in _names(source.tree, singer_classes, inside=False)),
    ]


def _names(
    node: ast.AST, singer_classes: frozenset[str], *, inside: bool
) -> Iterator[tuple[str, int]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.ClassDef):
            yield from _names(child, singer_classes, inside=child.name in singer_classes)
            continue
        if isinstance(child, ast.Attribute) and child.attr in private_names():
            if inside or ast.unparse(child.value) not in _SELF:
                yield child.attr, child.lineno
        elif isinstance(child, ast.FunctionDef) and inside and child.name in private_names():
            yield child.name, child.lineno
        yield from _names(child, singer_classes, inside=inside)


@functools.cache
def private_names() -> frozenset[str]:
    """Return the names with a leading underscore that the SDK's classes define."""
    trees = (
        ast.parse(path.read_text("utf-8"))
        for path in Path(singer_sdk.__file__).parent.rglob("*.py")
    )
    return frozenset(
        name
        for tree in trees
        for definition in ast.walk(tree)
        if isinstance(definition, ast.ClassDef)
        for name in _defined(definition)
        if name.startswith("_") and not name.startswith("__")
    )


def _defined(definition: ast.ClassDef) -> Iterator[str]:
    for node in ast.walk(definition):
        if isinstance(node, ast.FunctionDef):
            yield node.name
        elif isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Store):
            yield node.attr
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            yield node.id
