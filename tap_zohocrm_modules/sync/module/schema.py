"""The schema of a module's records, as its fields are now."""

from __future__ import annotations

from typing import Any

from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, REFERENCE
from tap_zohocrm_modules.zoho.records.model import (
    ADDITIONAL_PROPERTIES,
    DELETED_AT,
    ID,
    RecordField,
    RecordModule,
)


def record_schema(module: RecordModule, *, tombstones: bool) -> dict[str, Any]:
    """Return the schema of a module's records: a column a field, and the rest in one.

    With tombstones, deleted records come, too, with the time of their deletion.
    """
    properties = {field.column: _column(field) for field in module.fields}
    if tombstones:
        properties[DELETED_AT] = {
            **DATE_TIME.schema,
            "description": "When the record was deleted; null while it exists.",
        }
    properties[ADDITIONAL_PROPERTIES] = {
        "type": ["object", "null"],
        "description": (
            "Values that do not fit their columns, by column, and what else Zoho sends; but for"
            " keys that begin with $, which only Get Records sends."
        ),
    }
    return {"type": "object", "description": _about(module), "properties": properties}


def _column(field: RecordField) -> dict[str, Any]:
    schema = dict(field.type.schema)
    if field.column == ID:
        schema["type"] = "string"
    what = field.type.what
    if field.type is REFERENCE and field.refers_to:
        what = f"id in {field.refers_to}"
    details = ", ".join(part for part in (f"{field.data_type} field".strip(), what) if part)
    note = f" {field.note[0].upper()}{field.note[1:]}." if field.note else ""
    return {**schema, "description": f"{field.label or field.api_name} ({details}).{note}"}


def _about(module: RecordModule) -> str:
    about = f"{module.label}: one row a record of the module {module.api_name}."
    if module.left_out:
        reasons = "; ".join(f"{name}, since {why}" for name, why in module.left_out.items())
        about += f" Without: {reasons}."
    return about
