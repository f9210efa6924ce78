"""The metadata streams, kinds of children and exported logs: one YAML file each.

People write the files; `scripts/definition_compiler.py` makes `compiled.json` out of them, with one
stream on each line, because to read YAML would take every run longer than all the rest of its
start.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from importlib import resources
from typing import Any

import msgspec

from tap_zohocrm_modules.definitions.child_kind import ChildKind
from tap_zohocrm_modules.definitions.endpoint import Endpoint
from tap_zohocrm_modules.definitions.export import Export

COMPILED = "compiled.json"
CHILDREN = "children"
EXPORTS = "exports"


class Definition(msgspec.Struct, frozen=True):
    """One stream: how its rows are called for, and its JSON Schema as text."""

    endpoint: Endpoint
    schema: msgspec.Raw


class ChildDefinition(msgspec.Struct, frozen=True):
    """One kind of child: how its rows are called for, and its JSON Schema as text."""

    kind: ChildKind
    schema: msgspec.Raw


class ExportDefinition(msgspec.Struct, frozen=True):
    """One exported log: how it is come by, and its JSON Schema as text."""

    export: Export
    schema: msgspec.Raw


@functools.cache
def export_definitions() -> Mapping[str, ExportDefinition]:
    """Return every definition of an exported log, by the stream's name."""
    text = resources.files(__package__).joinpath(EXPORTS).joinpath(COMPILED).read_bytes()
    return msgspec.json.decode(text, type=dict[str, ExportDefinition])


def load_export_schema(stream: str) -> dict[str, Any]:
    """Return the JSON Schema of an exported log, by the stream's name; the caller may change it."""
    return msgspec.json.decode(export_definitions()[stream].schema, type=dict[str, Any])


@functools.cache
def child_definitions() -> Mapping[str, ChildDefinition]:
    """Return every definition of a kind of child, by its name in `child_lists`."""
    text = resources.files(__package__).joinpath(CHILDREN).joinpath(COMPILED).read_bytes()
    return msgspec.json.decode(text, type=dict[str, ChildDefinition])


def load_child_schema(name: str) -> dict[str, Any]:
    """Return the JSON Schema of a kind of child, by the kind's name; the caller may change it."""
    return msgspec.json.decode(child_definitions()[name].schema, type=dict[str, Any])


@functools.cache
def definitions() -> Mapping[str, Definition]:
    """Return every stream's definition, by the stream's name."""
    text = resources.files(__package__).joinpath(COMPILED).read_bytes()
    return msgspec.json.decode(text, type=dict[str, Definition])


def load_schema(stream: str) -> dict[str, Any]:
    """Return the JSON Schema of a stream, by the stream's name; the caller may change it."""
    return msgspec.json.decode(definitions()[stream].schema, type=dict[str, Any])
