"""Business hours, shifts, holidays, fiscal year.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-business-hours.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-shift-hours.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-holidays.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-fiscal-year.html
"""

from __future__ import annotations

import re
from datetime import date

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.rows import Row, one_object, page, pick
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Context, Route

_SCOPES = ("ZohoCRM.settings.business_hours.READ",)
_FISCAL_SCOPES = ("ZohoCRM.settings.fiscal_year.READ",)
_DETAILS = ("break_hours", "users", "holidays")
_YEAR = re.compile(r"20\d\d|2100")


def list_shifts(context: Context) -> Answer:
    """All shifts and how many have users; breaks, users and holidays are null here."""
    shifts = context.organisation.shift_hours
    rows = [{**_whole(context, shift), **dict.fromkeys(_DETAILS)} for shift in shifts]
    return _shifts(context, rows)


def get_shift(context: Context) -> Answer:
    """One shift with its breaks, users and holidays; 204 for an unknown id."""
    shift = pick(context.organisation.shift_hours, context.variables["one"])
    return _shifts(context, [] if shift is None else [_whole(context, shift)])


def list_holidays(context: Context) -> Answer:
    """All holidays, or those of a `year`, a `type`, a shift; on one page."""
    year, kind = context.params.get("year"), context.params.get("type")
    shift = context.params.get("shift_id")
    rows = [
        row
        for row in context.organisation.holidays
        if year in {None, str(row["year"])}
        and kind in {None, row["type"]}
        and shift in {None, _shift_of(row)}
    ]
    return page(context, "holidays", rows)


def get_holiday(context: Context) -> Answer:
    """One holiday; 204 for an unknown id."""
    row = pick(context.organisation.holidays, context.variables["one"])
    return page(context, "holidays", [] if row is None else [row])


def _shifts(context: Context, rows: list[Row]) -> Answer:
    if not rows:
        return NO_CONTENT
    shifts = context.organisation.shift_hours
    staffed = sum(bool(_workers(context, shift["id"])) for shift in shifts)
    return json_answer({"shift_count": {"total_shift_with_user": staffed}, "shift_hours": rows})


def _whole(context: Context, shift: Row) -> Row:
    workers = _workers(context, shift["id"])
    own = [row for row in context.organisation.holidays if _shift_of(row) == shift["id"]]
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
    day = date.fromisoformat(row["date"])
    return {
        "date": row["date"],
        # Here the year is a text, in the list of holidays a number.
        "year": str(row["year"]),
        "name": row["name"],
        "userFmt": f"{day:%m/%d/%Y}",
        "id": row["id"],
    }


def _shift_of(holiday: Row) -> str | None:
    shift: Row | None = holiday["shift_hour"]
    return None if shift is None else str(shift["id"])


def _pattern(name: str, value: str) -> None:
    pattern = _YEAR if name == "year" else re.compile(r"\d{1,30}")
    if not pattern.fullmatch(value):
        raise ZohoError(
            400,
            "PATTERN_NOT_MATCHED",
            "Please check whether the input values are correct",
            {"api_name": name},
        )


ROUTES = (
    Route(
        "/crm/v8/settings/business_hours",
        one_object("business_hours", lambda context: context.organisation.business_hours),
        _SCOPES,
    ),
    Route("/crm/v8/settings/business_hours/shift_hours", list_shifts, _SCOPES),
    Route("/crm/v8/settings/business_hours/shift_hours/{one}", get_shift, _SCOPES),
    Route(
        "/crm/v8/settings/holidays",
        list_holidays,
        _SCOPES,
        (
            Param("year", _pattern),
            Param("type", one_of("business_holiday", "shift_holiday")),
            Param("shift_id", _pattern),
        ),
    ),
    Route("/crm/v8/settings/holidays/{one}", get_holiday, _SCOPES),
    Route(
        "/crm/v8/settings/fiscal_year",
        one_object("fiscal_year", lambda context: context.organisation.fiscal_year),
        _FISCAL_SCOPES,
    ),
)
