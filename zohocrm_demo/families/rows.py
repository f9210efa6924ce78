"""Rows and pages of them: what the handlers of all families share.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.organisation.references import Row

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

SINCE = "If-Modified-Since"
_ROWS_ON_A_PAGE = 200
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


def content_named(context: Context, name: str) -> Any:
    """The organisation's list or object of this name.

    Where there is one for each thing: that of the last thing that the path names, or of the module.
    """
    content = context.organisation.content(name)
    named = [context.variables[variable] for variable in context.known]
    key = named[-1] if named else context.module_name
    return content.get(key) if isinstance(content, dict) and key is not None else content


def rows_named(context: Context, name: str) -> list[Row]:
    """The rows of that list; of the call's module alone, if the call names one."""
    content = content_named(context, name) or []
    rows: list[Row] = content if isinstance(content, list) else [content]
    if context.module is None or isinstance(context.organisation.content(name), dict):
        return rows
    return [row for row in rows if row["module"]["api_name"] == context.module_name]


def page(
    context: Context,
    key: str,
    rows: list[Row],
    size: int | None = None,
    *,
    total: bool = False,
    **more: Any,
) -> Answer:
    """The page that `page` and `per_page` ask for; 204 if it is empty."""
    number = int(context.params.get("page", "1"))
    size = int(context.params.get("per_page", size or _ROWS_ON_A_PAGE))
    found = rows[(number - 1) * size : number * size]
    info = {"per_page": size, "count": len(found), "page": number}
    info |= {"more_records": number * size < len(rows), **more}
    shown = {"total_count": len(rows)} if total else info
    return json_answer({key: found, "info": shown}) if found else NO_CONTENT


def pick(rows: Iterable[Row], wanted: str, *by: str) -> Row | None:
    """The row with this id, or with this value of another key, or None."""
    return next((row for row in rows for key in by or ("id",) if row[key] == wanted), None)


def existing(rows: Iterable[Row], wanted: str, path_index: int, *by: str) -> Row:
    """The row with this id; 400 INVALID_DATA with this `resource_path_index` if there is none."""
    row = pick(rows, wanted, *by)
    if row is None:
        message = "the id given seems to be invalid"
        raise ZohoError("INVALID_DATA", message, resource_path_index=path_index)
    return row


def known_param(context: Context, name: str, rows: Iterable[Row]) -> str | None:
    """The id in a parameter; None if the call doesn't have it.

    Raises:
        ZohoError: 400 INVALID_DATA if no row has it.
    """
    wanted = context.params.get(name)
    if wanted is not None and pick(rows, wanted) is None:
        what = "layout id" if name == "layout_id" else "id"
        raise ZohoError("INVALID_DATA", f"the {what} given seems to be invalid", param_name=name)
    return wanted


def modified_since(context: Context) -> datetime | None:
    """The instant of If-Modified-Since; None when the request has no such header.

    Raises:
        ZohoError: 400 INVALID_DATA, unless it is ISO 8601 with an offset and whole seconds.
    """
    text = context.headers.get(SINCE.lower())
    if text is None:
        return None
    try:
        if _INSTANT.fullmatch(text):
            return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        pass
    raise ZohoError("INVALID_DATA", header_name=SINCE)


def without(row: Mapping[str, Any], keys: Iterable[str]) -> Row:
    """The row less some keys."""
    dropped = frozenset(keys)
    return {key: value for key, value in row.items() if key not in dropped}


def ref(row: Mapping[str, Any], *keys: str) -> Row:
    """Some keys of a row, `api_name` and `id` unless named."""
    return {key: row[key] for key in keys or ("api_name", "id")}
