# ruff: noqa: INP001 - a script
"""Compares our definitions with one edition of Zoho's OpenAPI files, which is a folder of JSON.

Usage: python scripts/compare_with_openapi.py FOLDER [--properties]

It reports types that differ from ours unless `openapi_differences.yaml` has the reason, and
descriptions that are equal or nearly equal to Zoho's, and ends with 1 if there are any. With
`--properties` it also lists what only Zoho or only we have.
https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

import argparse
import difflib
import fnmatch
import functools
import json
import re
import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

import yaml

from tap_zohocrm_modules.definitions import definitions, load_schema
from tap_zohocrm_modules.definitions.endpoint import Endpoint

DECIDED: Mapping[str, str] = yaml.safe_load(
    Path(__file__).with_name("openapi_differences.yaml").read_text("utf-8")
)
VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NEARLY = 0.85
_SHORTEST = 12


class Found(NamedTuple):
    """One property of Zoho's or ours: where it is, what kinds it has, how it is described."""

    path: str
    kinds: frozenset[str]
    text: str


class Edition:
    """The operations of a folder of OpenAPI files, which refer to each other by name."""

    def __init__(self, folder: Path) -> None:
        self._files = {
            file.name: json.loads(file.read_text("utf-8")) for file in folder.glob("*.json")
        }
        # By their verbs: by the path, what is described and the file that describes it.
        self.operations: dict[str, dict[str, tuple[dict[str, Any], str]]] = {
            verb: {
                plain(path): (item[verb.lower()], name)
                for name, content in self._files.items()
                for path, item in content.get("paths", {}).items()
                if verb.lower() in item
            }
            for verb in VERBS
        }
        self.gets = self.operations["GET"]

    def row(self, path: str, rows: str) -> list[Found]:
        """Return the properties of a row that a GET answers with; none if it is not described."""
        operation, file = self.gets.get(plain(path), ({}, ""))
        found: list[Found] = []
        for status, answer in operation.get("responses", {}).items():
            response, where = self._resolved(answer, file)
            for content in response.get("content", {}).values() if status[0] == "2" else ():
                found += self._walk(content.get("schema", {}), where, "", ())
        row = re.compile(rf"{rows}(\[\])?\." if rows else "")
        return [
            one._replace(path=one.path[match.end() :])
            for one in found
            if (match := row.match(one.path))
        ]

    def parameters(self, path: str) -> list[str]:
        """Return the names of a GET's query parameters; none if it is not described."""
        operation, file = self.gets.get(plain(path), ({}, ""))
        return [
            str(one["name"])
            for one in map(
                functools.partial(self._parameter, file), operation.get("parameters", ())
            )
            if one.get("in") == "query"
        ]

    def _parameter(self, file: str, written: Any) -> Mapping[str, Any]:
        try:
            found: Mapping[str, Any] = self._resolved(written, file)[0]
        except KeyError:
            # Some of the files refer to what none of them has.
            return {}
        return found

    def texts(self) -> Iterator[tuple[str, str]]:
        """Yield every description of the folder, with the name of what it describes."""
        for content in self._files.values():
            yield from _texts(content, "")

    def _resolved(self, schema: Any, file: str) -> tuple[Any, str]:
        schema = schema if isinstance(schema, dict) else {}
        while "$ref" in schema:
            target, _, pointer = schema["$ref"].partition("#/")
            file = target.rsplit("/", 1)[-1] or file
            schema = self._files[file]
            for step in pointer.split("/"):
                schema = schema[step.replace("~1", "/").replace("~0", "~")]
        return schema, file

    def _walk(self, schema: Any, file: str, path: str, above: tuple[int, ...]) -> Iterator[Found]:
        schema, file = self._resolved(schema, file)
        if id(schema) in above:
            return
        above = (*above, id(schema))
        if path:
            yield Found(path, frozenset(_kinds(schema)), schema.get("description") or "")
        for word in ("allOf", "oneOf", "anyOf"):
            for branch in schema.get(word, ()):
                yield from self._walk(branch, file, path, above)
        if isinstance(schema.get("items"), dict):
            yield from self._walk(schema["items"], file, f"{path}[]", above)
        for name, child in (schema.get("properties") or {}).items():
            # In the edition of 2025 a replacement turned `global_` into `common.`.
            true_name = re.sub(r"^common\.", "global_", name)
            yield from self._walk(child, file, f"{path}.{true_name}".lstrip("."), above)


def plain(path: str) -> str:
    """Return a path below the API's version, in lower case, with `{}` for each variable."""
    path = re.sub(r"^/crm/(bulk/)?v[\d.]+", "", path)
    return re.sub(r"{[^}]*}", "{}", path).lower()


def _kinds(schema: Mapping[str, Any]) -> Iterator[str]:
    written = schema.get("type", ())
    for kind in [written] if isinstance(written, str) else written:
        if kind == "string" and schema.get("format") in {"date-time", "date"}:
            yield str(schema["format"])
        elif kind != "null":
            yield kind


