"""The types of fields, in one table: how values look in each place, and which paths deliver them.

To add a type, write a FieldType and name Zoho's data types for it, below; nothing else changes.
Data types: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from tap_zohocrm_modules.zoho.records import column
from tap_zohocrm_modules.zoho.records import conversions as to
from tap_zohocrm_modules.zoho.records.field_type import FieldType
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL
from tap_zohocrm_modules.zoho.transport.instants import utc_each

_STRING: Mapping[str, Any] = {"type": ["string", "null"]}
_STRINGS: Mapping[str, Any] = {"type": ["array", "null"], "items": {"type": "string"}}


# Zoho keeps no empty texts, so these count as null.
TEXT = FieldType("text", _STRING, to.to_text, to.as_is, json_at_once=column.texts)
# 64-bit ids and long integers, which JSON numbers cannot hold exactly.
NUMERAL = FieldType("numeral", _STRING, to.to_numeral, to.as_is, json_at_once=column.texts)
INTEGER = FieldType(
    "integer",
    {"type": ["integer", "null"]},
    to.to_integer,
    to.to_integer,
    json_at_once=column.integers,
    csv_at_once=column.integer_cells,
)
NUMBER = FieldType(
    "number",
    {"type": ["number", "null"]},
    to.to_number,
    to.to_number,
    json_at_once=column.numbers,
    csv_at_once=column.number_cells,
)
BOOLEAN = FieldType(
    "boolean",
    {"type": ["boolean", "null"]},
    to.to_boolean,
    to.remembering(to.to_boolean),
    json_at_once=column.booleans,
)
DATE = FieldType(
    "date",
    {**_STRING, "format": "date"},
    to.to_date,
    to.remembering(to.to_date),
    json_at_once=column.days,
)
DATE_TIME = FieldType(
    "date-time",
    {**_STRING, "format": "date-time"},
    to.to_date_time,
    to.remembering(to.to_date_time),
    json_at_once=column.instants,
    csv_at_once=utc_each,
)
# A record, a user or a layout.
REFERENCE = FieldType(
    "reference", _STRING, to.to_reference, to.as_is, "id", json_at_once=column.ids
)
REFERENCES = FieldType(
    "references",
    _STRINGS,
    to.list_of(to.to_reference),
    to.undecidable,
    "ids",
    missing_on=frozenset({BULK}),
)
CHOICES = FieldType(
    "choices",
    _STRINGS,
    to.list_of(to.to_choice),
    to.undecidable,
    "the values chosen",
    separators=";,",
)
TAGS = FieldType(
    "tags",
    _STRINGS,
    to.list_of(to.to_tag),
    to.undecidable,
    "names of tags",
    separators=",",
)
MODULE = FieldType(
    "module",
    _STRING,
    to.to_module,
    to.undecidable,
    "a module's API name",
    missing_on=frozenset({BULK}),
)
# Of the record that a lookup leads to, where that may belong to several modules.
LOOKUP_MODULE = dataclasses.replace(MODULE, name="lookup module", from_json=to.to_lookup_module)
# A recurrence or an alarm.
RULE = FieldType("rule", _STRING, to.to_rule, to.to_rule, "as in iCalendar, without exceptions")
JSON = FieldType(
    "json",
    {**_STRING, "contentMediaType": "application/json"},
    to.to_json,
    to.undecidable,
    "JSON text",
    missing_on=frozenset({BULK, COQL}),
)
# An object that Zoho lists as something else: Entity_Scores__s.Scoring_Rule is called a text.
OBJECT = dataclasses.replace(
    JSON,
    name="object",
    schema=_STRING,
    from_json=to.to_object,
    what="the id of a reference, other objects as JSON text",
)
# A data type that is not documented.
UNKNOWN = FieldType(
    "unknown",
    _STRING,
    to.to_unknown,
    to.to_unknown,
    "text as it is, the id of a reference, anything else as JSON text",
)

TYPES: Mapping[str, FieldType] = {
    one.name: one
    for one in (
        *(TEXT, NUMERAL, INTEGER, NUMBER, BOOLEAN, DATE, DATE_TIME, REFERENCE, REFERENCES),
        *(CHOICES, TAGS, MODULE, LOOKUP_MODULE, RULE, JSON, UNKNOWN),
    )
}
"""All types, by name."""

NOT_IN_LISTS: Mapping[str, str] = {
    "subform": "its rows are the records of the module {module}",
    "multiselectlookup": "its links are the records of the module {module}",
    "multiuserlookup": "its links are the records of the module {module}",
    "fileupload": "no list of records holds files",
    "imageupload": "no list of records holds images",
    "address": "its parts are fields of their own",
}
"""Data types that no list of records holds, and where their values are found instead."""

_SIMPLE: Mapping[str, FieldType] = {
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
        TEXT,
    ),
    **dict.fromkeys(("bigint", "long"), NUMERAL),
    "integer": INTEGER,
    **dict.fromkeys(("double", "percent", "currency", "decimal"), NUMBER),
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATE_TIME,
}

_STRUCTURED: Mapping[str, FieldType] = {
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
        REFERENCE,
    ),
    "territories": REFERENCES,
    "multiselectpicklist": CHOICES,
    "module": MODULE,
    "RRULE": RULE,
    "ALARM": RULE,
    **dict.fromkeys(("multireminder", "linetax", "time_range"), JSON),
}

_BY_JSON_TYPE: Mapping[str, FieldType] = {
    "string": TEXT,
    "integer": INTEGER,
    "double": NUMBER,
    "boolean": BOOLEAN,
}

_RETURNED: Mapping[str, FieldType] = {
    **dict.fromkeys(
        ("double", "currency", "percent", "decimal", "integer", "bigint", "long", "number"),
        NUMBER,
    ),
    "boolean": BOOLEAN,
    "date": DATE,
    "datetime": DATE_TIME,
    **dict.fromkeys(("text", "string", "textarea", "picklist"), TEXT),
}

# Zoho's own fields, whose data types are not documented.
_BY_NAME: Mapping[str, FieldType] = {
    "Tag": TAGS,
    "Territories": REFERENCES,
    "Territory": REFERENCE,
    "Layout": REFERENCE,
}


def field_type_of(field: Mapping[str, Any]) -> FieldType:
    """Return the type of a field's values by its metadata, of which any part may be absent."""
    data_type, json_type = str(field.get("data_type")), field.get("json_type")
    structured = json_type in {"jsonobject", "jsonarray"}
    named = _BY_NAME.get(str(field.get("api_name")))
    if named is not None and (structured or json_type is None or data_type == "bigint"):
        return named
    if data_type in _STRUCTURED:
        return _STRUCTURED[data_type]
    if structured:
        # Zoho lists some arrays as text or numbers: Participants, Comments, Pricing_Details.
        return OBJECT if json_type == "jsonobject" else JSON
    if data_type in {"formula", "rollup_summary"}:
        return _computed(field, data_type, json_type)
    simple = _SIMPLE.get(data_type)
    if simple is INTEGER and json_type == "double":
        return NUMBER
    return simple or _BY_JSON_TYPE.get(str(json_type), UNKNOWN)


def is_documented(field: Mapping[str, Any]) -> bool:
    """Whether Zoho documents the field's data type, so that its shapes are known."""
    data_type = field.get("data_type")
    known = {"formula", "rollup_summary", *NOT_IN_LISTS, *_SIMPLE, *_STRUCTURED}
    return data_type in known or str(field.get("api_name")) in _BY_NAME


def _computed(field: Mapping[str, Any], data_type: str, json_type: object) -> FieldType:
    about = field.get(data_type)
    returned = about.get("return_type") if isinstance(about, dict) else None
    known = _RETURNED.get(str(returned).lower())
    return known or _BY_JSON_TYPE.get(str(json_type), UNKNOWN)
