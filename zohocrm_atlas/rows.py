"""Values out of a stream's row, whatever a mapper or an earlier loader did to it.

Nested values may be JSON text: stream maps, flattening and columns of mixed types make them so.
A value of another type than expected counts as absent.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import msgspec

Row = Mapping[str, Any]


def _value(row: Any, path: str) -> Any:
    """The value at a dotted path, JSON text opened on the way; None where there is none."""
    if type(row) is dict and "." not in path:  # Most rows and paths: this runs a million times.
        return row.get(path)
    value = row
    for key in path.split("."):
        value = opened(value)
        if not isinstance(value, dict):
            return None
        value = value.get(key)
    return value


def opened(value: Any) -> Any:
    """The value, read as JSON where it is JSON text."""
    if isinstance(value, str) and value[:1] in {"{", "[", '"'}:
        try:
            return msgspec.json.decode(value)
        except msgspec.DecodeError:
            return value
    return value


def text(row: Any, *paths: str) -> str:
    """The first of these values that is there, as text; empty when none is."""
    for path in paths:
        value = _value(row, path)
        if isinstance(value, str):
            if value:
                return value
        elif isinstance(value, bool):
            return "yes" if value else "no"
        elif isinstance(value, (int, float)):
            return str(value)
    return ""


def flag(row: Any, *paths: str) -> bool:
    """Whether one of these values is true."""
    return any(_value(row, path) in (True, "true") for path in paths)


def known_flag(row: Any, path: str) -> bool | None:
    """True, false, or None where the row does not say."""
    value = _value(row, path)
    return value if isinstance(value, bool) else None


def number(row: Any, path: str) -> int | None:
    """A whole number, from digits as well."""
    value = _value(row, path)
    if isinstance(value, bool):
        return None
    if isinstance(value, int):
        return value
    return int(value) if isinstance(value, str) and value.lstrip("-").isdecimal() else None


def items(row: Any, path: str) -> Sequence[Any]:
    """The elements of a list; none where there is no list."""
    value = opened(_value(row, path))
    return value if isinstance(value, list) else ()


def mapping(row: Any, path: str) -> Row:
    """An object; an empty one where there is none."""
    value = opened(_value(row, path))
    return value if isinstance(value, dict) else {}


def names(row: Any, path: str, *keys: str) -> tuple[str, ...]:
    """The names in a list of references (or of texts), in the list's order."""
    keys = keys or ("name", "api_name", "display_label", "id")
    found = (
        text(element, *keys) if isinstance(element, dict) else str(element)
        for element in items(row, path)
    )
    return tuple(name for name in found if name)


def texts(row: Any, path: str) -> list[str]:
    """All texts at a path such as `conditions[].actions[].name`, each once, in their order."""
    head, many, rest = path.partition("[].")
    if not many:
        listed = items(row, path)
        found = [str(element) for element in listed if isinstance(element, (str, int, float))]
        return found or [text(row, path)] * bool(text(row, path))
    return list(dict.fromkeys(leaf for child in items(row, head) for leaf in texts(child, rest)))


def values(row: Any, path: str) -> list[Any]:
    """All values at such a path, as they are."""
    head, many, rest = path.partition("[].")
    if not many:
        found = _value(row, path)
        return [] if found is None else [found]
    return [leaf for child in items(row, head) for leaf in values(child, rest)]


def references(row: Any, path: str) -> list[tuple[str, str]]:
    """The names at a path that ends in one, each with the id beside it."""
    head, dot, name = path.rpartition(".")
    if not dot:
        return []
    place = head.removesuffix("[]")
    lists = items(row, place) if head.endswith("[]") and "[]." not in head else values(row, place)
    flat = [each for found in lists for each in (found if isinstance(found, list) else [found])]
    found = [(text(each, name), text(each, "id")) for each in flat if isinstance(each, dict)]
    return list(dict.fromkeys((words, id_) for words, id_ in found if words))
