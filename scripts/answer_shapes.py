# ruff: noqa: INP001 - a script
"""Writes what an edition of the OpenAPI files says of the answers that are served, as facts.

Usage: python scripts/answer_shapes.py FOLDER EDITION

FOLDER has the JSON files of the edition, which are not part of this repository; what is written is
names and types: `tests/demo/answer_shapes/EDITION.json`. tests/demo/test_answer_shapes.py says
how to read it, and compares. https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

import argparse
import dataclasses
import functools
import json
import re
from pathlib import Path
from typing import Any, TypeAlias

from compare_with_openapi import VERBS, Edition, plain
from generated import ROOT

from zohocrm_demo.routes import read_routes

Shape: TypeAlias = Any

FOLDER = ROOT / "tests" / "demo" / "answer_shapes"
# Descriptions refer to each other in circles; no answer of Zoho's goes deeper.
_DEEPEST = 9
_ANYTHING = "any"
# A write of several records may answer 201, 202 or 207.
_SUCCESSES = {verb: "200" if verb == "GET" else "2.." for verb in VERBS}


@dataclasses.dataclass
class Node:
    """One value of an answer, of all the alternatives that are described."""

    types: set[str] = dataclasses.field(default_factory=set)
    keys: dict[str, Node] = dataclasses.field(default_factory=dict)
    required: set[str] | None = None  # those that all alternatives with keys have
    items: Node | None = None

    def add(self, other: Node, *, is_alternative: bool) -> None:
        """Take what another description allows as well, or says besides."""
        self.types |= other.types
        for key, node in other.keys.items():
            if key in self.keys:
                self.keys[key].add(node, is_alternative=True)
            else:
                self.keys[key] = node
        if other.items is not None:
            if self.items is None:
                self.items = other.items
            else:
                self.items.add(other.items, is_alternative=True)
        if other.required is not None:
            mine = other.required if self.required is None else self.required
            both = mine & other.required if is_alternative else mine | other.required
            self.required = both

    def shape(self) -> Shape:
        """Return the node as JSON."""
        if not self.types or _ANYTHING in self.types:
            return _ANYTHING
        simple = sorted(self.types - {"object", "array", "null"})
        found: list[Shape] = ["|".join(simple)] if simple else []
        if "object" in self.types:
            needed = self.required or set()
            keys = sorted(self.keys.items())
            found.append({f"{k}{'!' * (k in needed)}": node.shape() for k, node in keys})
        if "array" in self.types:
            found.append([_ANYTHING if self.items is None else self.items.shape()])
        found += [None] * ("null" in self.types)
        return found[0] if len(found) == 1 else {"one of": found}


class Answers(Edition):
    """The answers of an edition's calls that succeed."""

    def answer(self, verb: str, path: str) -> Shape:
        """Return the shape of the answer to a call; None if it is not described."""
        operation, file = self.operations[verb][path]
        responses = operation.get("responses", {})
        node = Node()
        try:
            for status in [one for one in responses if re.fullmatch(_SUCCESSES[verb], one)]:
                response, where = self._resolved(responses[status], file)
                for content in response.get("content", {}).values():
                    node.add(self._node(content.get("schema"), where, ()), is_alternative=True)
        except KeyError:
            # Some of the files refer to what none of them has.
            return None
        return node.shape() if node.types else None

    def _node(self, written: Any, file: str, above: tuple[int, ...]) -> Node:
        schema, file = self._resolved(written, file)
        if id(schema) in above or len(above) > _DEEPEST:
            return Node({_ANYTHING})
        node_of = functools.partial(self._node, file=file, above=(*above, id(schema)))
        kinds = schema.get("type", ())
        node = Node({kinds} if isinstance(kinds, str) else set(kinds))
        if schema.get("nullable") is True or None in schema.get("enum", ()):
            node.types.add("null")
        if "properties" in schema or "object" in node.types:
            node.types.add("object")
            node.required = set(schema.get("required", ()))
        for name, child in (schema.get("properties") or {}).items():
            # In the edition of 2025 a replacement turned `global_` into `common.`.
            node.keys[re.sub(r"^common\.", "global_", name)] = node_of(child)
        if isinstance(schema.get("items"), dict):
            node.types.add("array")
            node.items = node_of(schema["items"])
        for branch in schema.get("allOf", ()):
            node.add(node_of(branch), is_alternative=False)
        for word in ("oneOf", "anyOf"):
            alternatives = [node_of(branch) for branch in schema.get(word, ())]
            for other in alternatives[1:]:
                alternatives[0].add(other, is_alternative=True)
            for one in alternatives[:1]:
                node.add(one, is_alternative=False)
        return node


def main() -> None:
    """Write the shapes of the calls that are served, a line each."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("folder", type=Path)
    parser.add_argument("edition")
    arguments = parser.parse_args()
    edition = Answers(arguments.folder)
    served = sorted({(route.method, plain(route.path)) for route in read_routes().rows})
    shapes = {
        path if verb == "GET" else f"{verb} {path}": edition.answer(verb, path)
        for verb, path in sorted(served, key=lambda one: (VERBS.index(one[0]), one[1]))
        if path in edition.operations[verb]
    }
    lines = [
        f"{json.dumps(path)}: {json.dumps(shape, separators=(',', ':'))}"
        for path, shape in shapes.items()
        if shape is not None
    ]
    FOLDER.mkdir(exist_ok=True)
    file = FOLDER / f"{arguments.edition}.json"
    file.write_text("{\n" + ",\n".join(lines) + "\n}\n", "utf-8")


if __name__ == "__main__":
    main()
