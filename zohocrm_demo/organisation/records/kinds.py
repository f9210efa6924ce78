"""What sort of value a field holds, whatever its `data_type` claims.

Source: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html; where `json_type` and
`data_type` clash (Tag, Layout, Participants, Comments), `json_type` says what comes.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation.references import Row

Kind: TypeAlias = Literal[
    "text",
    "rich_text",
    "integer",
    "bigint",
    "decimal",
    "boolean",
    "date",
    "datetime",
    "choices",
    "taxes",
    "record",
    "any_record",
    "user",
    "tags",
    "objects",
    "reminders",
    "line_taxes",
    "times",
    "files",
    "recurrence",
    "alarm",
    "consent",
    "layout",
    "module",
    "territories",
    "territory",
    "address",
    "coordinates",
    "rows",
    "links",
    "people",
]

_KINDS: Mapping[str, Kind] = {
    "integer": "integer",
    "bigint": "bigint",
    "long": "bigint",
    "double": "decimal",
    "percent": "decimal",
    "currency": "decimal",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "multiselectpicklist": "choices",
    "lookup": "record",
    "ownerlookup": "user",
    "userlookup": "user",
    "multi_module_lookup": "any_record",
    "multiselectlookup": "links",
    "multiuserlookup": "people",
    "subform": "rows",
    "fileupload": "files",
    "imageupload": "files",
    "multireminder": "reminders",
    "RRULE": "recurrence",
    "ALARM": "alarm",
    "consent_lookup": "consent",
    "linetax": "line_taxes",
    "layout": "layout",
    "module": "module",
    "time_range": "times",
    "territories": "territories",
    "territory": "territory",
    "address": "address",
}

# Listed as text or numbers, and known by their names.
_BY_NAME: Mapping[str, Kind] = {"Tag": "tags", "Layout": "layout"}

# Worked out of other values whenever somebody reads them; never kept.
COMPUTED = frozenset({"address", "coordinates", "rows", "links", "people"})

# Their changes leave Modified_Time alone.
SILENT_TYPES = frozenset({"formula", "rollup_summary"})


def kind_of(field: Row) -> Kind:  # noqa: PLR0911 (a rule a line)
    """The sort of a field's values.

    Args:
        field: An element of `GET /crm/v8/settings/fields`; `json_type` may be missing.
    """
    data_type = field["data_type"]
    if data_type in {"text", "bigint"} and field.get("json_type") in {"jsonarray", "jsonobject"}:
        return _BY_NAME.get(field["api_name"], "objects")
    if data_type == "lookup" and not field["lookup"]:
        return "any_record"
    if data_type == "formula":
        return _KINDS.get(field["formula"]["return_type"], "text")
    if data_type == "rollup_summary":
        # A number in all three, so never the text that other bigints are.
        kind = _KINDS[field["rollup_summary"]["return_type"]]
        return "integer" if kind == "bigint" else kind
    if data_type == "textarea" and field["textarea"]["type"] == "rich_text":
        return "rich_text"
    if data_type == "text" and field["virtual_field"] and "Coordinates" in field["api_name"]:
        return "coordinates"
    if data_type == "multiselectpicklist" and field["api_name"] == "Tax":
        return "taxes"
    return _KINDS.get(data_type, "text")


def is_encrypted(field: Row) -> bool:
    """Whether criteria on the field are restricted."""
    return bool(field.get("crypt"))


def is_restricted(field: Row) -> bool:
    """Whether the API hides the field's values, as it does with protected health data."""
    return bool((field.get("hipaa_compliance") or {}).get("restricted"))
