"""A module and its fields as typed values, from metadata of which any part may be absent.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterable, Mapping
from typing import Any, TypeGuard

from tap_zohocrm_modules.zoho.records.field_traits import (
    SE_MODULE,
    composites,
    is_line_items,
    is_rich_text,
    leads_to_several_modules,
    private_names,
)
from tap_zohocrm_modules.zoho.records.field_type import FieldType
from tap_zohocrm_modules.zoho.records.field_types import (
    CHOICES,
    DATE_TIME,
    LOOKUP_MODULE,
    MODULE,
    NOT_IN_LISTS,
    NUMERAL,
    field_type_of,
    is_documented,
)
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL

ID = "id"
MODIFIED_TIME = "Modified_Time"
DELETED_AT = "_sdc_deleted_at"

ADDITIONAL_PROPERTIES = "additional_properties"
"""The column for values that do not fit theirs; null in nearly every record."""

UNUSED = "it is on no layout"
"""Why a field is left out that keeps its values in Zoho, where nobody sees them."""

_MOST_DYNAMIC = 5
"""How many formulas that change by themselves one query may ask for."""

_REPLACED = "\ufffd"
_QUERY_NAME = re.compile(r"[A-Za-z][A-Za-z0-9_]*", re.ASCII)


@dataclasses.dataclass(frozen=True, slots=True)
class RecordField:
    """One field that lists of records hold."""

    api_name: str  # its name in Zoho
    column: str  # its name in records: the same, but distinct from all others' whatever their case
    type: FieldType  # how its values look
    label: str = ""  # what people call it
    data_type: str = ""  # Zoho's own word
    # The names of the read paths that are known not to deliver it whole.
    missing_on: frozenset[str] = frozenset()
    rich: bool = False  # whether Get Records cuts its values
    is_closed: bool = False  # whether nobody can write it, whatever the profile
    choices: frozenset[str] = frozenset()  # the values of a multi-select picklist that Zoho lists
    refers_to: str | None = None  # the module that its ids belong to
    note: str = ""  # what a reader of the data has to know
    # Zoho's id of the field, which stays when it is renamed; empty if it has none.
    field_id: str = ""
    asked_as: str = ""  # the name that Zoho knows its values by, where that is not its API name
    is_private: bool = False  # whether Zoho marks it, or what it repeats, as personal or the like

    @property
    def request_name(self) -> str:
        """The name to ask for in calls and queries, and of its values in answers."""
        return self.asked_as or self.api_name


@dataclasses.dataclass(frozen=True, slots=True)
class RecordModule:
    """A module whose records can be read."""

    api_name: str  # its name in Zoho
    label: str  # what people call its records
    kind: str  # `generated_type`: default, custom, subform, linking, a tracker …
    fields: tuple[RecordField, ...]  # in the order of their ids, `id` first
    # The fields that no list holds, each with the reason.
    left_out: Mapping[str, str] = dataclasses.field(default_factory=dict)
    # Zoho's id of the module, which stays when it is renamed; empty if it has none.
    module_id: str = ""
    viewable: bool = True  # whether Zoho says that the token's user may see its records
    # The fields whose values do not show, by API name with Zoho's id.
    private: Mapping[str, str] = dataclasses.field(default_factory=dict)
    unmarked: frozenset[str] = frozenset()  # those of them that Zoho does not mark (any more)

    @property
    def has_modified_time(self) -> bool:
        """Whether its records say when they were last changed."""
        return any(
            field.api_name == MODIFIED_TIME and field.type is DATE_TIME for field in self.fields
        )


def is_name(value: object) -> TypeGuard[str]:
    """Whether a value can be an API name: a text that can be sent."""
    # What has lost a character on its way is not a name that Zoho knows.
    return isinstance(value, str) and bool(value) and _REPLACED not in value


def describe(module: Mapping[str, Any], fields: Iterable[Mapping[str, Any]]) -> RecordModule:
    """Return a module by its row of `modules` and its rows of `fields`."""
    api_name = str(module["api_name"])
    kept: dict[str, RecordField] = {ID: RecordField(ID, ID, NUMERAL, "Record id", "bigint")}
    left_out: dict[str, str] = {}
    rows = sorted(fields, key=_age)
    composed, private = composites(rows), private_names(rows)
    taken = {ID, ADDITIONAL_PROPERTIES}
    if any(row.get("api_name") == MODIFIED_TIME for row in rows):
        taken.add(MODIFIED_TIME.lower())
    dynamic = 0
    for row in rows:
        name = row.get("api_name")
        if not isinstance(name, str) or not name or name in kept:
            continue
        if not is_name(name):
            left_out[ascii(name)] = "its name is not text that could be sent"
            continue
        if reason := _absence(row, composed):
            left_out[name] = reason
            continue
        column = name if name == MODIFIED_TIME else distinct(name, taken)
        taken.add(column.lower())
        is_dynamic = _object(row, "formula").get("dynamic") is True
        dynamic += is_dynamic
        field = _field(api_name, row, name, column, is_private=name in private)
        if is_dynamic and dynamic > _MOST_DYNAMIC:
            field = dataclasses.replace(field, missing_on=field.missing_on | {COQL})
        kept[name] = field
        if leads_to_several_modules(api_name, row):
            companion = _module_of(field, distinct(f"{column}_module", taken))
            taken.add(companion.column.lower())
            kept[f"{name}->module"] = companion
    return dataclasses.replace(of_fields(module, tuple(kept.values())), left_out=left_out)


def of_fields(module: Mapping[str, Any], fields: tuple[RecordField, ...]) -> RecordModule:
    """Return a module by its row of `modules` and its fields."""
    api_name = str(module["api_name"])
    return RecordModule(
        api_name=api_name,
        label=str(module.get("plural_label") or api_name),
        kind=str(module.get("generated_type") or "default"),
        fields=fields,
        module_id=str(module.get("id") or ""),
        viewable=module.get("viewable") is not False,
    )


def _age(row: Mapping[str, Any]) -> tuple[bool, int, str, str]:
    """Order by ids, which grow: a new field comes last, and its column too."""
    field_id = str(row.get("id") or "")
    return not field_id, len(field_id), field_id, str(row.get("api_name"))


def _absence(row: Mapping[str, Any], composed: Collection[str]) -> str:
    if row.get("type") == "unused":
        return UNUSED
    if is_line_items(row):
        return "its lines are the records of the module of this name"
    if row.get("api_name") in composed:
        return "Zoho puts it together of other fields, and lists it empty"
    reason = NOT_IN_LISTS.get(str(row.get("data_type")), "")
    return reason.format(module=_rows_module(row) or "that holds them")


def _rows_module(row: Mapping[str, Any]) -> str | None:
    """Return the subform or linking module that holds a field's rows."""
    for key in ("multiselectlookup", "multiuserlookup"):
        linking = _object(_object(row, key), "linking_details")
        if linking:
            return _module_name(linking.get("module"))
    return _module_name(row.get("subform")) or _module_name(row.get("associated_module"))


