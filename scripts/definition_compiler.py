# ruff: noqa: INP001 - a script's helper
"""Compiles the definitions: YAML that people write into endpoints and JSON Schemas.

A column is written as `name: TYPE | What it holds.`, or, if it is an object with columns of its
own, as `name: {is: TYPE | What it holds., has: {...}}`; `columns: STREAM` has those of another
definition. A type is one of `TYPES`, `object`, or a
shape of `shapes.yaml`; `[]` after it makes a list of it, and `(a, b)` names its possible values.
"""

from __future__ import annotations

import dataclasses
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

import msgspec
import yaml
from generated import ROOT

from tap_zohocrm_modules.definitions import CHILDREN, EXPORTS
from tap_zohocrm_modules.definitions.child_kind import ChildKind
from tap_zohocrm_modules.definitions.endpoint import CompletedBy, DetailCall, Endpoint, ForEach
from tap_zohocrm_modules.definitions.export import Export

FOLDER = ROOT / "tap_zohocrm_modules" / "definitions"
SHAPES = "shapes.yaml"
TYPES = ("string", "integer", "number", "boolean", "date-time", "date", "json")
MAX_NESTING = 4

_COLUMN = re.compile(
    r"(?P<type>[a-z_-]+)(?P<list>\[\])?(?: \((?P<values>.+?)\))? \| (?P<about>.+\.)"
)
_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
_OWN_KEYS = {"about", "columns"}
_SAID = {"json": "JSON text.", "date-time": "Date-time in UTC."}
_ADDITIONAL_PROPERTIES = {
    "type": ["object", "null"],
    "description": "Values that Zoho sent and no other column holds, by key; null if none.",
}

Definition = Mapping[str, Any]


class DefinitionError(Exception):
    """A definition is not written as the format wants it; the text names file and key."""


def compile_folder(folder: Path = FOLDER) -> str:
    """Return the text of `compiled.json` for a folder of definitions.

    Raises:
        DefinitionError: a file has a key, type or value that the format does not know.
    """
    files = sorted(file for file in folder.glob("*.yaml") if file.name != SHAPES)
    shapes = _read(folder / SHAPES)
    return _lines((file, _compile(file, shapes)) for file in files)


def compile_children(folder: Path = FOLDER / CHILDREN) -> str:
    """Return the text of `compiled.json` for a folder of kinds of children.

    Raises:
        DefinitionError: a file has a key, type or value that the format does not know.
    """
    shapes = _read(FOLDER / SHAPES)
    return _lines((file, _child(file, shapes)) for file in sorted(folder.glob("*.yaml")))


def compile_exports(folder: Path = FOLDER / EXPORTS) -> str:
    """Return the text of `compiled.json` for a folder of exported logs.

    Raises:
        DefinitionError: a file has a key, type or value that the format does not know.
    """
    shapes = _read(FOLDER / SHAPES)
    return _lines((file, _export(file, shapes)) for file in sorted(folder.glob("*.yaml")))


def _lines(compiled: Iterable[tuple[Path, Definition]]) -> str:
    lines = [
        f"{json.dumps(file.stem)}: {json.dumps(definition, ensure_ascii=False)}"
        for file, definition in compiled
    ]
    return "{\n" + ",\n".join(lines) + "\n}\n"


def _export(file: Path, shapes: Definition) -> dict[str, Any]:
    definition = _read(file)
    head = {key: value for key, value in definition.items() if key not in _OWN_KEYS}
    try:
        _known("the definition", head, Export)
        export = msgspec.convert({"name": file.stem, **head}, Export)
        schema = _schema(definition, export, shapes, file)
    except (DefinitionError, KeyError, msgspec.ValidationError) as error:
        raise DefinitionError(f"{EXPORTS}/{file.name}: {error}") from error
    if missing := sorted({*export.keys} - schema["properties"].keys()):
        raise DefinitionError(f"{EXPORTS}/{file.name}: columns lack {', '.join(missing)}")
    return {"export": {"name": file.stem, **head}, "schema": schema}


def _child(file: Path, shapes: Definition) -> dict[str, Any]:
    definition = _read(file)
    head = {key: value for key, value in definition.items() if key not in _OWN_KEYS}
    try:
        _known("the definition", head, ChildKind)
        head["own"] = {
            entry: {name: _column(name, written, shapes) for name, written in columns.items()}
            for entry, columns in head.get("own", {}).items()
        }
        kind = msgspec.convert({"name": file.stem, **head}, ChildKind)
        schema = _schema(definition, kind, shapes, file)
    except (DefinitionError, KeyError, msgspec.ValidationError) as error:
        raise DefinitionError(f"{CHILDREN}/{file.name}: {error}") from error
    named = [
        *kind.keys,
        *kind.fill,
        *kind.constants,
        *filter(None, (kind.newest_first, kind.latest)),
    ]
    if missing := sorted({name for name in named if name not in schema["properties"]}):
        raise DefinitionError(f"{CHILDREN}/{file.name}: columns lack {', '.join(missing)}")
    return {"kind": {"name": file.stem, **head}, "schema": schema}


def _schema(
    definition: Definition, call: Endpoint | ChildKind | Export, shapes: Definition, file: Path
) -> dict[str, Any]:
    properties = {
        name: _column(name, written, shapes, required=name in call.keys)
        for name, written in _columns(file, definition).items()
    }
    return {
        "type": "object",
        "description": f"{definition['about']} {call.source}",
        "properties": {**properties, "additional_properties": _ADDITIONAL_PROPERTIES},
        "required": list(call.keys),
    }


