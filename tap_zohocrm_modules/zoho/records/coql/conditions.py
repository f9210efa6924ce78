"""The conditions of queries.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import functools
from collections.abc import Sequence
from datetime import datetime

from tap_zohocrm_modules.zoho.records.model import MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.queries import Place
from tap_zohocrm_modules.zoho.records.reading import Source, Window
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal

EVERY_RECORD = "id is not null"


def changed_since(instant: datetime, by: str = MODIFIED_TIME) -> str:
    """Return the condition of what was changed at an instant or later, by a field with a time."""
    return f"{by} >= '{zoho_literal(instant)}'"


def changed_before(instant: datetime, by: str = MODIFIED_TIME) -> str:
    """Return the condition of what was changed before an instant, by a field with a time."""
    return f"{by} < '{zoho_literal(instant)}'"


def started(window: Window) -> list[str]:
    """Return the condition of a first read: from the start on, and what has no time."""
    return [] if window.since is None else [_or_null(changed_since(window.since), window)]


def unchanged(source: Source, window: Window) -> list[str]:
    """Return the conditions of what belongs to a window, its end included."""
    if not source.has_modified_time:
        return []
    return [*started(window), _or_null(changed_before(window.until), window)]


def filled(window: Window, names: Sequence[str]) -> list[str]:
    """Return the conditions of a first read's records that have a value in one of some fields."""
    return [*started(window), any_of([f"{name} is not null" for name in names])]


def _or_null(condition: str, window: Window) -> str:
    return f"({condition} or Modified_Time is null)" if window.unstamped else condition


def older(source: Source, place: Place | None, *, timed: bool) -> list[str]:
    """Return the conditions of what a list of the newest records has after a place.

    It has records with a time first, and then those without one.
    """
    if not timed:
        last = [f"id < {place.id}"] if place is not None else []
        return [*last, "Modified_Time is null"] if source.has_modified_time else last
    if place is None or place.changed is None:
        return ["Modified_Time is not null"]
    time = zoho_literal(place.changed)
    return [f"Modified_Time <= '{time}'", f"(Modified_Time < '{time}' or id < {place.id})"]


def older_or_untimed(place: Place | None, until: datetime) -> list[str]:
    """Return the conditions of what such a list has after a place with a time.

    What changed at an instant or later is left out: lists may show it later than counts do.
    """
    settled = changed_before(until)
    if place is None or place.changed is None:
        return [f"({settled} or Modified_Time is null)"]
    time = zoho_literal(place.changed)
    both = f"(Modified_Time <= '{time}' and (Modified_Time < '{time}' or id < {place.id}))"
    return [f"(({settled} and {both}) or Modified_Time is null)"]


def between(above: str | None, upto: str | None) -> list[str]:
    """Return the conditions of a range of ids, the first of them excluded."""
    low = [f"id > {above}"] if above is not None else []
    return [*low, f"id <= {upto}"] if upto is not None else low


def among(ids: Sequence[str]) -> str:
    """Return the condition of these ids."""
    return f"id in ({', '.join(ids)})"


def any_of(conditions: Sequence[str]) -> str:
    """Return the condition that one of some conditions is met, bracketed in pairs."""
    return functools.reduce(lambda one, other: f"({one} or {other})", conditions)
