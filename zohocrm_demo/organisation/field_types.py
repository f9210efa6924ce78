"""What follows from a field's data type: JSON type, length and the parts of its own.

Source: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.ids import LOOKUPS, PICK_LIST_VALUES, make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation.field_rows import FieldRow


@dataclass(frozen=True, slots=True)
class FieldType:
    """Defaults of one data type: `json_type`, `length`, `decimal_place`, `ui_type`."""

    json_type: str
    length: int
    ui_type: int
    decimal_place: int | None = None


FIELD_TYPES: Mapping[str, FieldType] = {
    "text": FieldType("string", 255, 1),
    "textarea": FieldType("string", 2000, 3),
    "email": FieldType("string", 100, 25),
    "phone": FieldType("string", 30, 33),
    "website": FieldType("string", 450, 21),
    "picklist": FieldType("string", 120, 2),
    "multiselectpicklist": FieldType("jsonarray", 120, 100),
    "integer": FieldType("integer", 9, 32),
    "bigint": FieldType("string", 18, 34),
    "long": FieldType("string", 18, 34),
    "double": FieldType("double", 16, 38, 2),
    "percent": FieldType("double", 5, 38, 2),
    "currency": FieldType("double", 16, 36, 2),
    "boolean": FieldType("boolean", 5, 301),
    "date": FieldType("string", 20, 24),
    "datetime": FieldType("string", 20, 333),
    "autonumber": FieldType("string", 100, 40),
    "lookup": FieldType("jsonobject", 120, 133),
    "ownerlookup": FieldType("jsonobject", 120, 8),
    "userlookup": FieldType("jsonobject", 120, 127),
    "multi_module_lookup": FieldType("jsonobject", 120, 786),
    "multiselectlookup": FieldType("jsonarray", 120, 444),
    "multiuserlookup": FieldType("jsonarray", 120, 445),
    "subform": FieldType("jsonarray", 120, 555),
    "fileupload": FieldType("jsonarray", 2000, 666),
    "imageupload": FieldType("jsonarray", 2000, 667),
    "profileimage": FieldType("string", 255, 555),
    "formula": FieldType("double", 120, 37),
    "rollup_summary": FieldType("double", 16, 778),
    "event_reminder": FieldType("string", 100, 302),
    "multireminder": FieldType("jsonarray", 100, 303),
    "RRULE": FieldType("jsonobject", 500, 304),
    "ALARM": FieldType("jsonobject", 500, 305),
    "consent_lookup": FieldType("jsonobject", 120, 400),
    "linetax": FieldType("jsonarray", 120, 410),
    "layout": FieldType("jsonobject", 120, 132),
    "module": FieldType("jsonobject", 120, 134),
    "time_range": FieldType("jsonarray", 120, 420),
    # Their names are a guess: no document shows the data_type of the territory fields.
    "territories": FieldType("jsonarray", 500, 430),
    "territory": FieldType("jsonobject", 500, 431),
    "address": FieldType("jsonobject", 450, 776),
}

_FORMULA_JSON = {"text": "string", "datetime": "string", "date": "string", "boolean": "boolean"}
_TEXTAREA_LENGTHS = {"small": 2_000, "large": 32_000, "rich_text": 50_000}


def typed_part(row: FieldRow, field_id: str, module_ids: Mapping[str, str]) -> dict[str, Any]:
    """The keys whose values follow from the data type and its argument.

    Args:
        row: The field in short.
        field_id: Its id; ids of its picklist values and lookups derive from it.
        module_ids: The ids of all modules by API name.
    """
    kind = FIELD_TYPES[row.data_type]
    part: dict[str, Any] = {
        "json_type": "jsonarray" if "array" in row.traits else kind.json_type,
        "length": kind.length,
        "decimal_place": kind.decimal_place,
        "ui_type": kind.ui_type,
    }
    maker = _MAKERS.get(row.data_type)
    if row.argument and row.argument.isdecimal():
        part["length"] = int(row.argument)
    if maker is not None:
        part.update(maker(row, field_id, module_ids))
    return part


def _picklist(row: FieldRow, field_id: str, _: Mapping[str, str]) -> dict[str, Any]:
    number = int(field_id[7:]) * 100
    values = ["-None-", *row.argument.split(";")] if row.argument else []
    return {
        "pick_list_values": [
            {
                "display_value": value,
                "sequence_number": index,
                "reference_value": value,
                "colour_code": None,
                "actual_value": value,
                "id": make_id(PICK_LIST_VALUES + number + index),
                "type": "used",
            }
            for index, value in enumerate(values, 1)
        ]
    }


def _textarea(row: FieldRow, _: str, __: Mapping[str, str]) -> dict[str, Any]:
    size = row.argument or "small"
    return {"textarea": {"type": size}, "length": _TEXTAREA_LENGTHS[size]}


def _formula(row: FieldRow, _: str, __: Mapping[str, str]) -> dict[str, Any]:
    return {
        "json_type": _FORMULA_JSON.get(row.argument, "double"),
        "formula": {
            "return_type": row.argument,
            "dynamic": row.argument == "date",
            "stop_compute_conditionally": False,
            "assume_default": True,
        },
    }


def _rollup(row: FieldRow, _: str, module_ids: Mapping[str, str]) -> dict[str, Any]:
    module, field_name, function = row.argument.split(";")
    ref = _module_ref(module, module_ids)
    return {
        "rollup_summary": {
            "return_type": "bigint" if function == "count" else "double",
            "expression": {
                "function_parameters": [{"api_name": field_name}],
                "criteria": None,
                "function": function,
            },
            "based_on_module": ref,
            "related_list": {"api_name": module, "id": ref["id"]},
            "rollup_based_on": "related_list",
        }
    }


def _lookup(row: FieldRow, field_id: str, module_ids: Mapping[str, str]) -> dict[str, Any]:
    return {
        "lookup": {
            "display_label": row.label,
            "revalidate_filter_during_edit": False,
            "api_name": f"{row.api_name}s",
            "module": _module_ref(row.argument, module_ids),
            "id": make_id(LOOKUPS + int(field_id[7:])),
            "query_details": {"system_query_id": None},
        }
    }


def _multi_module(row: FieldRow, _: str, module_ids: Mapping[str, str]) -> dict[str, Any]:
    modules = [
        {"module_name": name, **_module_ref(name, module_ids)} for name in row.argument.split(";")
    ]
    return {
        "multi_module_lookup": {
            "display_label": row.label,
            "api_name": row.api_name,
            "modules": modules,
        }
    }


def _linked(row: FieldRow, field_id: str, module_ids: Mapping[str, str]) -> dict[str, Any]:
    linking, near, connected = row.argument.split(";")
    number = LOOKUPS + int(field_id[7:]) + 5_000_000
    details: dict[str, Any] = {
        "linking_details": {
            "module": {
                "visibility": 1,
                "plural_label": linking.replace("_", " "),
                **_module_ref(linking, module_ids),
            },
            "lookup_field": _field_ref(near, number),
            "connected_lookup_field": _field_ref(connected, number + 1),
        },
    }
    if row.data_type == "multiuserlookup":
        return {"multiuserlookup": {**details, "record_access": False}}
    details["connected_details"] = {
        "field": _field_ref(connected, number + 2),
        "module": {"plural_label": connected, **_module_ref(connected, module_ids)},
        "layouts": [],
    }
    return {"multiselectlookup": details}


def _subform(row: FieldRow, _: str, module_ids: Mapping[str, str]) -> dict[str, Any]:
    ref = {"module": row.argument, "id": module_ids[row.argument]}
    return {"associated_module": ref, "subform": ref}


def _autonumber(row: FieldRow, _: str, __: Mapping[str, str]) -> dict[str, Any]:
    prefix, _sep, start = row.argument.partition(";")
    return {"auto_number": {"prefix": prefix, "start_number": int(start), "suffix": ""}}


def _currency(_row: FieldRow, _: str, __: Mapping[str, str]) -> dict[str, Any]:
    return {"currency": {"rounding_option": "normal", "precision": 2}}


def _address(row: FieldRow, _: str, __: Mapping[str, str]) -> dict[str, Any]:
    return {"address": {"type": row.argument}}


def _module_ref(api_name: str, module_ids: Mapping[str, str]) -> dict[str, str]:
    return {"api_name": api_name, "id": module_ids[api_name]}


def _field_ref(api_name: str, number: int) -> dict[str, str]:
    return {"api_name": api_name, "field_label": api_name, "id": make_id(number)}


_MAKERS: Mapping[str, Callable[[FieldRow, str, Mapping[str, str]], dict[str, Any]]] = {
    "picklist": _picklist,
    "multiselectpicklist": _picklist,
    "textarea": _textarea,
    "formula": _formula,
    "rollup_summary": _rollup,
    "lookup": _lookup,
    "multi_module_lookup": _multi_module,
    "multiselectlookup": _linked,
    "multiuserlookup": _linked,
    "subform": _subform,
    "autonumber": _autonumber,
    "currency": _currency,
    "address": _address,
}
