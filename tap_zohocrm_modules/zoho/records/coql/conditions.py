"""COQL's grammar: the conditions of queries, and the words that they must quote.

https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from datetime import datetime

from tap_zohocrm_modules.zoho.records.reading import CONVERTED, Source, Window
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal

EVERY_RECORD = "id is not null"

# Zoho says that there are such words, with one example (External): these are SQL's.
_WORDS = """
all and any array as asc between both by case cast check column commit condition constraint count
create cross cube current current_date current_time current_timestamp current_user cursor date day
default delete desc describe distinct drop each else end escape every except exists external false
fetch filter first for foreign from full function grant group having hour in index inner insert
intersect interval into is join key lag language last lead leading left like limit local match
max measures merge method min minute month natural new no not null of offset old on only option or
order out outer over overlaps partition percent period position precision primary procedure range
rank recursive references result return revoke right rollup row rows second select set show similar
some start static sum avg system table then time timestamp to top trailing trigger true truncate
union unique unknown update upper usage user using value values varying view when where window with
within without year zone
"""

RESERVED = frozenset(re.findall(r"\w+", _WORDS))


def where(source: Source, conditions: Sequence[str]) -> str:
    """Join conditions by `and`, bracketed in pairs."""
    wanted = list(conditions)
    if any(field.api_name == CONVERTED for field in source.module.fields):
        # Queries that do not speak of conversion leave converted leads out.
        wanted.append(f"({CONVERTED} = 'true' or {CONVERTED} = 'false')")
    joined = wanted[0] if wanted else EVERY_RECORD
    for index, condition in enumerate(wanted[1:], 1):
        joined = f"{f'({joined})' if index > 1 else joined} and {condition}"
    return joined


def changed_since(instant: datetime) -> str:
    """Return the condition of what was changed at an instant or later."""
    return f"Modified_Time >= '{zoho_literal(instant)}'"


def changed_before(instant: datetime) -> str:
    """Return the condition of what was changed before an instant."""
    return f"Modified_Time < '{zoho_literal(instant)}'"


def started(window: Window) -> list[str]:
    """Return the condition of a first read: from the start on, and what has no time."""
    if window.since is None:
        return []
    later = changed_since(window.since)
    return [f"({later} or Modified_Time is null)" if window.unstamped else later]


def unchanged(source: Source, window: Window) -> list[str]:
    """Return the conditions of what belongs to a window, its end included."""
    if not source.has_modified_time:
        return []
    before = changed_before(window.until)
    return [
        *started(window),
        f"({before} or Modified_Time is null)" if window.unstamped else before,
    ]


def between(above: str | None, upto: str | None) -> list[str]:
    """Return the conditions of a range of ids, the first of them excluded."""
    low = [f"id > {above}"] if above is not None else []
    return [*low, f"id <= {upto}"] if upto is not None else low