def _texts(schema: Any, name: str) -> Iterator[tuple[str, str]]:
    if isinstance(schema, list):
        for one in schema:
            yield from _texts(one, name)
    elif isinstance(schema, dict):
        if isinstance(text := schema.get("description"), str):
            yield name, text
        for key, below in schema.items():
            yield from _texts(below, key)


def ours(schema: Mapping[str, Any], path: str = "") -> Iterator[Found]:
    """Yield every property of a stream's schema."""
    kinds = {schema["type"]} if isinstance(schema["type"], str) else {*schema["type"]} - {"null"}
    media = {"application/json": "json", "text/x-date-time": "date-time"}
    kind = schema.get("format") or media.get(schema.get("contentMediaType", ""))
    if path:
        yield Found(path, frozenset({kind} if kind else kinds), schema.get("description", ""))
    if "items" in schema:
        yield from ours(schema["items"], f"{path}[]")
    for name, child in schema.get("properties", {}).items():
        yield from ours(child, f"{path}.{name}".lstrip("."))


def _kinds_by_path(found: Iterable[Found]) -> dict[str, frozenset[str]]:
    kinds: dict[str, frozenset[str]] = {}
    for one in found:
        kinds[one.path] = kinds.get(one.path, frozenset()) | one.kinds
    return kinds


def type_differences(name: str, our: Iterable[Found], theirs: Iterable[Found]) -> Iterator[str]:
    """Yield the properties whose kinds differ for no reason that is written down."""
    our_kinds = _kinds_by_path(our)
    for path, kinds in _kinds_by_path(theirs).items():
        mine = our_kinds.get(path, frozenset())
        place = f"{name}.{path}"
        if mine and kinds and mine != kinds and not _is_decided(place, "".join(mine), kinds):
            yield f"{place}: {'/'.join(sorted(kinds))} in Zoho's file, {'/'.join(mine)} in ours"


def _is_decided(place: str, mine: str, kinds: frozenset[str]) -> bool:
    # Ids are strings whatever Zoho says; what has no one shape is JSON text.
    if mine == "json" or (mine == "string" and re.search(r"(^|[._])(id|zuid|zgid)$", place)):
        return True
    return kinds == {"integer", "number"} or any(
        fnmatch.fnmatchcase(place, pattern.replace("[]", "[[]]")) for pattern in DECIDED
    )


def copied(name: str, our: Iterable[Found], texts: Mapping[str, set[str]]) -> Iterator[str]:
    """Yield our descriptions that are equal, or nearly so, to one of `texts`, Zoho's by name."""
    for one in our:
        mine = _bare(one.text)
        near = texts.get(one.path.rpartition(".")[2].removesuffix("[]"), set())
        if len(mine) >= _SHORTEST and mine in texts[""]:
            yield f"{name}.{one.path}: equal to Zoho's: {one.text}"
        elif match := difflib.get_close_matches(mine, near, 1, _NEARLY):
            yield f"{name}.{one.path}: nearly Zoho's {match[0]!r}: {one.text}"


def _bare(text: str) -> str:
    text = re.sub(r" (One of: .*|JSON text\.|Date-time in UTC\.)$", "", text)
    return " ".join(re.findall(r"\w+", text.lower()))


def rows_of(edition: Edition, endpoint: Endpoint) -> list[Found]:
    """Return what an edition says of an endpoint's rows, those of its detail call included."""
    paths = [endpoint.path, *([endpoint.detail.path] if endpoint.detail else [])]
    return [one for path in paths if path for one in edition.row(path, endpoint.rows)]


def main() -> int:
    """Report; 1 if a difference of types has no reason, or a description is too like Zoho's."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--properties", action="store_true", help="list what only one side has")
    options = parser.parse_args()
    edition = Edition(options.folder)
    texts: dict[str, set[str]] = {"": set()}
    for name, text in edition.texts():
        for key in ("", name):
            texts.setdefault(key, set()).add(_bare(text))
    problems: list[str] = []
    for name, definition in definitions().items():
        our = list(ours(load_schema(name)))
        theirs = rows_of(edition, definition.endpoint)
        problems += [*type_differences(name, our, theirs), *copied(name, our, texts)]
        if options.properties and theirs:
            here, there = {one.path for one in our}, {one.path for one in theirs}
            sys.stdout.writelines(f"{name}.{path}: only Zoho's\n" for path in sorted(there - here))
            sys.stdout.writelines(f"{name}.{path}: only ours\n" for path in sorted(here - there))
    sys.stdout.writelines(f"{problem}\n" for problem in problems)
    sys.stdout.write(f"{len(problems)} to look at\n")
    return int(bool(problems))


if __name__ == "__main__":
    sys.exit(main())
