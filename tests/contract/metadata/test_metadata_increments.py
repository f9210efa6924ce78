"""Metadata streams chosen as incremental: what changed since, and nothing lost."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime
from typing import Any

import pytest
from support.cases import sample
from support.demo import metadata_catalog, read, small_organisation
from support.run import FAST
from support.wire import altered_answers

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from zohocrm_demo import DemoOrganisation, Fault, Organisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

Row = dict[str, Any]

KEPT = {"Leads", "Accounts", "Deals"}
LATER = "2026-02-01T00:00:00+05:30"
LATER_UTC = "2026-01-31T18:30:00Z"

ROWS: dict[str, Callable[[Organisation], list[Row]]] = {
    "modules": lambda made: made.modules,
    "fields": lambda made: _of_modules(made, made.fields),
    "layouts": lambda made: _of_modules(made, made.layouts),
    "custom_views": lambda made: _of_modules(made, made.custom_views),
    "tags": lambda made: _of_modules(made, made.tags),
    "roles": lambda made: made.roles,
    "profiles": lambda made: made.profiles,
    "users": lambda made: made.users,
    "territories": lambda made: made.territories,
    "currencies": lambda made: made.currencies,
}


def _of_modules(made: Organisation, rows: dict[str, list[Row]]) -> list[Row]:
    return [row for module in made.modules for row in rows.get(module["api_name"], [])]


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    """A small organisation; what happened there was before 2026, or at an untold time."""
    made = small_organisation(*KEPT, profiles=4)
    for stream, rows in ROWS.items():
        column = str(ENDPOINTS[stream].modified)
        for row in rows(made):
            if row[column] and instant(row[column]).year >= 2026:
                row[column] = "2025-12-01T00:00:00Z"
        rows(made)[0][column], rows(made)[1][column] = "2019-05-01T00:00:00+02:00", None
    with DemoOrganisation(made) as running:
        yield running


class ServerTime:
    """The time that answers are dated with; a hook is called with each path as it is answered."""

    def __init__(self) -> None:
        self.now = datetime.now(timezone.utc).replace(microsecond=0)
        self.hook: Callable[[str], None] = lambda _: None


@pytest.fixture
def server_time() -> Iterator[ServerTime]:
    time = ServerTime()

    def dated(request: Request, answer: Answer) -> Answer:
        date = format_datetime(time.now, usegmt=True)
        time.hook(f"{request.path}?{request.query}")
        return dataclasses.replace(answer, headers={**answer.headers, "Date": date})

    with altered_answers(dated):
        yield time


def incremental(stream: str) -> Row:
    return {"replication-method": "INCREMENTAL", "replication-key": ENDPOINTS[stream].modified}


def only(stream: str) -> Row:
    return metadata_catalog(**{stream: incremental(stream)})


def instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def ids(rows: list[Row]) -> list[str]:
    return sorted(row["id"] for row in rows)


def since(demo: DemoOrganisation, stream: str, start: str) -> list[str]:
    """The ids of the rows that changed at `start` or later, or do not tell when."""
    column = str(ENDPOINTS[stream].modified)
    return ids(
        [
            row
            for row in ROWS[stream](demo.organisation)
            if row[column] is None or instant(row[column]) >= instant(start)
        ]
    )


def edit(demo: DemoOrganisation, stream: str, time: str = LATER, nth: int = -1) -> Row:
    row = ROWS[stream](demo.organisation)[nth]
    row[str(ENDPOINTS[stream].modified)] = time
    return row


@pytest.mark.parametrize("stream", sample(ROWS, "fields", "tags", "users"))
def test_the_second_run_has_what_changed_or_does_not_tell(
    demo: DemoOrganisation, stream: str
) -> None:
    column = str(ENDPOINTS[stream].modified)
    everything = ROWS[stream](demo.organisation)
    first = read(demo, catalog=only(stream))
    assert first.code == 0, first.stderr
    assert first.ids_in(stream) == ids(everything)
    latest = max(instant(row[column]) for row in everything if row[column])
    assert instant(first.bookmark(stream)) == latest

    changed = edit(demo, stream)
    second = read(demo, catalog=only(stream), state=first.state)
    assert second.ids_in(stream) == since(demo, stream, first.bookmark(stream))
    assert changed["id"] in second.ids_in(stream)
    assert len(second.rows) < len(first.rows)
    assert second.bookmark(stream) == LATER_UTC

    third = read(demo, catalog=only(stream), state=second.state)
    assert third.ids_in(stream) == since(demo, stream, LATER)
    assert third.state == second.state


@pytest.mark.parametrize("stream", sample(ROWS, "fields", "users"))
def test_rows_without_a_time_are_read_whatever_the_start(
    demo: DemoOrganisation, stream: str
) -> None:
    start = datetime.now(timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")
    run = read(demo, catalog=only(stream), start_date=start)
    assert run.rows
    assert {row[str(ENDPOINTS[stream].modified)] for row in run.rows} == {None}
    assert run.ids_in(stream) == since(demo, stream, start)


def test_an_edit_in_the_second_of_the_bookmark_is_not_lost(demo: DemoOrganisation) -> None:
    edit(demo, "tags", LATER, nth=0)
    first = read(demo, catalog=only("tags"))
    assert first.bookmark("tags") == LATER_UTC
    same_second = edit(demo, "tags", LATER_UTC)
    second = read(demo, catalog=only("tags"), state=first.state)
    assert same_second["id"] in second.ids_in("tags")
    assert second.ids_in("tags") == since(demo, "tags", LATER)


@pytest.mark.parametrize("lag", [0, 10, 3600])
def test_the_bookmark_is_never_after_the_runs_cut(
    demo: DemoOrganisation, server_time: ServerTime, lag: int
) -> None:
    late = edit(demo, "modules", (server_time.now + timedelta(seconds=30)).isoformat())
    first = read(demo, catalog=only("modules"), cutoff_lag=lag)
    assert late["id"] in first.ids_in("modules")
    behind = server_time.now - instant(first.bookmark("modules"))
    assert abs(behind.total_seconds() - lag) <= 5
    second = read(demo, catalog=only("modules"), state=first.state)
    assert late["id"] in second.ids_in("modules")


def test_an_edit_while_the_stream_is_read_is_in_the_next_run(
    demo: DemoOrganisation, server_time: ServerTime
) -> None:
    """The cut has to be older than the first answer, however long ago that was read ahead."""
    demo.inject("/crm/v8/settings/profiles/*", Fault.slow(0.3), nth=2)
    demo.inject("/crm/v8/settings/tags", Fault.slow(0.1), nth=2, times=2)
    missed: list[str] = []

    def meanwhile(path: str) -> None:
        if path == "/crm/v8/settings/tags?module=Leads":
            time = server_time.now + timedelta(seconds=20)
            missed.append(edit(demo, "tags", time.isoformat(), nth=0)["id"])
            server_time.now += timedelta(seconds=30)
            edit(demo, "tags", server_time.now.isoformat())
        elif path.startswith("/crm/v8/settings/tags"):
            server_time.now += timedelta(seconds=100)

    server_time.hook = meanwhile
    both = metadata_catalog(profiles={}, tags=incremental("tags"))
    first = read(demo, catalog=both, max_concurrency=2)
    server_time.hook = lambda _: None
    second = read(demo, catalog=both, state=first.state)
    assert missed
    assert set(missed) <= set(second.ids_in("tags"))


@pytest.mark.parametrize(
    ("fault", "times", "ignore"),
    [
        (Fault.error(500, "INTERNAL_ERROR"), FAST.max_tries, False),
        (Fault.error(400, "INVALID_DATA"), 1, True),
        (Fault.error(403, "NO_PERMISSION"), 1, False),
        (Fault.error(403, "NO_PERMISSION"), 1, True),
    ],
    ids=["500", "400", "403", "403 ignored"],
)
def test_a_failure_midway_leaves_the_old_bookmark(
    demo: DemoOrganisation, fault: Fault, times: int, *, ignore: bool
) -> None:
    settings: dict[str, Any] = {"max_concurrency": 1, "ignore_missing_permissions": ignore}
    first = read(demo, catalog=only("tags"))
    changed = edit(demo, "tags", nth=0)
    lost = edit(demo, "tags", "2026-01-01T00:00:00Z")
    demo.inject("/crm/v8/settings/tags", fault, nth=3, times=times)
    broken = read(demo, catalog=only("tags"), state=first.state, **settings)
    assert broken.code == (0 if ignore and fault.code == "NO_PERMISSION" else 1)
    assert changed["id"] in broken.ids_in("tags")
    assert broken.state == first.state
    healed = read(demo, catalog=only("tags"), state=broken.state, **settings)
    assert {changed["id"], lost["id"]} <= set(healed.ids_in("tags"))
    assert healed.bookmark("tags") == LATER_UTC


def test_a_first_run_that_fails_leaves_no_bookmark(demo: DemoOrganisation) -> None:
    demo.inject("/crm/v8/settings/tags", Fault.error(400, "INVALID_DATA"), nth=2, times=None)
    run = read(demo, catalog=only("tags"), max_concurrency=1)
    assert run.code == 1
    assert run.rows
    assert run.bookmark("tags") is None


def test_children_of_an_incremental_stream_are_whole(demo: DemoOrganisation) -> None:
    both = metadata_catalog(layouts=incremental("layouts"), pipelines={})
    first = read(demo, catalog=both)
    second = read(demo, catalog=both, state=first.state)
    assert first.ids_in("pipelines")
    assert second.ids_in("pipelines") == first.ids_in("pipelines")
    assert len(second.ids_in("layouts")) < len(first.ids_in("layouts"))


@pytest.mark.parametrize("start", ["2025-11-01", "2025-11-01T08:30:00+01:00"])
def test_rows_before_the_start_date_are_not_read(demo: DemoOrganisation, start: str) -> None:
    run = read(demo, catalog=only("users"), start_date=start)
    day = start if "T" in start else f"{start}T00:00:00Z"
    assert run.ids_in("users") == since(demo, "users", day)
    assert 0 < len(run.rows) < len(demo.organisation.users)


@pytest.mark.parametrize("start", ["2020-01-01", "2026-01-01"])
def test_a_start_date_skips_nothing_after_the_bookmark(demo: DemoOrganisation, start: str) -> None:
    first = read(demo, catalog=only("users"))
    edit(demo, "users", "2025-12-31T23:59:59Z", nth=0)
    edit(demo, "users", LATER, nth=1)
    second = read(demo, catalog=only("users"), state=first.state, start_date=start)
    assert second.ids_in("users") == since(demo, "users", first.bookmark("users"))
    assert demo.organisation.users[0]["id"] in second.ids_in("users")
