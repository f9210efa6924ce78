"""What queries show.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

from collections.abc import Mapping

from tap_zohocrm_modules.probe.account import Account, said
from tap_zohocrm_modules.probe.assumption import Seen
from tap_zohocrm_modules.zoho.records.reading import CONVERTED
from tap_zohocrm_modules.zoho.transport.errors import ApiError, PermissionRefusedError
from tap_zohocrm_modules.zoho.transport.texts import counted

_MOST, _PRICE = 2_000, 3
_LEADS = "Leads"
_COLUMNS, _FEW = 20, 200


def limit(account: Account) -> Mapping[str, Seen]:
    """Ask with the greatest LIMIT."""
    try:
        rows = account.select(account.witness.name, ["id"], _MOST, _PRICE)
    except ApiError as error:
        return {"query_limit": _refused(error)}
    return {"query_limit": Seen(f"accepted, {counted(len(rows), 'row')}", holds=True)}


def keys(account: Account) -> Mapping[str, Seen]:
    """Compare the keys of rows with the columns that were asked for."""
    kinds = ("text", "email", "phone", "boolean", "integer", "date", "datetime")
    names = account.witness.of_type(*kinds)[:_COLUMNS]
    try:
        rows = account.select(account.witness.name, ["id", *names], _FEW)
    except ApiError as error:
        return {"query_keys": Seen(f"refused: {said(error)}", None)}
    lacking = {name for row in rows for name in {*names} - row.keys()}
    text = f"{len(lacking)} of {len(names)} keys missing in some of {counted(len(rows), 'row')}"
    return {"query_keys": Seen(text, not lacking)}


def converted(account: Account) -> Mapping[str, Seen]:
    """Count leads with a condition that names conversion, and look whether lists have others."""
    if _LEADS not in {row.get("api_name") for row in account.modules}:
        return {"converted_leads": Seen("no module Leads", None)}
    try:
        number = account.count(_LEADS, f"{CONVERTED} = 'true'")
        listed, _ = account.listed(_LEADS, fields="id", converted="true", per_page="1")
    except ApiError as error:
        refused = _refused(error)
        is_column = error.refusal.details.get("column_name") == CONVERTED
        # An organisation without the field has no other way to ask.
        return {"converted_leads": Seen(refused.text, False if is_column else refused.holds)}
    text = f"{number:,} by queries, {'some' if listed else 'none'} in lists"
    return {"converted_leads": Seen(text, bool(number) if listed else None)}


def _refused(error: ApiError) -> Seen:
    is_scope = isinstance(error, PermissionRefusedError)
    return Seen(f"refused: {said(error)}", None if is_scope else False)
