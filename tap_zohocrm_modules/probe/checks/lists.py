"""What lists of records show.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Any

from tap_zohocrm_modules.probe.account import Account, Row, said
from tap_zohocrm_modules.probe.assumption import Seen
from tap_zohocrm_modules.zoho.records.field_traits import composites
from tap_zohocrm_modules.zoho.transport.errors import ApiError
from tap_zohocrm_modules.zoho.transport.instants import parse, zoho_literal
from tap_zohocrm_modules.zoho.transport.texts import counted

_NO_FIELD = "No_Such_Field_of_ours"
_FEW = 5
_LAYOUT = "Layout"


def pages(account: Account) -> Mapping[str, Seen]:
    """Read two pages by token, with the header, and compare their ids and order."""
    witness = account.witness
    times = sorted(parse(str(row["Modified_Time"])) for row in witness.newest if _time(row))
    since = zoho_literal((times[0] if times else account.client.server_now()) - timedelta(days=1))
    asked = {
        "fields": "id,Modified_Time",
        "sort_by": "Modified_Time",
        "sort_order": "asc",
        "per_page": str(min(_FEW, len(witness.newest) - 1)),
    }
    first, info = account.listed(witness.name, since, **asked)
    order = [parse(str(row["Modified_Time"])) for row in first if _time(row)]
    is_sorted = order == sorted(order)
    text = f"{counted(len(first), 'row')} of a page, {'in' if is_sorted else 'out of'} order"
    seen = {"sorted_by_time": Seen(text, is_sorted if len(first) > 1 else None)}
    token = info.get("next_page_token")
    if not isinstance(token, str):
        return {**seen, "since_with_token": Seen("no token: one page holds all", None)}
    try:
        second, _ = account.listed(witness.name, since, **asked, page_token=token)
    except ApiError as error:
        return {**seen, "since_with_token": Seen(f"refused: {said(error)}", holds=False)}
    both = {row.get("id") for row in first} & {row.get("id") for row in second}
    later = [parse(str(row["Modified_Time"])) for row in second if _time(row)]
    goes_on = bool(second) and not both and not (order and later and min(later) < max(order))
    return {
        **seen,
        "since_with_token": Seen(
            f"accepted; {counted(len(second), 'row')} follow, {len(both)} of them again", goes_on
        ),
    }


def since(account: Account) -> Mapping[str, Seen]:
    """Ask for what changed since the second of the newest record."""
    newest = next((row for row in account.witness.newest if _time(row)), None)
    if newest is None:
        return {"since_is_inclusive": Seen("no record has a Modified_Time", None)}
    when = zoho_literal(parse(str(newest["Modified_Time"])))
    asked = {"fields": "id,Modified_Time", "sort_by": "Modified_Time", "sort_order": "asc"}
    rows, _ = account.listed(account.witness.name, when, **asked, per_page="200")
    is_there = newest["id"] in {row.get("id") for row in rows}
    text = f"the newest record is {'among' if is_there else 'not among'} {len(rows)} rows"
    return {"since_is_inclusive": Seen(f"{text} since its own second", is_there)}


def rows(account: Account) -> Mapping[str, Seen]:
    """Compare the keys of rows with the fields that were asked for."""
    witness = account.witness
    asked = witness.asked
    lacking = {name for row in witness.newest for name in asked - row.keys()}
    text = f"{len(lacking)} of {len(asked)} keys missing in some of {len(witness.newest)} rows"
    return {"keys_of_rows": Seen(text, not lacking)}


def unknown_field(account: Account) -> Mapping[str, Seen]:
    """Ask for a name that is not a field."""
    try:
        found, _ = account.listed(account.witness.name, fields=f"id,{_NO_FIELD}", per_page="1")
    except ApiError as error:
        return {"unknown_field": Seen(f"refused: {said(error)}", holds=True)}
    has = any(_NO_FIELD in row for row in found)
    return {"unknown_field": Seen(f"200, the key {'is there' if has else 'left out'}", holds=False)}


def values(account: Account) -> Mapping[str, Seen]:
    """Look at the shapes of some values in the records at hand."""
    return {
        "layout_type": _layout(account),
        "composite_fields": _composites(account),
        "display_values": _display(account.witness.fields, account.witness.newest),
    }


def _layout(account: Account) -> Seen:
    modules = account.described.items()
    with_layout = ((n, f) for n, fields in modules for f in fields if f.get("api_name") == _LAYOUT)
    module, field = next(with_layout, ("", {}))
    if not module:
        return Seen("no field Layout", None)
    rows, _ = account.listed(module, fields=f"id,{_LAYOUT}", per_page="200")
    found = [row[_LAYOUT] for row in rows if row.get(_LAYOUT) is not None]
    objects = sum(isinstance(value, dict) and bool(value.get("id")) for value in found)
    types = f"data_type {field.get('data_type')}, json_type {field.get('json_type')}"
    is_object = field.get("json_type") in {"jsonobject", None} and objects == len(found)
    return Seen(f"{types}; {objects} of {len(found)} values are objects with an id", is_object)


def _composites(account: Account) -> Seen:
    known = account.described
    module, names = next(
        ((name, some) for name, fields in known.items() if (some := _texts(fields))), ("", [])
    )
    if not names:
        return Seen(f"no such field in {counted(len(known), 'module')}", None)
    try:
        found, _ = account.listed(module, fields=",".join(["id", *names]), per_page="200")
    except ApiError as error:
        return Seen(f"{counted(len(names), 'field')}, refused in lists: {said(error)}", holds=True)
    filled = sum(bool(row.get(name)) for row in found for name in names)
    text = f"{counted(len(names), 'field')}, {filled} values in {counted(len(found), 'record')}"
    return Seen(text, not filled)


def _texts(fields: Sequence[Row]) -> list[str]:
    """Return the fields put together of others, but for those whose value is the parts again."""
    types = {str(field.get("api_name")): field.get("data_type") for field in fields}
    return sorted(name for name in composites(fields) if types[name] != "address")


def _display(fields: Sequence[Row], newest: Sequence[Row]) -> Seen:
    displayed = actual = 0
    for field in fields:
        for item in field.get("pick_list_values") or ():
            shown, real = item.get("display_value"), item.get("actual_value")
            if shown == real:
                continue
            found = [_values(row.get(str(field.get("api_name")))) for row in newest]
            displayed += sum(shown in some for some in found)
            actual += sum(real in some for some in found)
    if not displayed + actual:
        return Seen("no record holds a picklist's value that was renamed or translated", None)
    return Seen(f"{displayed} display values, {actual} actual values", displayed > 0 == actual)


def _values(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _time(row: Row) -> bool:
    return bool(row.get("Modified_Time"))
