"""The data files: YAML that has names where Zoho has ids, and one line a row.

A file of `data/lists` holds the rows of one of Zoho's lists, or an object, written out; or a
table:

    columns: [iso_code, name, rate]         what a line of `rows` holds, in order; a long one is a
                                            mapping instead
    defaults: {is_active: true}             what it may add in a mapping at its end
    sets: {place: {tokyo: {zone: ...}}}     what follows from the value of a column
    under: !module_id <module>              the key under which rows are gathered; none: a list
    row: {id: !id [3300001, 4], name: <name>, ...}
    rows: [[USD, US Dollar, "1.00"], [INR, Rupee, "83.12", {is_active: false}]]

`templates` says what `<name>`, `!id` and `+stamps` stand for.
"""

from __future__ import annotations

import functools
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from importlib.resources import files
from typing import TYPE_CHECKING, Any

import yaml

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

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
    """Rows alike, one line each; see the head of this file."""

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
    """The content of a file below `data`, to be read only.

    Raises:
        OSError: There is no such file.
        yaml.YAMLError: It isn't YAML.
    """
    return yaml.load((_DATA / path).read_bytes(), _Loader)  # noqa: S506 (a safe loader's child)
