"""The forms in which families answer: all rows, a page of them, one of them, one object.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError, invalid_id
from zohocrm_demo.params import Check, Param, refused
from zohocrm_demo.routes import Context, Handler

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

Row: TypeAlias = dict[str, Any]
Rows: TypeAlias = Callable[[Context], list[Row]]

_MOST_ROWS = 200
_MOST_IDS = 100
_DIGITS = 9


def limit_exceeded(name: str, limit: int) -> ZohoError:
    """400 LIMIT_EXCEEDED; `details {limit, param_name}`."""
    details = {"limit": limit, "param_name": name}
    return ZohoError(400, "LIMIT_EXCEEDED", "the limit of the parameter is exceeded", details)


def natural(most: int | None = None) -> Check:
    """Take a whole number from 1 to `most`; 400 INVALID_DATA or LIMIT_EXCEEDED otherwise."""

    def check(name: str, value: str) -> None:
        if not (_is_number(value) and len(value) <= _DIGITS and int(value)):
            details = {"param_name": name, "expected_data_type": "integer"}
            raise ZohoError(400, "INVALID_DATA", "invalid data", details)
        if most is not None and int(value) > most:
            raise limit_exceeded(name, most)

    return check


def id_list(name: str, value: str) -> None:
    """Take up to 100 ids with commas; 400 INVALID_DATA or LIMIT_EXCEEDED otherwise."""
    ids = value.split(",")
    for index, item in enumerate(ids):
        if not _is_number(item):
            details = {"param_name": name, "index": index}
            raise ZohoError(400, "INVALID_DATA", "invalid data", details)
    if len(ids) > _MOST_IDS:
        raise limit_exceeded(name, _MOST_IDS)


PAGES = (Param("page", natural()), Param("per_page", natural(_MOST_ROWS)))
IDS = Param("ids", id_list)
FILTERS = Param("filters", refused("filters are not supported by the demo"))


def all_of(key: str, rows: Rows) -> Handler:
    """Answer with all rows under `key`; 204 without any."""

    def answer(context: Context) -> Answer:
        found = rows(context)
        return json_answer({key: found}) if found else NO_CONTENT

    return answer


def page_of(key: str, rows: Rows) -> Handler:
    """Answer with one page of rows and its `info`; 204 when there is nothing on it."""

    def answer(context: Context) -> Answer:
        return page(context, key, rows(context))

    return answer


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


def one_row(key: str, rows: Rows, path_index: int | None = None, by: str = "id") -> Handler:
    """Answer with an array of the one row that the path's `{one}` names.

    Args:
        key: The response key.
        rows: The rows to look in.
        path_index: Where `{one}` stands in the path, counted from 0 below the version: an
            unknown one is answered with 400 INVALID_DATA. None: with 204.
        by: The key that identifies a row.
    """

    def answer(context: Context) -> Answer:
        found = pick(rows(context), context.variables["one"], by)
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


def pick(rows: Iterable[Row], wanted: str, by: str = "id") -> Row | None:
    """The row with this id, or None."""
    return next((row for row in rows if row[by] == wanted), None)


def chosen(context: Context, rows: list[Row]) -> list[Row]:
    """The rows that the parameter `ids` names, all of them without it."""
    wanted = context.params.get("ids")
    ids = None if wanted is None else set(wanted.split(","))
    return [row for row in rows if ids is None or row["id"] in ids]


def without(row: Mapping[str, Any], keys: Iterable[str]) -> Row:
    """The row less some keys."""
    dropped = frozenset(keys)
    return {key: value for key, value in row.items() if key not in dropped}


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdecimal()


def _place(context: Context) -> tuple[int, int]:
    params = context.params
    return int(params.get("page", "1")), int(params.get("per_page", str(_MOST_ROWS)))
