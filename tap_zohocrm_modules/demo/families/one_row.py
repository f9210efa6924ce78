"""One row of many: by its id in the path, and without what only the call for one row tells.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_zohocrm_modules.demo.answers import NO_CONTENT, Answer, json_answer

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable

    from tap_zohocrm_modules.demo.routes import Context


def with_id(rows: Iterable[dict[str, Any]], row_id: str) -> dict[str, Any] | None:
    """The row with this id."""
    return next((row for row in rows if row["id"] == row_id), None)


def one_answer(context: Context, key: str, rows: Iterable[dict[str, Any]]) -> Answer:
    """An array of the row whose id is the `{id}` of the path; 204 for an unknown one."""
    row = with_id(rows, context.variables["id"])
    return NO_CONTENT if row is None else json_answer({key: [row]})


def list_answer(key: str, rows: Iterable[dict[str, Any]]) -> Answer:
    """All rows at once; 204 without any."""
    shown = list(rows)
    return json_answer({key: shown}) if shown else NO_CONTENT


def without(rows: Iterable[dict[str, Any]], details: Collection[str]) -> list[dict[str, Any]]:
    """The rows as in a list: without the keys that only the call for one row has."""
    return [{key: row[key] for key in row if key not in details} for row in rows]