def _read(file: Path) -> dict[str, Any]:
    content = yaml.load(file.read_text("utf-8"), Loader=yaml.CSafeLoader)
    if not isinstance(content, dict):
        raise DefinitionError(f"{file.name}: holds no mapping")
    return content


def _compile(file: Path, shapes: Definition) -> dict[str, Any]:
    definition = _read(file)
    head = {key: value for key, value in definition.items() if key not in _OWN_KEYS}
    try:
        endpoint = _endpoint(file.stem, head)
        schema = _schema(definition, endpoint, shapes, file)
        columns = {k: v for k, v in schema["properties"].items() if k != "additional_properties"}
        _check(endpoint, columns)
    except (DefinitionError, KeyError, msgspec.ValidationError) as error:
        raise DefinitionError(f"{file.name}: {error}") from error
    return {"endpoint": {"name": file.stem, **head}, "schema": schema}


def _columns(file: Path, definition: Definition) -> Definition:
    """Return the columns, which another definition may have that is named in their place."""
    columns: Definition | str = definition["columns"]
    return _columns(file, _read(file.with_stem(columns))) if isinstance(columns, str) else columns


def _endpoint(name: str, head: Definition) -> Endpoint:
    _known("the definition", head, Endpoint)
    _known("for_each", head.get("for_each") or {}, ForEach)
    _known("detail", head.get("detail") or {}, DetailCall)
    _known("completed_by", head.get("completed_by") or {}, CompletedBy)
    return msgspec.convert({"name": name, **head}, Endpoint)


def _known(where: str, written: Definition, kind: type) -> None:
    fields = {field.name for field in dataclasses.fields(kind)} - {"name"}
    if unknown := sorted(written.keys() - fields):
        raise DefinitionError(f"{where} has an unknown key: {', '.join(unknown)}")


def _check(endpoint: Endpoint, columns: Definition) -> None:
    taken = endpoint.for_each.columns if endpoint.for_each else {}
    named = [*endpoint.keys, *taken, *endpoint.fill, *endpoint.defaults, *endpoint.objects]
    named += [endpoint.modified] if endpoint.modified else []
    if missing := sorted({name for name in named if name not in columns}):
        raise DefinitionError(f"columns lack {', '.join(missing)}")
    if (depth := _depth(columns.values())) > MAX_NESTING:
        raise DefinitionError(f"columns nest {depth} deep; at most {MAX_NESTING} are allowed")
    grounded = [path for paths in endpoint.rests_on.values() for path in paths]
    if missing := sorted(set(grounded) - {*_paths(columns)}):
        raise DefinitionError(f"rests_on names what columns lack: {', '.join(missing)}")
    if twice := sorted({path for path in grounded if grounded.count(path) > 1}):
        raise DefinitionError(f"rests_on has two grounds for {', '.join(twice)}")


def _paths(columns: Definition, above: str = "") -> Iterator[str]:
    """Yield the names of columns, nested ones with dots."""
    for name, column in columns.items():
        yield above + name
        yield from _paths(column.get("items", column).get("properties", {}), f"{above}{name}.")


def _depth(columns: Iterable[Definition]) -> int:
    inner = (column.get("items", column).get("properties", {}).values() for column in columns)
    return max((1 + _depth(below) for below in inner), default=0)


def _column(
    path: str, written: Any, shapes: Definition, *, required: bool = False, nested: bool = False
) -> dict[str, Any]:
    """Return the JSON Schema of a column; `path` names it in errors."""
    if not _NAME.fullmatch(path.rpartition(".")[2]):
        raise DefinitionError(f"{path} is not a column name for every destination")
    inside = None
    if isinstance(written, dict):
        if written.keys() != {"is", "has"}:
            raise DefinitionError(f"{path} needs the keys is and has, and no others")
        written, inside = written["is"], written["has"]
    match = _COLUMN.fullmatch(str(written))
    if match is None:
        raise DefinitionError(f"{path} is not written as TYPE | What it holds, with a full stop")
    name = match["type"]
    if name in shapes:
        inside, name = shapes[name], "object"
    if (inside is None) == (name == "object") or name not in {*TYPES, "object"}:
        raise DefinitionError(f"{path} has the unknown type {name}")
    about = match["about"]
    if match["values"]:
        about = f"{about} One of: {match['values']}."
    inner = _scalar(name, nested=nested and not match["list"])
    if inside is not None:
        in_list = bool(match["list"])
        inner["properties"] = {
            key: _column(f"{path}.{key}", below, shapes, nested=not in_list)
            for key, below in inside.items()
        }
    about = f"{about} {_SAID[name]}" if name in _SAID else about
    outer = {"type": "array", "items": inner} if match["list"] else inner
    kind = outer.pop("type")
    return {"type": kind if required else [kind, "null"], **_described(outer, about)}


def _scalar(name: str, *, nested: bool) -> dict[str, Any]:
    """Return the schema of one value.

    A date-time in an object that may be null has `contentMediaType` in place of `format`:
    singer-tools' checker, which many use, breaks on a null object with a property that has it.
    """
    if name == "json":
        return {"type": "string", "contentMediaType": "application/json"}
    if name == "date-time" and nested:
        return {"type": "string", "contentMediaType": "text/x-date-time"}
    if name in {"date-time", "date"}:
        return {"type": "string", "format": name}
    return {"type": name}


def _described(schema: dict[str, Any], about: str) -> dict[str, Any]:
    first: dict[str, Any] = {
        key: schema.pop(key) for key in ("format", "contentMediaType") if key in schema
    }
    return {**first, "description": about, **schema}
