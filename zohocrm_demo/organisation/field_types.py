"""What follows from a field's data type: JSON type, length and the parts of its own.

Source: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.ids import ID_PREFIX, LOOKUPS, PICK_LIST_VALUES, make_id

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation.directory import Directory
    from zohocrm_demo.organisation.field_rows import FieldRow
    from zohocrm_demo.organisation.references import Row

    Maker: TypeAlias = Callable[[Directory, FieldRow, int], Row]

_FORMULA_JSON = {"text": "string", "datetime": "string", "date": "string", "boolean": "boolean"}
_TEXTAREA_LENGTHS = {"small": 2_000, "large": 32_000, "rich_text": 50_000}


def field_types() -> Mapping[str, list[Any]]:
    """By data type: JSON type, length, `ui_type`, `decimal_place`."""
    types: Mapping[str, list[Any]] = read_file("field_types.yaml")
    return types


def typed_part(directory: Directory, row: FieldRow, field_id: str) -> Row:
    """The keys whose values follow from the data type and its argument."""
    json_type, length, ui_type, decimal_place = field_types()[row.data_type]
    for trait in ("array", "object"):
        if trait in row.traits:
            json_type = f"json{trait}"
    part = {
        "json_type": json_type,
        "length": int(row.argument) if row.argument.isdecimal() else length,
        "decimal_place": decimal_place,
        "ui_type": ui_type,
    }
    maker = _MAKERS.get(row.data_type)
    if maker is not None:
        part.update(maker(directory, row, int(field_id[len(ID_PREFIX) :])))
    own = read_file("shapes.yaml")["field_parts"].get(row.data_type)
    if own is not None:
        names = row.argument.split(";")
        part.update(
            directory.fill(
                own,
                label=row.label,
                api_name=row.api_name,
                argument=row.argument,
                first=names[0],
                number=int(names[1]) if names[1:] and names[1].isdecimal() else None,
                modules=[{"module_name": name, **directory.ref("module", name)} for name in names]
                if row.data_type == "multi_module_lookup"
                else [],
            )
        )
    return part


def _picklist(directory: Directory, row: FieldRow, number: int) -> Row:
    values = ["-None-", *row.argument.split(";")] if row.argument else []
    first = PICK_LIST_VALUES + 100 * number
    colours = read_file("picklists.yaml")["colours"].get(row.api_name, {})
    return {
        "enable_colour_code": bool(colours.keys() & values),
        "pick_list_values": [
            directory.shape(
                "pick_list_value",
                value=value,
                number=place,
                id=make_id(first + place),
                colour=colours.get(value),
            )
            for place, value in enumerate(values, 1)
        ],
    }


def _textarea(_directory: Directory, row: FieldRow, _number: int) -> Row:
    size = row.argument or "small"
    return {"textarea": {"type": size}, "length": _TEXTAREA_LENGTHS[size]}


def _formula(directory: Directory, row: FieldRow, _number: int) -> Row:
    kind = row.argument
    return {
        "json_type": _FORMULA_JSON.get(kind, "double"),
        "formula": directory.shape("formula", type=kind, dynamic=kind == "date"),
    }


def _rollup(directory: Directory, row: FieldRow, _number: int) -> Row:
    module, field, function = row.argument.split(";")
    kind = "bigint" if function == "count" else "double"
    summary = directory.shape(
        "rollup_summary", module=module, field=field, function=function, type=kind
    )
    return {"rollup_summary": summary}


def _lookup(directory: Directory, row: FieldRow, number: int) -> Row:
    if ";" in row.argument:
        # Seen in life: activities list `What_Id` as a plain lookup that names no module.
        return {"lookup": {}}
    lookup = directory.shape(
        "lookup",
        label=row.label,
        api_name=row.api_name,
        module=row.argument,
        id=make_id(LOOKUPS + number),
    )
    return {"lookup": lookup}


def _linked(directory: Directory, row: FieldRow, number: int) -> Row:
    linking, near, connected = row.argument.split(";")
    first = LOOKUPS + number + 5_000_000
    names = {
        "linking": linking,
        "plural_label": linking.replace("_", " "),
        "near": near,
        "connected": connected,
        "near_id": make_id(first),
        "far_id": make_id(first + 1),
        "connected_id": make_id(first + 2),
    }
    details = {"linking_details": directory.shape("linking_details", **names)}
    if row.data_type == "multiuserlookup":
        return {"multiuserlookup": {**details, "record_access": False}}
    details["connected_details"] = directory.shape("connected_details", **names)
    return {"multiselectlookup": details}


_MAKERS: Mapping[str, Maker] = {
    "picklist": _picklist,
    "multiselectpicklist": _picklist,
    "textarea": _textarea,
    "formula": _formula,
    "rollup_summary": _rollup,
    "lookup": _lookup,
    "multiselectlookup": _linked,
    "multiuserlookup": _linked,
}
