"""The fields of the sample organisation, as the Fields API shows them.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.field_rows import FieldRow, field_tables, read_rows
from zohocrm_demo.organisation.field_types import typed_part
from zohocrm_demo.organisation.ids import FIELDS, make_id
from zohocrm_demo.organisation.references import Fields, Row, field_ref

if TYPE_CHECKING:
    from collections.abc import Iterable

FIELDS_PER_MODULE = 1_000
_TRACKERS = frozenset({"field_tracker", "picklisttracker"})
_CUSTOMISED = "2025-03-29T18:30:00-07:00"
_FILES = frozenset({"fileupload", "imageupload"})
_SUMMED = frozenset({"integer", "bigint", "currency", "double"})
_SEARCHED = frozenset({"text", "email", "phone", "website", "lookup"})
_MADE_BY_ZOHO = frozenset(
    {
        "Owner",
        "Tag",
        "Record_Image",
        "id",
        "Parent_Id",
        "Currency",
        "Exchange_Rate",
        "Last_Activity_Time",
        "Locked__s",
    }
)


def fields(directory: Directory, modules: list[Row]) -> Fields:
    """The fields of every module that has any, by the module's API name."""
    trackers = {
        module["parent_module"]["api_name"]: module
        for module in modules
        if module["generated_type"] in _TRACKERS
    }
    tables = field_tables()
    return {
        module["api_name"]: [
            make_field(directory, row, module, number, trackers.get(module["api_name"]))
            for number, row in enumerate(read_rows(tables[module["api_name"]]), 1)
        ]
        for module in modules
        if module["api_name"] in tables
    }


def open_lookups(directory: Directory, fields: Fields) -> Fields:
    """By the field's id, `{api_name, id}` of the modules of lookups that name none themselves."""
    tables = field_tables()
    return {
        field["id"]: [directory.ref("module", name) for name in row.argument.split(";")]
        for module, own in fields.items()
        for row, field in zip(read_rows(tables[module]), own, strict=True)
        if row.data_type == "lookup" and not field["lookup"]
    }


def undescribed_fields(module: Row) -> list[Row]:
    """The fields of records that the Fields API keeps to itself; none for most modules."""
    rows = read_rows(read_file("fields.yaml")["undescribed"].get(module["api_name"], ""))
    return [make_field(Directory(), row, module, number) for number, row in enumerate(rows, 1)]


def first_field_number(module: Row) -> int:
    """The number of the id of the module's field 0; see `ids.make_id`."""
    return FIELDS + (int(module["sequence_number"]) - 1) * FIELDS_PER_MODULE


def make_field(
    directory: Directory, row: FieldRow, module: Row, number: int, tracker: Row | None = None
) -> Row:
    """One field."""
    traits = row.traits
    field_id = make_id(first_field_number(module) + number)
    own = "custom" in traits or _is_own(row, module)
    used = "unused" not in traits
    changeable = "readonly" not in traits
    hipaa = "hipaa" in traits
    field = directory.shape(
        "field",
        **{trait: trait in traits for trait in ("mandatory", "virtual", "display", "tracked")},
        api_name=row.api_name,
        label=row.label,
        data_type=row.data_type,
        id=field_id,
        number=number,
        own=own,
        column_name=f"{'CUSTOMFIELD' if own else 'FIELD'}{number}",
        customised=_CUSTOMISED if own else None,
        changeable=changeable,
        fixed=not changeable,
        type="used" if used else "unused",
        shown=used and "hidden" not in traits,
        edited=used and changeable,
        visible=used and row.api_name != "id",
        filterable=row.data_type not in {"subform", *_FILES},
        sortable=row.data_type not in {"subform", "textarea", *_FILES},
        separator=row.data_type in _SUMMED,
        searchable=row.data_type in _SEARCHED,
        external={"show": True, "type": "org"} if "external" in traits else None,
        unique={"case_sensitive": False} if "unique" in traits else {},
        crypt={"mode": "decryption", "status": 1} if "encrypted" in traits else None,
        hipaa=hipaa,
        hipaa_compliance={"restricted_in_export": True, "restricted": True} if hipaa else None,
        history_tracking=None,
        tooltip=read_file("fields.yaml")["tooltips"].get(f"{module['api_name']}.{row.api_name}"),
    )
    if "tracked" in traits and tracker is not None:
        field["history_tracking"] = directory.shape(
            "history_tracking",
            plural_label=tracker["plural_label"],
            tracker=tracker["api_name"],
            field=field_ref(field),
        )
    if module["api_name"] == "Leads":
        field["convert_mapping"] = {"Contacts": None, "Deals": None, "Accounts": None}
    field.update(typed_part(directory, row, field_id))
    return _with_gaps(field, traits)


def _is_own(row: FieldRow, module: Row) -> bool:
    return (
        module["generated_type"] in {"custom", "linking"}
        or (module["generated_type"] == "subform" and module["module_name"].startswith("SubForm"))
    ) and not (row.api_name in _MADE_BY_ZOHO or row.api_name.startswith(("Created_", "Modified_")))


def _with_gaps(field: Row, traits: Iterable[str]) -> Row:
    # Seen in life (airbyte#27422, #31433); clients that rely on these keys lose whole modules.
    if "nulljson" in traits:
        field["json_type"] = None
    if "nojson" in traits:
        del field["json_type"]
    if "nolength" in traits:
        del field["length"]
    return field
