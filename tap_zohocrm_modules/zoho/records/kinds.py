"""What kind of value a field holds, whichever way it is read.

Data types: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import enum
from collections.abc import Mapping
from typing import Any


class Kind(enum.Enum):
    """The one shape that a field's values have after reading."""

    TEXT = "text"
    """A string; Zoho keeps no empty ones, so these count as null."""

    NUMERAL = "numeral"
    """Digits in a string: 64-bit ids and long integers, which JSON numbers cannot hold exactly."""

    INTEGER = "integer"
    NUMBER = "number"
    BOOLEAN = "boolean"
    DATE = "date"
    DATE_TIME = "date-time"

    REFERENCE = "reference"
    """The id of a record, a user or a layout."""

    REFERENCES = "references"
    """Ids of several."""

    CHOICES = "choices"
    """The values chosen in a multi-select picklist."""

    TAGS = "tags"
    """Names of tags."""

    MODULE = "module"
    """A module's API name."""

    RULE = "rule"
    """A recurrence or an alarm, in iCalendar's words."""

    JSON = "json"
    """Objects and arrays that only Get Records gives: JSON text."""

    UNKNOWN = "unknown"
    """A data type that is not documented: a string as it is, anything else as JSON text."""


NOT_IN_LISTS: Mapping[str, str] = {
    "subform": "its rows are the records of the module {module}",
    "multiselectlookup": "its links are the records of the module {module}",
    "multiuserlookup": "its links are the records of the module {module}",
    "fileupload": "no list of records holds files",
    "imageupload": "no list of records holds images",
    "address": "its parts are fields of their own",
}
"""Data types that no list of records gives, and where their values are found instead."""

_LINE_ITEMS = frozenset(
    {"Quoted_Items", "Ordered_Items", "Purchase_Items", "Purchased_Items", "Invoiced_Items"}
)

_SIMPLE: Mapping[str, Kind] = {
    **dict.fromkeys(
        (
            "text",
            "textarea",
            "mediumtext",
            "email",
            "phone",
            "website",
            "picklist",
            "autonumber",
            "profileimage",
            "event_reminder",
        ),
        Kind.TEXT,
    ),
    **dict.fromkeys(("bigint", "long"), Kind.NUMERAL),
    "integer": Kind.INTEGER,
    **dict.fromkeys(("double", "percent", "currency", "decimal"), Kind.NUMBER),
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATE_TIME,
}

_STRUCTURED: Mapping[str, Kind] = {
    **dict.fromkeys(
        (
            "lookup",
            "ownerlookup",
            "userlookup",
            "multi_module_lookup",
            "consent_lookup",
            "layout",
            "territory",
        ),
        Kind.REFERENCE,
    ),
    "territories": Kind.REFERENCES,
    "multiselectpicklist": Kind.CHOICES,
    "module": Kind.MODULE,
    "RRULE": Kind.RULE,
    "ALARM": Kind.RULE,
    **dict.fromkeys(("multireminder", "linetax", "time_range"), Kind.JSON),
}

_BY_JSON_TYPE: Mapping[str, Kind] = {
    "string": Kind.TEXT,
    "integer": Kind.INTEGER,
    "double": Kind.NUMBER,
    "boolean": Kind.BOOLEAN,
    "jsonobject": Kind.JSON,
    "jsonarray": Kind.JSON,
}

_RETURNED: Mapping[str, Kind] = {
    **dict.fromkeys(
        ("double", "currency", "percent", "decimal", "integer", "bigint", "long", "number"),
        Kind.NUMBER,
    ),
    "boolean": Kind.BOOLEAN,
    "date": Kind.DATE,
    "datetime": Kind.DATE_TIME,
    **dict.fromkeys(("text", "string", "textarea", "picklist"), Kind.TEXT),
}

# Zoho's own fields, whose data types are not documented.
_BY_NAME: Mapping[str, Kind] = {
    "Tag": Kind.TAGS,
    "Territories": Kind.REFERENCES,
    "Territory": Kind.REFERENCE,
}


def kind_of(field: Mapping[str, Any]) -> Kind:
    """Return the kind of a field's values by its metadata, of which any part may be absent."""
    data_type, json_type = str(field.get("data_type")), field.get("json_type")
    structured = json_type in {"jsonobject", "jsonarray"}
    named = _BY_NAME.get(str(field.get("api_name")))
    if named is not None and (structured or json_type is None):
        return named
    if data_type in _STRUCTURED:
        return _STRUCTURED[data_type]
    if structured:
        # Zoho lists some arrays as text or numbers: Participants, Comments, Pricing_Details.
        return Kind.JSON
    if data_type in {"formula", "rollup_summary"}:
        return _computed(field, data_type, json_type)
    simple = _SIMPLE.get(data_type)
    if simple is Kind.INTEGER and json_type == "double":
        return Kind.NUMBER
    return simple or _BY_JSON_TYPE.get(str(json_type), Kind.UNKNOWN)


def is_documented(field: Mapping[str, Any]) -> bool:
    """Whether Zoho documents the field's data type, so that its shapes are known."""
    data_type = field.get("data_type")
    known = {"formula", "rollup_summary", *NOT_IN_LISTS, *_SIMPLE, *_STRUCTURED}
    return data_type in known or str(field.get("api_name")) in _BY_NAME


def is_rich_text(field: Mapping[str, Any]) -> bool:
    """Whether Get Records cuts the field's values to 500 characters."""
    textarea = field.get("textarea")
    size = textarea.get("type") if isinstance(textarea, dict) else None
    return size == "rich_text" or field.get("data_type") == "mediumtext"


def is_line_items(field: Mapping[str, Any]) -> bool:
    """Whether it holds an inventory record's lines, which only single records come with."""
    return field.get("api_name") in _LINE_ITEMS


def _computed(field: Mapping[str, Any], data_type: str, json_type: object) -> Kind:
    about = field.get(data_type)
    returned = about.get("return_type") if isinstance(about, dict) else None
    known = _RETURNED.get(str(returned).lower())
    return known or _BY_JSON_TYPE.get(str(json_type), Kind.UNKNOWN)
