"""Shifts with who works them, and holidays.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-shift-hours.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-holidays.html
"""

from __future__ import annotations

from datetime import date
from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.families.rows import Row, pick

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_DETAILS = ("break_hours", "users", "holidays")


def list_shifts(context: Context) -> Answer:
    """All shifts and how many have users; breaks, users and holidays are null here."""
    shifts = context.organisation.shift_hours
    rows = [{**_whole(context, shift), **dict.fromkeys(_DETAILS)} for shift in shifts]
    return _shifts(context, rows)


def get_shift(context: Context) -> Answer:
    """One shift with its breaks, users and holidays; 204 for an unknown id."""
    shift = pick(context.organisation.shift_hours, context.variables["one"])
    return _shifts(context, [] if shift is None else [_whole(context, shift)])


def one_holiday(context: Context) -> list[Row]:
    """One holiday; none for an unknown id."""
    row = pick(context.organisation.holidays, context.variables["one"])
    return [] if row is None else [row]


def _shifts(context: Context, rows: list[Row]) -> Answer:
    if not rows:
        return NO_CONTENT
    shifts = context.organisation.shift_hours
    staffed = sum(bool(_workers(context, shift["id"])) for shift in shifts)
    return json_answer({"shift_count": {"total_shift_with_user": staffed}, "shift_hours": rows})


def _whole(context: Context, shift: Row) -> Row:
    workers = _workers(context, shift["id"])
    holidays = context.organisation.holidays
    own = [row for row in holidays if (row["shift_hour"] or {}).get("id") == shift["id"]]
    return {
        **shift,
        "users": [_worker(user) for user in workers] or None,
        "users_count": len(workers),
        "holidays": [_holiday(row) for row in own] or None,
    }


def _workers(context: Context, shift_id: str) -> list[Row]:
    users = context.organisation.users
    return [user for user in users if (user["$current_shift"] or {}).get("id") == shift_id]


def _worker(user: Row) -> Row:
    return {
        "role": user["role"],
        "name": user["full_name"],
        "id": user["id"],
        "email": user["email"],
        "zuid": user["zuid"],
        "effective_from": user["created_time"][:10],
    }


def _holiday(row: Row) -> Row:
    return {
        "date": row["date"],
        # Here the year is a text, in the list of holidays a number.
        "year": str(row["year"]),
        "name": row["name"],
        "userFmt": f"{date.fromisoformat(row['date']):%m/%d/%Y}",
        "id": row["id"],
    }
