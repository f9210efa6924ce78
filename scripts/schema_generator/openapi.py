"""Reads a folder of Zoho's OpenAPI files: what the rows of a GET look like."""

from __future__ import annotations

import json
import re
from functools import reduce
from typing import TYPE_CHECKING, Any

from referencing import Registry
from referencing.jsonschema import DRAFT202012

from schema_generator.shapes import NOTHING, SCALARS, Shape, merge

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from referencing import Resource
    from referencing._core import Resolver

MAX_DESCRIPTION = 160
# Descriptions that only repeat the name, and remarks on requests.
EMPTY_TALK = re.compile(
    r"Field: .*|Nested schema for .*|The `\w+` property|Item details|_Details Schema|Schema for .*"
    r"|Resource details|User-details object|Time Object|Module [Ii]nformation|I[dD] of the resource"
    r"|API name of the resource|The same again|Unique (user )?i(d|dentifier)( \(64-bit.*\))?"
    r"|If .* it will return the info.*"
    r"|\w+( \w+)? (field|object)|Fieldmappingforread field",
)
REQUEST_TALK = re.compile(r"\s*\((Required|Unique|optional)[^)]*\)", re.IGNORECASE)


class OpenApiFolder:
    """The GET operations of one edition of Zoho's OpenAPI files."""

    def __init__(self, folder: Path, label: str) -> None:
        """Index the folder.

        Args:
            folder: Holds the JSON files; references between them go by file name.
            label: Names the edition in the schemas' descriptions.
        """
        self.label = label
        self._files: dict[str, dict[str, Any]] = {
            file.name: json.loads(file.read_text(encoding="utf-8"))
            for file in sorted(folder.glob("*.json"))
        }
        self._registry: Registry[Any] = Registry(retrieve=self._retrieve)  # type: ignore[call-arg]
        self._operations = {
            _plain_path(path): (name, item["get"])
            for name, content in self._files.items()
            for path, item in content.get("paths", {}).items()
            if "get" in item
        }

    def rows(self, path: str, key: str | None) -> Shape:
        """The shape of one row that a GET answers.

        Args:
            path: The path below the API's version, with `{}` for parameters.
            key: The response's key for the rows; none: the answer is the row.

        Returns:
            The shape; NOTHING where this edition does not describe it.
        """
        name, operation = self._operations.get(_plain_path(path), ("", {}))
        shape = NOTHING
        resolver = self._registry.resolver(base_uri=name)
        for schema in _answers(operation, resolver):
            shape = merge(shape, self._shape(schema, resolver, ()))
        if key is not None:
            shape = shape.properties.get(key, NOTHING)
        return shape.items or NOTHING if shape.kind == "array" else shape

    def _retrieve(self, uri: str) -> Resource[Any]:
        return DRAFT202012.create_resource(self._files[uri.rsplit("/", 1)[-1]])

    def _shape(self, schema: Any, resolver: Resolver[Any], seen: tuple[str, ...]) -> Shape:
        if not isinstance(schema, dict):
            return Shape("json")
        if "$ref" in schema:
            if schema["$ref"] in seen:
                return Shape("json", description="The same again.", source=self.label)
            found = resolver.lookup(schema["$ref"])
            shape = self._shape(found.contents, found.resolver, (*seen, schema["$ref"]))
        else:
            shape = self._own_shape(schema, resolver, seen)
        branches = [
            self._shape(branch, resolver, seen)
            for word in ("allOf", "oneOf", "anyOf")
            for branch in schema.get(word, ())
        ]
        shape = reduce(merge, branches, shape)
        description = one_line(str(schema.get("description") or ""))
        return Shape(
            shape.kind,
            shape.format,
            description or shape.description,
            self.label,
            shape.properties,
            shape.items,
            shape.mixed,
        )

    def _own_shape(
        self, schema: dict[str, Any], resolver: Resolver[Any], seen: tuple[str, ...]
    ) -> Shape:
        shapes = []
        for kind in _kinds(schema):
            if kind == "object":
                properties = {
                    _true_name(name): self._shape(child, resolver, seen)
                    for name, child in schema.get("properties", {}).items()
                }
                shapes.append(Shape("object", properties=properties))
            elif kind == "array":
                items = self._shape(schema.get("items", {}), resolver, seen)
                shapes.append(Shape("array", items=items))
            else:
                instant = (
                    schema.get("format") if schema.get("format") in {"date-time", "date"} else None
                )
                shapes.append(Shape(kind, instant))
        return reduce(merge, shapes, NOTHING)


def one_line(text: str) -> str:
    """The first sentence of a description, at most MAX_DESCRIPTION characters long."""
    text = re.sub(r"<[^>]*>", " ", text)
    text = REQUEST_TALK.sub("", " ".join(text.split())).replace("Wether", "Whether")
    sentence = re.split(r"(?<=[^.][.;])\s+(?=[A-Z])", text, maxsplit=1)[0]
    sentence = re.sub(r"\s*\((?:e\.g\.|for example|such as)[^)]*\)", "", sentence).rstrip(" .;:,")
    if len(sentence) > MAX_DESCRIPTION:
        sentence = re.split(r"; | \(|, (?:e\.g|such as|including|for example)", sentence)[0]
    if len(sentence) > MAX_DESCRIPTION:
        sentence = sentence[:MAX_DESCRIPTION].rsplit(" ", 1)[0].rstrip(" .;:,") + " …"
    if EMPTY_TALK.fullmatch(sentence):
        return ""
    sentence = sentence[:1].upper() + sentence[1:]
    return f"{sentence}." if sentence and not sentence.endswith("…") else sentence


def _plain_path(path: str) -> str:
    """A path to look up by: no version, no parameter names, one case."""
    path = re.sub(r"^/crm/(bulk/)?v[\d.]+", "", path)
    return re.sub(r"{[^}]*}", "{}", path).lower()


def _true_name(name: str) -> str:
    """The name in the API of what a replacement in the 2025 files turned into `common.`."""
    return re.sub(r"^common\.", "global_", name)


def _answers(operation: dict[str, Any], resolver: Resolver[Any]) -> Iterable[Any]:
    for status, response in operation.get("responses", {}).items():
        reference = response.get("$ref")
        answer = resolver.lookup(reference).contents if reference else response
        if status.startswith("2"):
            for media_type, content in answer.get("content", {}).items():
                if "json" in media_type and "schema" in content:
                    yield content["schema"]


def _kinds(schema: dict[str, Any]) -> list[str]:
    kinds = schema.get("type") or []
    kinds = [kinds] if isinstance(kinds, str) else list(kinds)
    if not kinds and "properties" in schema:
        kinds = ["object"]
    if not kinds and "items" in schema:
        kinds = ["array"]
    if not kinds and schema.get("enum"):
        kinds = sorted({_kind_of(value) for value in schema["enum"]})
    if not kinds and not {"$ref", "allOf", "oneOf", "anyOf"} & schema.keys():
        return ["json"]
    return [kind for kind in kinds if kind in {*SCALARS, "object", "array"}]


def _kind_of(value: object) -> str:
    if isinstance(value, bool):
        return "boolean"
    if isinstance(value, int):
        return "integer"
    return {str: "string", float: "number", list: "array", dict: "object"}.get(type(value), "null")
