"""Sizes, settings and faults, as a seed draws them."""

from __future__ import annotations

import contextlib
from collections.abc import Mapping
from datetime import datetime, timezone
from random import Random
from typing import Any

from simulation.answers import FALSE_KINDS
from simulation.draws import Drawn
from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import Fault

PATHS = ("rest", "coql", "bulk", "bulk", "auto")
START = "start_date"
_LATE = ("two-clocks", "late-visibility", "uneven-visibility", "old-times")
_VERSIONS = "emit_activate_version_messages"

FAULTS: Mapping[str, Fault] = {
    "500": Fault(),
    "502": Fault.html(),
    "429": Fault.error(429, "TOO_MANY_REQUESTS"),
    "reset": Fault.reset(),
    "half": Fault.half(),
    "stall": Fault.stall(),
    "slow": Fault.slow(7_200),
    "expired token": Fault.error(401, "INVALID_TOKEN", "invalid oauth token"),
    "no scope": Fault.error(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL"),
    "no permission": Fault.error(403, "NO_PERMISSION", "permission denied"),
    "empty": Fault.empty(200),
}
PLACES: Mapping[str, int] = {
    "*": 2,
    "*/coql": 6,
    "*/read*": 3,
    "*/deleted": 2,
    "*/actions/count": 1,
    "*/v8/?????*": 3,
    "/oauth/*": 1,
}
# A call is given up after the fourth.
FIRST_FAULTS, TIMES = (1, 1, 2, 3, 4, 6, 9, 12), (1, 2, 4, 5, None)


def draw_limits(random: Random, page: int) -> Limits:
    """Return limits so small that few records reach them."""
    return Limits(
        page_rows=page,
        deletions=10 * page,
        list_fields=random.choice([8, 50, 50]),
        list_ids=4,
        query_credits=((page, 1), (2 * page, 2)),
        job_rows=2 * page,
        job_credits=random.choice([1, 4, 50]),
        job_page_rows=4,
        uncounted_changes=5,
        recheck_rows=3,
        sorted_ids=7,
        records_per_state=random.choice([1, 4]),
    )


def draw_settings(random: Random, drawn: Drawn) -> dict[str, Any]:
    """Return the settings that a seed begins with."""
    settings: dict[str, Any] = {
        "read_path": random.choice(PATHS),
        "emit_tombstones": random.random() < 0.9,
        "token_cache": False,
    }
    if random.random() < 0.15:
        settings[START] = "2025-01-01"
    if random.random() < 0.3:
        settings["delete_sweep_days"] = 1
    if random.random() < 0.2:
        settings["refresh_days"] = 1
    for name in FALSE_KINDS:
        # Without a count of all records a false answer is harder to find.
        if (more := drawn.of(name)) is not None and more.random() < 0.5:
            settings[START] = "2025-01-01"
    if (more := drawn.of("short-exports")) is not None:
        settings["read_path"] = "bulk"
    if (more := drawn.of("full-refresh")) is not None:
        settings[_VERSIONS] = more.random() < 0.5
    if drawn.of("moving-lists") is not None:
        settings[_VERSIONS] = True
    return settings


def redraw(settings: dict[str, Any], drawn: Drawn, *, is_last: bool) -> None:
    """Change the settings before a run; the last runs have what the comparison needs."""
    # What comes late is found by those who look back far enough.
    is_late = any(drawn.of(name) is not None for name in _LATE)
    if (random := drawn.of("tombstones")) is not None:
        settings["emit_tombstones"] = is_last or random.random() < 0.5
    if drawn.of("calls-under-way") is not None:
        # A sweep finds what a page has skipped.
        settings.pop("delete_sweep_days", None)
    if (random := drawn.of("intervals")) is not None:
        _redraw_intervals(settings, random, [300] if is_late else [0, 60, 300])
    if drawn.of("clock-set-back") is not None and not is_late:
        settings["lookback"] = 0
    if drawn.of("empty-spells") is not None:
        settings["delete_sweep_days"] = 1
    if (random := drawn.of(START.replace("_", "-"))) is not None and (
        random.random() < 0.5 or is_last
    ):
        starts = [None, "2025-01-01", "2026-03-01T11:00:00Z", "2026-03-01T12:05:00Z", "2026-03-02"]
        start = random.choice(starts[:2] if is_last else starts)
        settings.pop(START, None)
        settings.update({} if start is None else {START: start})
    _redraw_path(settings, drawn)
    settings.pop("credit_budget", None)
    if not is_last and (random := drawn.of("budget")) is not None and random.random() < 0.7:
        settings["credit_budget"] = random.choice([3, 8, 20, 60])


def _redraw_path(settings: dict[str, Any], drawn: Drawn) -> None:
    if drawn.of("lasting-absences") is not None:
        # What reads by queries asks for the rest of a record by its id.
        settings["read_path"] = "coql"
    if (random := drawn.of("short-second-reads")) is not None:
        settings["read_path"] = random.choice(["coql", settings["read_path"]])
    if (random := drawn.of("calls-under-way")) is not None:
        settings["read_path"] = random.choice(["auto", "auto", settings["read_path"]])


def _redraw_intervals(settings: dict[str, Any], random: Random, lookbacks: list[int]) -> None:
    for key in ("delete_sweep_days", "refresh_days"):
        settings.pop(key, None)
        if random.random() < 0.4:
            settings[key] = 1
    settings["lookback"] = random.choice(lookbacks)


def start_of(settings: Mapping[str, Any]) -> datetime | None:
    """Return the instant that `start_date` names."""
    text = settings.get(START)
    if text is None:
        return None
    with contextlib.suppress(ValueError):
        return datetime.fromisoformat(f"{text}T00:00:00+00:00")
    return datetime.fromisoformat(text.replace("Z", "+00:00")).astimezone(timezone.utc)
