"""Handlers for families that need nothing but their rows, and parameters that many share.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from tap_zohocrm_modules.demo.answers import NO_CONTENT, Answer, json_answer
from tap_zohocrm_modules.demo.errors import ZohoError, invalid_id
from tap_zohocrm_modules.demo.families.one_row import list_answer
from tap_zohocrm_modules.demo.families.pages import page_answer
from tap_zohocrm_modules.demo.params import Param, refused
from tap_zohocrm_modules.demo.routes import Context, Handler

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = Callable[[Context], list[Row]]

_MOST_IDS = 100


def id_list(name: str, value: str) -> None:
    """Take up to 100 ids with commas; 400 INVALID_DATA or LIMIT_EXCEEDED otherwise."""
    ids = value.split(",")
    for index, item in enumerate(ids):
        if not (item.isascii() and item.isdecimal()):
            details = {"param_name": name, "index": index}
            raise ZohoError(400, "INVALID_DATA", "invalid data", details)
    if len(ids) > _MOST_IDS:
        details = {"limit": _MOST_IDS, "param_name": name}
        raise ZohoError(400, "LIMIT_EXCEEDED", "the limit of the parameter is exceeded", details)


IDS = Param("ids", id_list)
FILTERS = Param("filters", refused("filters are not supported by the demo"))


def all_of(key: str, rows: Rows) -> Handler:
    """Answer with all rows under `key`; 204 without any."""
    return lambda context: list_answer(key, rows(context))


def page_of(key: str, rows: Rows) -> Handler:
    """Answer with a page of the rows under `key`, and `info`; 204 when nothing is on it."""
    return lambda context: page_answer(context, key, rows(context))


def one_with(key: str, rows: Rows, path_index: int | None = None, by: str = "id") -> Handler:
    """Answer with an array of the one row that the path's `{one}` names.

    Args:
        key: The response key.
        rows: The rows to look in.
        path_index: Where `{one}` stands in the path, counted from 0 below the version: an
            unknown one is answered with 400 INVALID_DATA. None: with 204.
        by: The key that identifies a row.
    """

    def answer(context: Context) -> Answer:
        found = named(rows(context), context.variables["one"], by)
        if found is not None:
            return json_answer({key: [found]})
        if path_index is None:
            return NO_CONTENT
        raise invalid_id(path_index)

    return answer


def one_object(key: str, found: Callable[[Context], Row | None]) -> Handler:
    """Answer with an object, not an array, under `key`; 204 without it."""

    def answer(context: Context) -> Answer:
        row = found(context)
        return json_answer({key: row}) if row else NO_CONTENT

    return answer


def named(rows: Iterable[Row], wanted: str, by: str) -> Row | None:
    """The row whose key `by` has this value, or None."""
    return next((row for row in rows if row[by] == wanted), None)


def chosen(context: Context, rows: list[Row]) -> list[Row]:
    """The rows that the parameter `ids` names, all of them without it."""
    wanted = context.params.get("ids")
    ids = None if wanted is None else set(wanted.split(","))
    return [row for row in rows if ids is None or row["id"] in ids]


def less(row: Mapping[str, Any], keys: Iterable[str]) -> Row:
    """The row less some keys."""
    dropped = frozenset(keys)
    return {key: value for key, value in row.items() if key not in dropped}
