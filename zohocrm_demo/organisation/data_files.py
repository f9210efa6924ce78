"""The data files: YAML with names for ids, tables and templates; `data/README.md` explains them."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from importlib.resources import files
from typing import Any, TypeAlias

import yaml

try:
    from yaml import CSafeLoader as _BaseLoader
except ImportError:  # PyYAML built without libyaml: slower, otherwise the same
    from yaml import SafeLoader as _BaseLoader  # type: ignore[assignment]

_DATA = files("zohocrm_demo") / "data"


@dataclass(frozen=True, slots=True)
class Tag:
    """`!kind value`: a reference or an id takes its place."""

    kind: str
    value: Any


@dataclass(frozen=True, slots=True, kw_only=True)
class Table:
    """Rows alike, one line each; see `data/README.md`."""

    row: Any
    rows: Sequence[Sequence[Any] | Mapping[str, Any]]
    columns: Sequence[str] = ()
    defaults: Mapping[str, Any] = field(default_factory=dict)
    sets: Mapping[str, Mapping[str, Mapping[str, Any]]] = field(default_factory=dict)
    under: Any = None

    def variables(self) -> Iterator[dict[str, Any]]:
        """What the placeholders of each row stand for; `index` counts the rows from 0."""
        for index, cells in enumerate(self.rows):
            values = {**self.defaults, **self._named(cells), "index": index}
            for column, choices in self.sets.items():
                values = {**choices[values[column]], **values}
            yield values

    def _named(self, cells: Sequence[Any] | Mapping[str, Any]) -> dict[str, Any]:
        if isinstance(cells, Mapping):
            return dict(cells)
        named = dict(zip(self.columns, cells, strict=False))
        return {**named, **cells[-1]} if len(cells) > len(self.columns) else named


class _Loader(_BaseLoader):
    """YAML with JSON's scalars: `NO` is a country, `12:30` and a date-time are texts."""


_Loader.yaml_implicit_resolvers = {}
for _kind, _pattern, _first in (
    ("null", r"null|~|", ["n", "~", ""]),
    ("bool", r"true|false", ["t", "f"]),
    ("int", r"-?(?:0|[1-9]\d*)", list("-0123456789")),
    ("float", r"-?\d+\.\d+", list("-0123456789")),
    ("merge", r"<<", ["<"]),
):
    _Loader.add_implicit_resolver(
        f"tag:yaml.org,2002:{_kind}", re.compile(rf"(?:{_pattern})\Z"), _first
    )


def _tag(loader: Any, kind: str, node: yaml.Node) -> Tag:
    if isinstance(node, yaml.SequenceNode):
        return Tag(kind, loader.construct_sequence(node, deep=True))
    text = loader.construct_scalar(node)
    return Tag(kind, int(text) if text.isdecimal() else text)


_Loader.add_multi_constructor("!", _tag)


def list_names() -> list[str]:
    """The names of the lists and objects that `data/lists` has."""
    return sorted(file.name.removesuffix(".yaml") for file in (_DATA / "lists").iterdir())


def read_list(name: str) -> Any:
    """The content of a file of `data/lists`: a `Table`, or values with tags in them."""
    content = read_file(f"lists/{name}.yaml")
    return Table(**content) if isinstance(content, dict) and "rows" in content else content


@functools.cache
def read_file(path: str) -> Any:
    """The content of a file below `data`, to be read only."""
    return yaml.load((_DATA / path).read_bytes(), _Loader)  # noqa: S506 (a safe loader's child)


Values: TypeAlias = Mapping[str, Any]
Resolver: TypeAlias = Callable[[str, Any, Values], Any]
Filler: TypeAlias = Callable[[Values, Resolver], Any]

_PLACEHOLDER = re.compile(r"<(\w+)>")


def filler(template: Any) -> Filler:
    """A function that copies a template, with the placeholders' values and what tags resolve to."""
    return compiled(template) or (lambda _values, _resolve: template)


def compiled(template: Any) -> Filler | None:
    """The same; None for a template that is complete and can't be changed, such as a number."""
    if isinstance(template, str):
        return _text(template) if _PLACEHOLDER.search(template) else None
    if isinstance(template, dict):
        spliced = any(key.startswith("+") for key in template)
        return _spliced(template) if spliced else _copied(template, template.items())
    if isinstance(template, list):
        return _copied(template, enumerate(template))
    return _tagged(template) if isinstance(template, Tag) else None


def _copied(template: Any, items: Iterable[tuple[Any, Any]]) -> Filler:
    parts = [(place, part) for place, value in items if (part := compiled(value))]

    def fill(values: Values, resolve: Resolver) -> Any:
        made = template.copy()
        for place, part in parts:
            made[place] = part(values, resolve)
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


def _tagged(template: Tag) -> Filler:
    kind, value = template.kind, filler(template.value)
    return lambda values, resolve: resolve(kind, value(values, resolve), values)


def _text(template: str) -> Filler:
    def value_of(name: str, otherwise: str) -> Filler:
        # Asked for 80,000 times while the sample is made: no call more than it takes.
        def fill(values: Values, resolve: Resolver) -> Any:
            value = values.get(name, otherwise)
            return value(values, resolve) if callable(value) else value

        return fill

    whole = _PLACEHOLDER.fullmatch(template)
    if whole is not None:
        return value_of(whole[1], template)
    return lambda values, resolve: _PLACEHOLDER.sub(
        lambda match: str(value_of(match[1], match[0])(values, resolve)), template
    )
