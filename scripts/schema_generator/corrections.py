"""Our corrections to what the OpenAPI files say, one YAML file a family of streams.

A type is written as `string`, `integer`, `number`, `boolean`, `date-time`, `date` or `json` (JSON
text), followed by a description if one is wanted; as a mapping (an object with these properties);
or as a list of one (an array). `{is: TYPE, description: ..., source: ...}` describes the others.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

import yaml

from schema_generator.shapes import SCALARS, Shape, walk

if TYPE_CHECKING:
    from pathlib import Path


class CorrectionError(Exception):
    """A correction does not fit what it corrects."""


@dataclass(frozen=True)
class Stream:
    """What the corrections say of one stream.

    Attributes:
        name: The stream's name.
        description: What a row is.
        page: Zoho's page, without host and `.html`.
        rows: The GETs whose rows make the schema: path and response key, best first.
        keys: The primary key's columns.
        parents: Columns which the tap adds, placed first: name to description.
        documented: Properties in the order of a page: the page's name to their names.
        source: Where the properties come from that only the corrections have.
        drop: Paths that are left out; `*.name` wherever it is.
        retype: Kinds, each with the paths that have it.
        properties: Types by path.
        descriptions: Descriptions by path, where ours is better.
        order: Properties that come first, after the parents.
    """

    name: str
    description: str
    page: str
    source: str = "Zoho's documentation"
    rows: tuple[tuple[str, str | None], ...] = ()
    keys: tuple[str, ...] = ("id",)
    parents: dict[str, str] = field(default_factory=dict)
    documented: dict[str, list[str]] = field(default_factory=dict)
    drop: tuple[str, ...] = ()
    retype: dict[str, list[str]] = field(default_factory=dict)
    properties: dict[str, Any] = field(default_factory=dict)
    descriptions: dict[str, str] = field(default_factory=dict)
    order: tuple[str, ...] = ("id",)

    def correct(self, shape: Shape) -> Shape:
        """Apply every correction to a row's shape.

        Raises:
            CorrectionError: A path leads nowhere: Zoho's files have changed.
        """
        changes: list[tuple[str, Shape | str | None]] = [
            (path, None) for path in self._dropped(shape)
        ]
        changes += [(path, parse_type(written)) for path, written in self.properties.items()]
        known = {path for path, _ in walk(shape)} | self.properties.keys()
        for path in (path for paths in self.retype.values() for path in paths):
            if path not in known:
                raise CorrectionError(f"there is no {path} to retype")
        changes += [
            (path, parse_type(kind)) for kind, paths in self.retype.items() for path in paths
        ]
        for path, change in changes:
            shape = _put(shape, path.split("."), change, self.source)
        for path, text in self.descriptions.items():
            shape = _put(shape, path.split("."), text, self.source)
        for source, names in self.documented.items():
            for name in names:
                if name not in shape.properties:
                    raise CorrectionError(
                        f"{self.name}: {source} documents {name}, nothing types it"
                    )
                shape = _put(shape, [name], replace(shape.properties[name], source=source), source)
        return replace(shape, properties=self._ordered(shape.properties))

    def _dropped(self, shape: Shape) -> list[str]:
        named = [path for path in self.drop if not path.startswith("*.")]
        anywhere = tuple(path[1:] for path in self.drop if path.startswith("*."))
        return named + [path for path, _ in walk(shape) if f".{path}".endswith(anywhere)]

    def _ordered(self, properties: dict[str, Shape]) -> dict[str, Shape]:
        documented = [name for names in self.documented.values() for name in names]
        first = [name for name in (*self.order, *documented) if name in properties]
        parents = {
            name: Shape("string", description=text, source="the tap")
            for name, text in self.parents.items()
        }
        rest = {name: properties[name] for name in (*first, *properties) if name not in parents}
        return {**parents, **rest}


def read_streams(folder: Path) -> list[Stream]:
    """Every stream of every file of the folder, by name."""
    streams = [
        Stream(name=name, **{key: _frozen(value) for key, value in written.items()})
        for file in sorted(folder.glob("*.yaml"))
        for name, written in yaml.safe_load(file.read_text(encoding="utf-8")).items()
    ]
    return sorted(streams, key=lambda stream: stream.name)


def _frozen(written: Any) -> Any:
    return tuple(written) if isinstance(written, list) else written


def parse_type(written: Any) -> Shape:
    """The shape that a written type stands for."""
    if isinstance(written, dict) and "is" in written:
        shape = parse_type(written["is"])
        return replace(
            shape,
            description=written.get("description", shape.description),
            source=written.get("source", ""),
        )
    if isinstance(written, dict):
        properties = {name: parse_type(child) for name, child in written.items()}
        return Shape("object", properties=properties)
    if isinstance(written, list) and len(written) == 1:
        return Shape("array", items=parse_type(written[0]))
    kind, _, description = str(written).partition(" ")
    if kind in {"date-time", "date"}:
        return Shape("string", kind, description=description)
    if kind in {*SCALARS, "json"}:
        return Shape(kind, description=description)
    raise CorrectionError(f"{written!r} is no type")


def problems(shape: Shape) -> list[str]:
    """What no correction has decided: mixed types, and names that differ only by case."""
    found = [
        f"{path} is {' or '.join(sorted(below.mixed))}"
        for path, below in walk(shape)
        if below.mixed
    ]
    for path, below in (("the row", shape), *walk(shape)):
        names = sorted(name.lower() for name in below.properties)
        found += [f"{path} has {name} twice" for name in {n for n in names if names.count(n) > 1}]
    return found


def _put(shape: Shape, path: list[str], new: Shape | str | None, source: str) -> Shape:
    """The shape with what is at the path replaced, added or, for None, left out."""
    match = re.fullmatch(r"([^\[\]]+)((?:\[\])*)", path[0])
    if match is None or shape.kind != "object":
        raise CorrectionError(f"nothing is at {'.'.join(path)}")
    name, depth = match[1], len(match[2]) // 2
    old = shape.properties.get(name)
    if depth or len(path) > 1:
        new = _put_below(old, depth, path[1:], new, source)
    elif new is None:
        if old is None:
            raise CorrectionError(f"there is no {name} to drop")
        return replace(shape, properties={k: v for k, v in shape.properties.items() if k != name})
    new = _described(new, old, source)
    return replace(shape, properties={**shape.properties, name: new})


def _put_below(
    old: Shape | None, depth: int, path: list[str], new: Shape | str | None, source: str
) -> Shape:
    if old is None:
        raise CorrectionError(f"nothing is above {'.'.join(path)}")
    if depth:
        return replace(old, items=_put_below(old.items, depth - 1, path, new, source))
    if path:
        return _put(old, path, new, source)
    if new is None:
        raise CorrectionError("an array keeps its items")
    return _described(new, old, source)


def _described(new: Shape | str | None, old: Shape | None, source: str) -> Shape:
    if isinstance(new, str):
        if old is None:
            raise CorrectionError(f"nothing is there to describe as {new!r}")
        return replace(old, description=new)
    if new is None:
        raise CorrectionError("nothing is left")
    return replace(
        new,
        description=new.description or (old.description if old else ""),
        source=new.source or (old.source if old else "") or source,
    )
