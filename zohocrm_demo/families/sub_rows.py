"""Rows of subforms, which come with the record that they belong to.

Source: https://www.zoho.com/crm/developer/docs/api/v8/update-records.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.calls import Context
from zohocrm_demo.families.writing import values_of
from zohocrm_demo.organisation.records.kinds import kind_of
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.references import Row

_DELETE = "_delete"


@dataclass(frozen=True, slots=True)
class SubRow:
    """A row of a subform as a body has it."""

    module: str  # of the subform
    record_id: str | None  # None: a new one
    values: Row | None  # None: it is to be deleted


def read_sub_rows(
    context: Context, module: str, row: Mapping[str, Any], where: str, parent: str | None = None
) -> list[SubRow]:
    """The rows of all subforms in a body's row; ZohoError: Zoho wouldn't take one of them."""
    found: list[SubRow] = []
    for name, field in context.organisation.records.fields(module).items():
        if kind_of(field) != "rows" or row.get(name) is None:
            continue
        path = {"api_name": name, "json_path": f"{where}.{name}"}
        if not isinstance(row[name], list):
            raise ZohoError("INVALID_DATA", expected_data_type="jsonarray", **path)
        child = field["subform"]["module"]
        found += _read(context, (child, parent), row[name], f"{where}.{name}")
    return found


def _read(
    context: Context, of: tuple[str, str | None], rows: Iterable[Any], where: str
) -> Iterator[SubRow]:
    (module, parent), store = of, context.organisation.records
    for place, row in enumerate(rows):
        path = f"{where}[{place}]"
        if not isinstance(row, dict):
            raise ZohoError("INVALID_DATA", expected_data_type="jsonobject", json_path=path)
        given = row.get("id")
        known = None if given is None else store.find(module, str(given))
        if given is not None and (known is None or known.value("Parent_Id") != parent):
            wrong = {"id": given, "api_name": "id", "json_path": f"{path}.id"}
            raise ZohoError("INVALID_DATA", "the id given seems to be invalid", **wrong)
        identity = None if given is None else str(given)
        if _DELETE in row:
            yield SubRow(module, identity, None)
        else:
            yield SubRow(module, identity, values_of(context, module, row, path, identity))


def keep_sub_rows(store: RecordStore, parent: str, rows: Iterable[SubRow]) -> None:
    """Add, change and delete rows of a record's subforms; those not named stay."""
    for row in rows:
        if row.record_id is None:
            if row.values is not None:
                store.insert(row.module, {**row.values, "Parent_Id": parent})
        elif row.values is None:
            store.delete(row.module, row.record_id)
        else:
            store.update(row.module, row.record_id, row.values)