def _module_name(module: object) -> str | None:
    if isinstance(module, dict):
        name = module.get("api_name") or module.get("module")
        return str(name) if name else None
    return module if isinstance(module, str) and module else None


def _object(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


def distinct(name: str, taken: set[str]) -> str:
    """Return the name, with a number behind it if others are the same, whatever the case."""
    column, number = name, 1
    while column.lower() in taken:
        number += 1
        column = f"{name}_{number}"
    return column


def naming_note(name: str) -> str:
    """Return what a reader has to know of a column that is called otherwise than its field."""
    return f"Zoho calls it {name}: another column is called so, whatever the case"


def _field(
    module: str, row: Mapping[str, Any], name: str, column: str, *, is_private: bool
) -> RecordField:
    field_type = field_type_of(row)
    notes = []
    if column != name:
        notes.append(naming_note(name))
    if not is_documented(row):
        notes.append("its data type is not documented")
    return RecordField(
        api_name=name,
        column=column,
        type=field_type,
        label=str(row.get("field_label") or row.get("display_label") or ""),
        data_type=str(row.get("data_type") or ""),
        missing_on=_missing_on(module, name, field_type),
        rich=is_rich_text(row),
        is_closed=row.get("field_read_only") is True or row.get("read_only") is True,
        choices=_choices(row) if field_type is CHOICES else frozenset(),
        refers_to=_module_name(_object(row, "lookup").get("module")),
        note="; ".join(notes),
        field_id=str(row.get("id") or ""),
        is_private=is_private,
    )


def _module_of(lookup: RecordField, column: str) -> RecordField:
    """Return the column for the module that a lookup leads to."""
    # Activities are listed with the module beside the lookup, not in it.
    is_beside = lookup.api_name == "What_Id" and lookup.data_type != "multi_module_lookup"
    field_type = MODULE if is_beside else LOOKUP_MODULE
    return RecordField(
        api_name=column,
        column=column,
        type=field_type,
        label=f"Module of {lookup.label or lookup.api_name}",
        data_type=lookup.data_type,
        missing_on=lookup.missing_on | field_type.missing_on | ({COQL} if is_beside else set()),
        asked_as=SE_MODULE if is_beside else lookup.api_name,
    )


def request_names(fields: Iterable[RecordField]) -> list[str]:
    """Return the names to ask for in calls and queries, each once."""
    return list(dict.fromkeys(field.request_name for field in fields))


def _missing_on(module: str, name: str, field_type: FieldType) -> frozenset[str]:
    missing = set(field_type.missing_on)
    if (module, name) == ("Calls", "CTI_Entry"):
        missing |= {BULK, COQL}
    if not _QUERY_NAME.fullmatch(name):
        missing.add(COQL)
    if name == "Territory":
        missing.add(BULK)
    return frozenset(missing)


def _choices(row: Mapping[str, Any]) -> frozenset[str]:
    values = row.get("pick_list_values")
    return frozenset(
        str(value[key])
        for value in (values if isinstance(values, list) else ())
        if isinstance(value, dict)
        for key in ("display_value", "actual_value", "reference_value")
        if value.get(key)
    )
