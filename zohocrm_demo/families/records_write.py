"""Records are created, changed, deleted and restored.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/insert-records.html,
.../update-records.html, .../upsert-records.html, .../delete-records.html, and the OpenAPI files
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any

from zohocrm_demo.answers import Answer, ZohoError
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import named_module, read_scope, readable_module
from zohocrm_demo.families.sub_rows import keep_sub_rows, read_sub_rows
from zohocrm_demo.families.writing import (
    MOST_ROWS,
    answer_rows,
    done,
    each,
    kept_of,
    record_id,
    rows_of,
    values_of,
)
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.references import Row

_ROWS_A_CREDIT = 10
NO_ID = "the id given seems to be invalid"


def scopes_to(*operations: str) -> Callable[[Context], tuple[str, ...]]:
    """The scopes that do these things to the module in the path."""

    def scopes(context: Context) -> tuple[str, ...]:
        family = read_scope(named_module(context)).removesuffix(".READ")
        return tuple(f"{family}.{operation}" for operation in operations)

    return scopes


to_create = scopes_to("CREATE")
to_update = scopes_to("UPDATE")
to_upsert = scopes_to("CREATE", "UPDATE")
to_delete = scopes_to("DELETE")


def cost(context: Context) -> Cost:
    """A credit for ten rows; more than those take one of the few slots for costly calls."""
    try:
        count = len(rows_of(context))
    except ZohoError:
        # The handler will say so; before that the call has to pass the gates.
        count = 1
    return Cost(-(-count // _ROWS_A_CREDIT), sub_concurrent=count > _ROWS_A_CREDIT)


def writable_module(context: Context, permission: str) -> str:
    """The module in the path, if its records may be written."""
    module = readable_module(context)
    rows_of_others = module["generated_type"] in {"subform", "linking"}
    if not (module[permission] or rows_of_others or module["api_name"] == "Notes"):
        raise ZohoError("NOT_SUPPORTED", resource_path_index=0)
    return str(module["api_name"])


def insert(context: Context) -> Answer:
    """Add up to 100 records: 201, 207 or 400, with an answer for each."""
    module, store = writable_module(context, "creatable"), context.organisation.records

    def write(place: int, row: Row) -> Row:
        return done(context, module, _added(context, module, row, place), "record added")

    with store.lock:
        return answer_rows(each(rows_of(context), write), 201)


def update(context: Context) -> Answer:
    """Change up to 100 records, each by the id in its row, or one by the id in the path."""
    module, store = writable_module(context, "editable"), context.organisation.records

    def write(place: int, row: Row) -> Row:
        given = context.variables.get("record") or row.get("id")
        if given is None:
            raise ZohoError("MANDATORY_NOT_FOUND", api_name="id", json_path=f"$.data[{place}].id")
        return changed(context, module, str(given), row, f"$.data[{place}]")

    with store.lock:
        return answer_rows(each(rows_of(context), write))


def changed(context: Context, module: str, given: str, row: Row, where: str, **more: Any) -> Row:
    """Change a record; the answer for it. ZohoError: there is none, or it can't hold the values."""
    store = context.organisation.records
    wanted = record_id(context, module, given)
    if store.find(module, wanted) is None:
        raise ZohoError("INVALID_DATA", NO_ID, id=given, api_name="id", json_path=f"{where}.id")
    values = values_of(context, module, row, where, wanted)
    rows = read_sub_rows(context, module, row, where, wanted)
    store.update(module, wanted, values)
    keep_sub_rows(store, wanted, rows)
    return done(context, module, wanted, "record updated", **more)


def _added(context: Context, module: str, row: Row, place: int) -> str:
    where, store = f"$.data[{place}]", context.organisation.records
    values = values_of(context, module, row, where)
    rows = read_sub_rows(context, module, row, where)
    made = store.insert(module, values)
    keep_sub_rows(store, made, rows)
    return made


def upsert(context: Context) -> Answer:
    """Add records, or change those that have the same value in a field checked for duplicates."""
    module, store = writable_module(context, "creatable"), context.organisation.records
    known = store.fields(module)
    checked = json.loads(context.body).get("duplicate_check_fields") if context.body else None
    if checked is None:
        checked = [name for name, field in known.items() if field.get("unique")]
    for place, name in enumerate(checked):
        if name not in known:
            path = f"$.duplicate_check_fields[{place}]"
            raise ZohoError("INVALID_DATA", api_name="duplicate_check_fields", json_path=path)

    def write(place: int, row: Row) -> Row:
        where = f"$.data[{place}]"
        if "id" in row:
            mark = {"duplicate_field": None, "action": "update"}
            return changed(context, module, str(row["id"]), row, where, **mark)
        for name in checked:
            if row.get(name) is not None:
                # The value as it is kept, which is what others are compared with.
                path = {"api_name": name, "json_path": f"{where}.{name}"}
                probe = kept_of(context, known[name], row, row[name], path)
                for other in store.holding(module, name, probe):
                    found = {"duplicate_field": name, "action": "update"}
                    return changed(context, module, str(other.id), row, where, **found)
        made = _added(context, module, row, place)
        return done(context, module, made, "record added", duplicate_field=None, action="insert")

    with store.lock:
        return answer_rows(each(rows_of(context), write))


def delete(context: Context) -> Answer:
    """Delete up to 100 records, those of `ids`, or the one in the path."""
    module, store = writable_module(context, "deletable"), context.organisation.records
    text = context.variables.get("record") or context.params["ids"]
    ids = text.split(",")
    if len(ids) > MOST_ROWS:
        raise ZohoError("LIMIT_EXCEEDED", limit=MOST_ROWS, param_name="ids")

    def write(_: int, row: Row) -> Row:
        wanted = record_id(context, module, row["id"])
        if store.find(module, wanted) is None:
            raise ZohoError("INVALID_DATA", NO_ID, id=row["id"])
        store.delete(module, wanted)
        details = {"id": row["id"]}
        deleted = {"code": "SUCCESS", "details": details, "message": "record deleted"}
        return {**deleted, "status": "success"}

    with store.lock:
        return answer_rows(each([{"id": one} for one in ids], write))


def restore(context: Context) -> Answer:
    """Bring records back from the recycle bin, one by the path or those of a body."""
    organisation = context.organisation
    one = context.variables.get("one")
    rows = [{"id": one}] if one is not None else rows_of(context, "recycle_bin")

    def write(_: int, row: Mapping[str, Any]) -> Row:
        binned = next((it for it in organisation.recycle_bin if it["id"] == row.get("id")), None)
        if binned is None:
            raise ZohoError("INVALID_DATA", NO_ID, id=row.get("id"))
        try:
            organisation.records.restore(binned["module"]["api_name"], binned["id"])
        except LookupError as error:
            message = "the record was deleted before the sample organisation began"
            raise ZohoError("NOT_SUPPORTED", message, id=binned["id"]) from error
        details = {"id": binned["id"]}
        restored = {"code": "SUCCESS", "details": details, "message": "record restored"}
        return {**restored, "status": "success"}

    with organisation.records.lock:
        return answer_rows(each(rows, write), key="recycle_bin")
