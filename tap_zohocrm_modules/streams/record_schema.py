"""The JSON Schema of a module's records, from its metadata: the same every time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_zohocrm_modules.zoho.records.kinds import Kind
from tap_zohocrm_modules.zoho.records.model import (
    ADDITIONAL_PROPERTIES,
    DELETED_AT,
    ID,
    RecordField,
    RecordModule,
)

_STRING: Mapping[str, Any] = {"type": ["string", "null"]}
_STRINGS: Mapping[str, Any] = {"type": ["array", "null"], "items": {"type": "string"}}
_TYPES: Mapping[Kind, Mapping[str, Any]] = {
    Kind.TEXT: _STRING,
    Kind.NUMERAL: _STRING,
    Kind.INTEGER: {"type": ["integer", "null"]},
    Kind.NUMBER: {"type": ["number", "null"]},
    Kind.BOOLEAN: {"type": ["boolean", "null"]},
    Kind.DATE: {**_STRING, "format": "date"},
    Kind.DATE_TIME: {**_STRING, "format": "date-time"},
    Kind.REFERENCE: _STRING,
    Kind.REFERENCES: _STRINGS,
    Kind.CHOICES: _STRINGS,
    Kind.TAGS: _STRINGS,
    Kind.MODULE: _STRING,
    Kind.RULE: _STRING,
    Kind.JSON: {**_STRING, "contentMediaType": "application/json"},
    Kind.UNKNOWN: _STRING,
}

_WHAT: Mapping[Kind, str] = {
    Kind.REFERENCES: "ids",
    Kind.CHOICES: "the values chosen",
    Kind.TAGS: "names of tags",
    Kind.MODULE: "a module's API name",
    Kind.RULE: "as in iCalendar, without exceptions",
    Kind.JSON: "JSON text",
    Kind.UNKNOWN: "text as it is, anything else as JSON text",
}


def record_schema(module: RecordModule, *, tombstones: bool) -> dict[str, Any]:
    """Return the schema of a module's records: a column a field, and the rest in one.

    Args:
        module: The module.
        tombstones: Whether deleted records come, too, with the time of their deletion.
    """
    properties = {field.column: _column(field) for field in module.fields}
    if tombstones:
        properties[DELETED_AT] = {
            **_TYPES[Kind.DATE_TIME],
            "description": "When the record was deleted; null while it exists.",
        }
    properties[ADDITIONAL_PROPERTIES] = {
        "type": ["object", "null"],
        "description": (
            "Values that do not fit their columns, by column, and what else Zoho gives; but for"
            " keys that begin with $, which only Get Records gives."
        ),
    }
    return {"type": "object", "description": _about(module), "properties": properties}


def _column(field: RecordField) -> dict[str, Any]:
    schema = dict(_TYPES[field.kind])
    if field.column == ID:
        schema["type"] = "string"
    return {**schema, "description": _description(field)}


def _description(field: RecordField) -> str:
    what = _WHAT.get(field.kind, "")
    if field.kind is Kind.REFERENCE:
        what = f"id in {field.refers_to}" if field.refers_to else "id"
    details = ", ".join(part for part in (field.data_type, what) if part)
    note = f" {field.note[0].upper()}{field.note[1:]}." if field.note else ""
    return f"{field.label or field.api_name} ({details}).{note}" if details else f"{field.label}."


def _about(module: RecordModule) -> str:
    about = f"{module.label}: one row a record of the module {module.api_name}."
    if module.left_out:
        reasons = "; ".join(f"{name}, since {why}" for name, why in module.left_out.items())
        about += f" Without: {reasons}."
    return about
