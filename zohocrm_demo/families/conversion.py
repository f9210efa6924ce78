"""A lead is converted.

Source: https://www.zoho.com/crm/developer/docs/api/v8/convert-lead.html, and the OpenAPI files
"""

from __future__ import annotations

from typing import Any

from zohocrm_demo.answers import Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_write import NO_ID
from zohocrm_demo.families.writing import answer_rows, rows_of, values_of
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.references import Row

cost = Cost(5, sub_concurrent=True)


def convert(context: Context) -> Answer:
    """Convert a lead into an account and a contact, new or known ones, and a deal if wanted."""
    store, lead = context.organisation.records, context.variables["record"]
    body = rows_of(context)[0]
    if not isinstance(body, dict):
        raise ZohoError("INVALID_DATA", expected_data_type="jsonobject", json_path="$.data[0]")
    with store.lock:
        record = store.find("Leads", lead)
        if record is None:
            raise ZohoError("INVALID_DATA", NO_ID, resource_path_index=1)
        if record.value("Converted__s"):
            raise ZohoError("ID_ALREADY_CONVERTED", resource_path_index=1)
        try:
            made = store.convert_lead(
                lead,
                deal=_deal(context, body),
                owner=_owner(context, body),
                existing=_existing(context, body),
            )
        except ZohoError as error:
            return answer_rows([error.row])
        _carry_over(context, body, made)
        names = {module: store.namer(module)(made[module]) for module in made}
    details = {
        module: {"name": names[module], "id": made[module]} if module in made else None
        for module in ("Contacts", "Deals", "Accounts")
    }
    message = "The record has been converted successfully"
    success = {"code": "SUCCESS", "details": details, "message": message, "status": "success"}
    return json_answer({"data": [success]})


def _deal(context: Context, body: Row) -> Row | None:
    deal = _object(body, "Deals")
    return None if deal is None else values_of(context, "Deals", deal, "$.data[0].Deals")


def _owner(context: Context, body: Row) -> str | None:
    wanted = _object(body, "assign_to")
    if wanted is None:
        return None
    if not any(user["id"] == wanted.get("id") for user in context.organisation.users):
        raise _wrong("assign_to", NO_ID)
    return str(wanted["id"])


def _existing(context: Context, body: Row) -> dict[str, str]:
    found = {}
    for module in ("Accounts", "Contacts"):
        wanted = _object(body, module)
        if wanted is None:
            continue
        if context.organisation.records.find(module, str(wanted.get("id"))) is None:
            raise _wrong(module, NO_ID)
        found[module] = str(wanted["id"])
    return found


def _carry_over(context: Context, body: Row, made: dict[str, str]) -> None:
    store = context.organisation.records
    for module, tags in (_object(body, "carry_over_tags") or {}).items():
        record = store.find(module, made[module]) if module in made else None
        if record is not None and isinstance(tags, list):
            names = [tag.get("name") if isinstance(tag, dict) else str(tag) for tag in tags]
            kept = tuple(dict.fromkeys((*(record.value("Tag") or ()), *names)))
            store.update(module, made[module], {"Tag": kept})


def _object(body: Row, name: str) -> dict[str, Any] | None:
    found = body.get(name)
    if found is not None and not isinstance(found, dict):
        raise _wrong(name, expected_data_type="jsonobject")
    return found


def _wrong(name: str, message: str = "", **details: Any) -> ZohoError:
    path = {"api_name": name, "json_path": f"$.data[0].{name}"}
    return ZohoError("INVALID_DATA", message, **path, **details)
