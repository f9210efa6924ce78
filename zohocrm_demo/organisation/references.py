"""How one thing points at another in Zoho's answers, and who made it when."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from typing import Any, TypeAlias

from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.people import user_refs

Row: TypeAlias = dict[str, Any]
Fields: TypeAlias = dict[str, list[Row]]

# First numbers of the ids of settings; `ids` has those of modules, people and fields.
SECTIONS = 7_010_000_000
RELATED_LISTS = 7_020_000_000
OWN_VIEWS = 7_030_000_000
GLOBAL_PICKLISTS = 7_040_000_000
MAP_DEPENDENCIES = 7_050_000_000
FORECAST_CATEGORIES = 7_060_000_000
TAGS = 7_070_000_000
TEMPLATES = 7_080_000_000
WIZARDS = 7_090_000_000
RECORD_LOCKS = 7_100_000_000
COMMUNICATION = 7_110_000_000
ENRICHMENTS = 7_120_000_000
RULES = 7_130_000_000
ACTIONS = 7_140_000_000
FAILURES = 7_150_000_000

_BEGINNING = datetime(2023, 1, 16, 17, 30, tzinfo=timezone.utc)
_UNTIL_CHANGED = timedelta(days=200, hours=5, minutes=7)


def module_ref(module: Row) -> dict[str, str]:
    """`{api_name, id}` of a module."""
    return {"api_name": module["api_name"], "id": module["id"]}


def field_ref(field: Row) -> dict[str, str]:
    """`{api_name, id}` of a field."""
    return {"api_name": field["api_name"], "id": field["id"]}


def by_api_name(rows: list[Row]) -> dict[str, Row]:
    """Modules or fields by their API name."""
    return {row["api_name"]: row for row in rows}


def has_tab(module: Row) -> bool:
    """Whether users see the module's records in a tab: it has layouts, views, tags and rules."""
    return bool(module["api_supported"] and module["show_as_tab"] and module["creatable"])


def stamps(day: int, by: str = "Ingrid", then: str | None = None) -> Row:
    """Who made something and who changed it last.

    Args:
        day: When it was made, in days since the organisation's settings were begun.
        by: First name of the user who made it.
        then: First name of the user who changed it, if it was another one.
    """
    users = user_refs()
    made = _BEGINNING + timedelta(days=day, minutes=day)
    return {
        "created_time": local(made),
        "modified_time": local(made + _UNTIL_CHANGED),
        "created_by": users[by],
        "modified_by": users[then or by],
    }
