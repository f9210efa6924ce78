"""When the sample organisation works: business hours, shifts, holidays, fiscal year, absences.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/get-business-hours.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-shift-hours.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-holidays.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-fiscal-year.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-unavailability.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import ZONE_NAME, local
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.organisation.wide_ids import (
    BREAKS,
    BUSINESS_HOURS,
    FISCAL_YEAR,
    HOLIDAYS,
    SHIFTS,
    UNAVAILABILITY,
)

_WORKDAYS = ["Monday", "Tuesday", "Wednesday", "Thursday", "Friday"]
_EARLY, _LATE, _NIGHT = "Early", "Late", "夜勤"

# Month and day: name, and the shift if it is that shift's alone.
_HOLIDAYS = (
    ("01-01", "New Year's Day", None),
    ("07-03", "Independence Day (observed)", None),
    ("08-15", "お盆", _NIGHT),
    ("11-26", "Thanksgiving", None),
    ("12-24", "Boat maintenance", _EARLY),
)
_YEARS = (2025, 2026)


def business_hours() -> Row:
    """The one object of `business_hours`: another time on Fridays."""
    return {
        "week_starts_on": "Monday",
        "type": "custom",
        "id": make_id(BUSINESS_HOURS),
        "timezone": ZONE_NAME,
        "business_days": list(_WORKDAYS),
        "same_as_everyday": False,
        "daily_timing": None,
        "custom_timing": [
            {
                "days": day,
                "business_timing": ["08:00", "13:00" if day == "Friday" else "17:30"],
            }
            for day in _WORKDAYS
        ],
    }


def shift_refs() -> dict[str, Row]:
    """`{name, id}` of every shift, by name."""
    return {
        name: {"name": name, "id": make_id(SHIFTS + 5 * index)}
        for index, name in enumerate((_EARLY, _LATE, _NIGHT))
    }


def shift_hours() -> list[Row]:
    """Every shift with its breaks; who works it, users tell, and its holidays, the holidays."""
    early, late, night = shift_refs().values()
    return [
        {
            "same_as_everyday": True,
            "shift_days": list(_WORKDAYS),
            "daily_timing": ["05:00", "13:00"],
            "custom_timing": None,
            **early,
            "break_hours": [_break(0, ["09:00", "09:30"])],
            "timezone": ZONE_NAME,
        },
        {
            "same_as_everyday": False,
            "shift_days": ["Saturday", "Sunday"],
            "daily_timing": None,
            "custom_timing": [
                {"days": "Saturday", "shift_timing": ["12:00", "20:00"]},
                {"days": "Sunday", "shift_timing": ["14:00", "20:00"]},
            ],
            **late,
            "break_hours": [_break(1, ["16:00", "16:20"]), _break(2, ["18:30", "18:40"])],
            "timezone": ZONE_NAME,
        },
        {
            "same_as_everyday": True,
            "shift_days": list(_WORKDAYS),
            "daily_timing": ["22:00", "06:00"],
            "custom_timing": None,
            **night,
            "break_hours": None,
            "timezone": "Asia/Tokyo",
        },
    ]


def holidays() -> list[Row]:
    """Every holiday of two years, the organisation's and single shifts'."""
    shifts = shift_refs()
    return [
        {
            "name": name,
            "date": f"{year}-{day}",
            "type": "business_holiday" if shift is None else "shift_holiday",
            "shift_hour": None if shift is None else shifts[shift],
            "id": make_id(HOLIDAYS + 10 * turn + index),
            "year": year,
        }
        for turn, year in enumerate(_YEARS)
        for index, (day, name, shift) in enumerate(_HOLIDAYS)
    ]


def fiscal_year() -> Row:
    """The one object of `fiscal_year`: a standard calendar, from April on."""
    return {
        "calendar_type": "standard",
        "display_based_on": "start_month",
        "surplus_week": None,
        "start_month": "April",
        "interval_display_option": None,
        "id": make_id(FISCAL_YEAR),
        "structure": None,
        "past_surplus_weeks": None,
        "start_date": None,
    }


def users_unavailability(users: list[Row]) -> list[Row]:
    """When every fourth active user is away; one is a colleague's entry from another calendar."""
    away = [user for user in users if user["status"] == "active"][::4]
    return [
        {
            "service": "zoho_calendar" if index == 1 else "crm",
            "title": "Out of office",
            "all_day": index % 2 == 0,
            "tp_calendar_id": "cal-88213" if index == 1 else None,
            "tp_event_id": "evt-5521903" if index == 1 else None,
            "comments": None if index % 2 else "On the boat, no signal",
            "from": local(f"2026-0{index + 1}-12T15:00:00"),
            "id": make_id(UNAVAILABILITY + index),
            "to": local(f"2026-0{index + 1}-15T23:30:00"),
            "user": {"name": user["full_name"], "id": user["id"], "zuid": user["zuid"]},
        }
        for index, user in enumerate(away)
    ]


def _break(number: int, timing: list[str]) -> Row:
    return {
        "same_as_everyday": True,
        "break_days": list(_WORKDAYS),
        "daily_timing": timing,
        "custom_timing": None,
        "id": make_id(BREAKS + number),
    }
