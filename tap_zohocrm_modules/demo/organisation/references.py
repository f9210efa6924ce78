"""How one thing points at another in Zoho's answers, and who made it when."""

from __future__ import annotations

from typing import Any

from tap_zohocrm_modules.demo.organisation.ids import make_id
from tap_zohocrm_modules.demo.organisation.local_time import local
from tap_zohocrm_modules.demo.organisation.people import user_refs

Row = dict[str, Any]
Fields = dict[str, list[Row]]

# First numbers of the ids of settings; `ids` has those of modules, people and fields.
SECTIONS = 7_010_000_000
RELATED_LISTS = 7_020_000_000
SHARED_VIEWS = 7_030_000_000
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


def module_ref(module: Row) -> dict[str, str]:
    """`{api_name, id}` of a module."""
    return {"api_name": module["api_name"], "id": module["id"]}


def field_ref(field: Row) -> dict[str, str]:
    """`{api_name, id}` of a field."""
    return {"api_name": field["api_name"], "id": field["id"]}


def by_name(rows: list[Row]) -> dict[str, Row]:
    """Rows by their API name."""
    return {row["api_name"]: row for row in rows}


def stamps(created: str, modified: str, by: str = "Ingrid", then: str | None = None) -> Row:
    """Who made something and who changed it last.

    Args:
        created: UTC without an offset.
        modified: UTC without an offset.
        by: First name of the user who made it.
        then: First name of the user who changed it, if it was another one.
    """
    users = user_refs()
    return {
        "created_time": local(created),
        "modified_time": local(modified),
        "created_by": users[by],
        "modified_by": users[then or by],
    }


def days_on(day: int) -> tuple[str, str]:
    """Two UTC instants for `stamps`, `day` days into 2024 and a fortnight and a bit later."""
    month, rest = divmod(day, 28)
    first = f"2024-{month % 12 + 1:02d}-{rest + 1:02d}T09:{day % 60:02d}:00"
    return first, first.replace("2024", "2025", 1)


def numbered(first: int, number: int) -> str:
    """The `number`th id of a range."""
    return make_id(first + number)
