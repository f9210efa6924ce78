"""Rows and pages of them: what the handlers of all families share.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError, invalid_id

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from zohocrm_demo.routes import Context

Row: TypeAlias = dict[str, Any]

_ROWS_ON_A_PAGE = 200


def rows_named(context: Context, name: str) -> list[Row]:
    """The organisation's list of this name; of the call's module alone, if the call names one."""
    everything = context.organisation.content(name)
    if context.module is None or isinstance(everything, dict):
        return content_named(context, name) or []
    wanted = context.module["api_name"]
    return [row for row in everything or () if row["module"]["api_name"] == wanted]


def content_named(context: Context, name: str) -> Any:
    """The organisation's list or object of this name; the module's own where there is one each."""
    content = context.organisation.content(name)
    if isinstance(content, dict) and context.module is not None:
        return content.get(context.module["api_name"])
    return content


def page(context: Context, key: str, rows: list[Row], **more: Any) -> Answer:
    """The page that `page` and `per_page` ask for; `more` goes into `info`."""
    number, size = _place(context)
    found = page_rows(context, rows)
    info = {
        "per_page": size,
        "count": len(found),
        "page": number,
        "more_records": number * size < len(rows),
    }
    return json_answer({key: found, "info": {**info, **more}}) if found else NO_CONTENT


def page_rows(context: Context, rows: list[Row]) -> list[Row]:
    """The rows on the page that `page` and `per_page` ask for."""
    number, size = _place(context)
    return rows[(number - 1) * size : number * size]


def pick(rows: Iterable[Row], wanted: str, by: str = "id") -> Row | None:
    """The row with this id, or None."""
    return next((row for row in rows if row[by] == wanted), None)


def existing(rows: Iterable[Row], wanted: str, path_index: int, by: str = "id") -> Row:
    """The row with this id.

    Raises:
        ZohoError: 400 INVALID_DATA with this `resource_path_index` if there is none.
    """
    row = pick(rows, wanted, by)
    if row is None:
        raise invalid_id(path_index)
    return row


def known_param(context: Context, name: str, rows: Iterable[Row]) -> str | None:
    """The id in a parameter; None if the call doesn't have it.

    Raises:
        ZohoError: 400 INVALID_DATA if no row has it.
    """
    wanted = context.params.get(name)
    if wanted is not None and pick(rows, wanted) is None:
        what = "layout id" if name == "layout_id" else "id"
        message = f"the {what} given seems to be invalid"
        raise ZohoError(400, "INVALID_DATA", message, {"param_name": name})
    return wanted


def without(row: Mapping[str, Any], keys: Iterable[str]) -> Row:
    """The row less some keys."""
    dropped = frozenset(keys)
    return {key: value for key, value in row.items() if key not in dropped}


def ref(row: Mapping[str, Any], *keys: str) -> Row:
    """Some keys of a row, `api_name` and `id` unless named."""
    return {key: row[key] for key in keys or ("api_name", "id")}


def _place(context: Context) -> tuple[int, int]:
    params = context.params
    return int(params.get("page", "1")), int(params.get("per_page", str(_ROWS_ON_A_PAGE)))
