"""Templates: values with placeholders and tags in them, compiled into functions that fill them in.

`<name>` alone becomes the value of that name, of whatever type; within a text it becomes part of
the text. `!kind value` becomes what the resolver makes of it; so does a key `+kind`, whose place
in the mapping the keys of the result take.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import Any, TypeAlias

from zohocrm_demo.organisation.data_files import Tag

Values: TypeAlias = Mapping[str, Any]
Resolver: TypeAlias = Callable[[str, Any, Values], Any]
Filler: TypeAlias = Callable[[Values, Resolver], Any]

_PLACEHOLDER = re.compile(r"<(\w+)>")


def filler(template: Any) -> Filler:
    """A function that makes a copy of a template, complete.

    It takes the values of the placeholders by name, a value that is a `Filler` being filled in
    with the others, and the resolver of tags: of their kind, their value and the values.
    """
    return compiled(template) or (lambda _values, _resolve: template)


def compiled(template: Any) -> Filler | None:
    """The same; None for a template that is complete and can't be changed, such as a number."""
    if isinstance(template, str):
        return _text(template) if _PLACEHOLDER.search(template) else None
    if isinstance(template, dict):
        spliced = any(key.startswith("+") for key in template)
        return _spliced(template) if spliced else _mapping(template)
    if isinstance(template, list):
        return _list(template)
    return _tag(template) if isinstance(template, Tag) else None


def _mapping(template: dict[str, Any]) -> Filler:
    parts = [(key, part) for key, value in template.items() if (part := compiled(value))]

    def fill(values: Values, resolve: Resolver) -> dict[str, Any]:
        made = template.copy()
        for key, part in parts:
            made[key] = part(values, resolve)
        return made

    return fill


def _spliced(template: dict[str, Any]) -> Filler:
    parts = [(key, filler(value)) for key, value in template.items()]

    def fill(values: Values, resolve: Resolver) -> dict[str, Any]:
        made: dict[str, Any] = {}
        for key, part in parts:
            value = part(values, resolve)
            if key.startswith("+"):
                made.update(resolve(key[1:], value, values))
            else:
                made[key] = value
        return made

    return fill


def _list(template: list[Any]) -> Filler:
    parts = [(place, part) for place, value in enumerate(template) if (part := compiled(value))]

    def fill(values: Values, resolve: Resolver) -> list[Any]:
        made = template.copy()
        for place, part in parts:
            made[place] = part(values, resolve)
        return made

    return fill


def _tag(template: Tag) -> Filler:
    kind, value = template.kind, filler(template.value)
    return lambda values, resolve: resolve(kind, value(values, resolve), values)


def _text(template: str) -> Filler:
    def value_of(name: str, otherwise: str, values: Values, resolve: Resolver) -> Any:
        value = values.get(name, otherwise)
        return value(values, resolve) if callable(value) else value

    whole = _PLACEHOLDER.fullmatch(template)
    if whole is not None:
        name = whole[1]
        return lambda values, resolve: value_of(name, template, values, resolve)
    return lambda values, resolve: _PLACEHOLDER.sub(
        lambda match: str(value_of(match[1], match[0], values, resolve)), template
    )
