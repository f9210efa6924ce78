"""Shapes: what a value looks like, once the alternatives of a specification are one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

SAFE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
# Conditions nest without end and compare with values of any type.
FREE_FORM = re.compile(r"(.*_)?criteria|cross_filters")
SCALARS = ("string", "integer", "number", "boolean")


@dataclass(frozen=True)
class Shape:
    """One value: a scalar, an object, an array, or JSON text.

    Attributes:
        kind: "object", "array", one of SCALARS, "json" (any value, written as JSON text),
            "null" (nothing is known), or "mixed" (its kinds are in `mixed`).
        format: "date-time", "date" or none.
        description: One line, or empty.
        source: Where this was learnt.
        properties: Those of an object, in order.
        items: What an array holds.
        mixed: The kinds which a mixed shape stands for.
    """

    kind: str
    format: str | None = None
    description: str = ""
    source: str = ""
    properties: dict[str, Shape] = field(default_factory=dict)
    items: Shape | None = None
    mixed: frozenset[str] = frozenset()


NOTHING = Shape("null")


def merge(first: Shape, second: Shape) -> Shape:
    """One shape that holds both, as alternatives or as two answers of the same edition.

    What both describe is described as the first does; what they disagree on becomes mixed.
    """
    described = replace(first, description=first.description or second.description)
    if second.kind in {"null", "json"}:
        return (
            replace(second, description=described.description)
            if first.kind == "null"
            else described
        )
    if first.kind in {"null", "json"}:
        return replace(second, description=described.description)
    if {first.kind, second.kind} == {"integer", "number"}:
        return replace(described, kind="number")
    if first.kind != second.kind:
        kinds = (first.mixed or {first.kind}) | (second.mixed or {second.kind})
        return replace(described, kind="mixed", mixed=frozenset(kinds))
    properties = dict(first.properties)
    for name, shape in second.properties.items():
        properties[name] = merge(properties[name], shape) if name in properties else shape
    return replace(
        described,
        format=first.format if first.format == second.format else None,
        properties=properties,
        items=_merge_items(first.items, second.items),
    )


def _merge_items(first: Shape | None, second: Shape | None) -> Shape | None:
    return (
        merge(first, second)
        if first is not None and second is not None
        else first
        if second is None
        else second
    )


def fill(row: Shape, older: Shape) -> Shape:
    """A row with what only an older edition knows: properties, and the inside of unknown ones."""
    properties = dict(row.properties)
    for name, shape in older.properties.items():
        known = properties.get(name)
        if known is None:
            properties[name] = shape
        elif is_unknown(known):
            text = known.description or shape.description
            properties[name] = replace(shape, description=text, source=known.source)
    return replace(row, kind="object", properties=properties)


def is_unknown(shape: Shape) -> bool:
    """Whether nothing is known of the inside of values of this shape."""
    if shape.kind == "array":
        return shape.items is None or shape.items.kind in {"json", "null"}
    return shape.kind in {"json", "null"} or (shape.kind == "object" and not shape.properties)


def walk(shape: Shape, path: str = "") -> Iterator[tuple[str, Shape]]:
    """Every shape below this one with its path (`a.b`, `a[].b`)."""
    for name, child in shape.properties.items():
        below = f"{path}.{name}" if path else name
        yield below, child
        yield from walk(child, below)
    if shape.items is not None:
        yield f"{path}[]", shape.items
        yield from walk(shape.items, f"{path}[]")


def prune(shape: Shape) -> Shape:
    """The shape without names that are no column names everywhere; conditions as JSON text."""
    return replace(
        shape,
        properties={
            name: replace(NOTHING, kind="json", description=child.description, source=child.source)
            if FREE_FORM.fullmatch(name)
            else prune(child)
            for name, child in shape.properties.items()
            if SAFE_NAME.fullmatch(name)
        },
        items=prune(shape.items) if shape.items is not None else None,
    )
