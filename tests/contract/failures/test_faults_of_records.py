"""Whatever goes wrong with any kind of call for records: every row, or one clear line.

A run that succeeds has the undisturbed run's rows. One that fails says why in one line, has emitted
no row that is not as it ought to be, and leaves a STATE from which the next run emits the rest.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import json
from collections.abc import Iterator
from datetime import datetime, timezone
from typing import Any

import pytest
from support.cases import sample
from support.demo import config_for
from support.pages import small_pages
from support.records import shared_catalog
from support.run import Run, run_tap, with_options
from support.sample import awkward_sample

from tap_zohocrm_modules.zoho.transport.connection import TimeLimits
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.accounts import EVERY_SCOPE

IMPATIENT = RetryPolicy(max_tries=3, max_time=5, first_wait=0.001, longest_wait=0.001)
PER_PAGE = 20
COUNT = 50
DELETED = datetime(2026, 9, 1, tzinfo=timezone.utc)
JSON = "application/json;charset=utf-8"
COQL = "/crm/v8/coql"
BULK = "/crm/bulk/v8/read"
NOT_BY_QUERIES = tuple(scope for scope in EVERY_SCOPE if "coql" not in scope.lower())


@dataclasses.dataclass(frozen=True)
class Kind:
    """A kind of call: where it is seen, and by reading what.

    Attributes:
        pattern: The calls' path.
        stream: What is read.
        path: How.
        nth: Which of the calls goes wrong, the middle one of a list's pages.
        increment: Whether it is made by reads of what has changed.
        scopes: What the token may.
    """

    pattern: str
    stream: str
    path: str
    nth: int = 1
    increment: bool = False
    scopes: tuple[str, ...] = EVERY_SCOPE


KINDS = {
    "list by time": Kind("/crm/v8/Sites", "Sites", "rest", 2),
    "list of changes": Kind("/crm/v8/Sites", "Sites", "rest", 2, increment=True),
    "list by id, page_token": Kind("/crm/v8/Email_Analytics", "Email_Analytics", "rest", 2),
    "list of a crowd, page_token": Kind("/crm/v8/Sensors", "Sensors", "rest", 4),
    "slices of a list": Kind("/crm/v8/Water_Samples", "Water_Samples", "rest", 4),
    "list of ids": Kind("/crm/v8/Events", "Events", "coql"),
    "rich text": Kind("/crm/v8/Sites/actions/fetch_full_data", "Sites", "rest", 2),
    "query": Kind(COQL, "Tasks", "coql", 2),
    "query of changes": Kind(COQL, "Tasks", "coql", 2, increment=True),
    "converted leads": Kind("/crm/v8/Leads", "Leads", "coql"),
    "count": Kind("/crm/v8/Tasks/actions/count", "Tasks", "auto", scopes=NOT_BY_QUERIES),
    "bulk job": Kind(BULK, "Tasks", "bulk"),
    "bulk state": Kind(f"{BULK}/[0-9]*[0-9]", "Tasks", "bulk", 2),
    "bulk result": Kind(f"{BULK}/*/result", "Tasks", "bulk"),
    "bulk reconciling": Kind(COQL, "Tasks", "bulk"),
    "deletions": Kind("/crm/v8/Tasks/deleted", "Tasks", "coql"),
    "deletions again": Kind("/crm/v8/Tasks/deleted", "Tasks", "coql", increment=True),
    "fields": Kind("/crm/v8/settings/fields", "Tasks", "coql"),
    "modules": Kind("/crm/v8/settings/modules", "Tasks", "coql"),
}


def error(status: int, code: str, details: dict[str, Any] | None = None) -> Fault:
    return Fault.error(status, code, "said so", details)


def inside(body: Any) -> Fault:
    return Fault(status=200, body=json.dumps(body), content_type=JSON)


REFUSED = {"code": "INTERNAL_ERROR", "details": {}, "message": "said so", "status": "error"}

# What may pass: it is tried again, and when it passes nothing of it is to be seen.
PASSING = {
    "401 INVALID_TOKEN": error(401, "INVALID_TOKEN"),
    "429": error(429, "TOO_MANY_REQUESTS"),
    "429 Retry-After": dataclasses.replace(
        error(429, "TOO_MANY_REQUESTS"), headers={"Retry-After": "0"}
    ),
    "500": error(500, "INTERNAL_ERROR"),
    "503": error(503, "SERVICE_UNAVAILABLE"),
    "503 page": Fault.html(503, "Maintenance"),
    "200 page": Fault.html(200, "Log in"),
    "200 empty": Fault.empty(200),
    "200 truncated": Fault(status=200, body='{"data":[{"id":"59371', content_type=JSON),
    "cut": Fault.cut(40),
    "reset": Fault.reset(),
    "stalled": Fault.stall(),
}
# What stays for this call: another way leads there, or the run says so.
REFUSALS = {
    "204": Fault.empty(204),
    "304": Fault.empty(304),
    "400 INVALID_DATA": error(400, "INVALID_DATA", {"param_name": "fields"}),
    "400 LIMIT_EXCEEDED": error(400, "LIMIT_EXCEEDED", {"limit": 200}),
    "400 EXPIRED_VALUE": error(400, "EXPIRED_VALUE", {"param_name": "page_token"}),
    "400 TOKEN_BOUND": error(400, "TOKEN_BOUND_DATA_MISMATCH", {"param_name": "page_token"}),
    "400 NOT_SUPPORTED": error(400, "NOT_SUPPORTED"),
    "400 FEATURE_NOT_ENABLED": error(400, "FEATURE_NOT_ENABLED"),
    "401 OAUTH_SCOPE_MISMATCH": error(401, "OAUTH_SCOPE_MISMATCH"),
    "403 NO_PERMISSION": error(403, "NO_PERMISSION"),
    "404 RESOURCE_NOT_FOUND": error(404, "RESOURCE_NOT_FOUND"),
    "404 INVALID_DATA": error(404, "INVALID_DATA"),
    "410 page": Fault.html(410, "Gone"),
    "200 error inside": inside({"data": [{**REFUSED, "code": "INVALID_REQUEST"}]}),
    "200 flat error inside": inside({**REFUSED, "code": "INVALID_REQUEST"}),
    "200 nothing": inside({}),
    "200 a list": inside([]),
    "200 no rows": inside({"data": [], "info": {"more_records": True, "count": 0}}),
    "200 null": inside({"data": None, "info": None}),
}


# By which Zoho says that a module has no such list, or nothing in it.
NOTHING_TO_TELL = [
    REFUSALS[name] for name in ("204", "304", "400 NOT_SUPPORTED", "400 FEATURE_NOT_ENABLED")
]


@functools.cache
def demo_for(kind: str) -> DemoOrganisation:
    demo = DemoOrganisation(
        awkward_sample, scopes=KINDS[kind].scopes, mints_per_window=100_000, active_tokens=99
    )
    store = demo.organisation.records
    for module in ("Sites", "Tasks", "Events", "Leads", "Water_Samples", "Email_Analytics"):
        store.resize(module, COUNT, unstamped=0)
    store.resize("Sensors", COUNT, crowd=30)
    for module in ("Sites", "Tasks"):
        store.delete(module, next(store.read(module, "id"))["id"], at=DELETED)
    demo.start()
    return demo


@pytest.fixture(scope="module", autouse=True)
def _stopped_in_the_end() -> Iterator[None]:
    yield
    for kind in KINDS:
        demo_for(kind).stop()
    demo_for.cache_clear()


@pytest.fixture(autouse=True)
def _quick() -> Iterator[None]:
    with small_pages(PER_PAGE):
        yield


def read(kind: str, state: dict[str, Any] | None = None, **more: Any) -> Run:
    demo, one = demo_for(kind), KINDS[kind]
    return run_tap(
        config=config_for(demo, read_path=one.path, **more),
        catalog=shared_catalog(one.stream),
        state=state,
        policy=IMPATIENT,
    )


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What a destination has after some runs: its rows, and which are deleted."""

    rows: dict[str, str]
    deleted: frozenset[str]


def outcome(*runs: Run) -> Outcome:
    table: dict[str, str] = {}
    deleted = set()
    for row in (row for run in runs for row in run.rows):
        if row.get("_sdc_deleted_at"):
            deleted.add(row["id"])
            table.pop(row["id"], None)
        else:
            table[row["id"]] = json.dumps(row)
    return Outcome(table, frozenset(deleted))


def start(kind: str) -> dict[str, Any] | None:
    """The STATE to begin with: in the middle of what there is, for increments."""
    if not KINDS[kind].increment:
        return None
    store = demo_for(kind).organisation.records
    times = sorted(row["Modified_Time"] for row in store.read(KINDS[kind].stream, "Modified_Time"))
    since = times[3].strftime("%Y-%m-%dT%H:%M:%SZ")
    bookmark = {"replication_key": "Modified_Time", "replication_key_value": since}
    return {"bookmarks": {KINDS[kind].stream: bookmark}}


@functools.cache
def undisturbed(kind: str) -> Outcome:
    run = read(kind, start(kind))
    assert run.code == 0, run.logged("ERROR")
    found = outcome(run)
    assert len(found.rows) > 2 * PER_PAGE
    assert found.deleted or not KINDS[kind].increment
    return found


def impatient() -> contextlib.AbstractContextManager[None]:
    """Wait less for an answer than the least that users may ask for."""
    return with_options(times=TimeLimits(request=0.3, total=0.3))


def disturbed(kind: str, fault: Fault, times: int | None) -> Run:
    expected = undisturbed(kind)
    demo = demo_for(kind)
    demo._house.faults._rules.clear()
    # Ten a minute are enough for a run, but not for all of these.
    demo.organisation.records.bulk_jobs._downloads.clear()
    before = len(demo.calls)
    demo.inject(KINDS[kind].pattern, fault, nth=KINDS[kind].nth, times=times)
    with impatient() if fault.stalls else contextlib.nullcontext():
        run = read(kind, start(kind))
    hit = demo._house.faults._rules[0].seen >= KINDS[kind].nth
    demo._house.faults._rules.clear()
    assert hit, "the call was not made"
    assert len(demo.calls) - before < 90
    assert "This is a defect" not in run.stderr, run.stderr
    assert "Traceback" not in run.stderr
    found = outcome(run)
    if any("not offered by Zoho" in text for text in run.logged("WARNING")):
        # Zoho lists the module as not viewable, and refuses what first asks for its records.
        assert fault in REFUSALS.values()
        assert not found.rows
        return run
    if run.code == 0:
        assert found.rows == expected.rows
        if found == expected or fault in NOTHING_TO_TELL:
            return run
        assert any("deletions" in text for text in run.logged("WARNING"))
    else:
        assert KINDS[kind].stream in run.error
        assert found.rows.items() <= expected.rows.items()
    demo.organisation.records.bulk_jobs._downloads.clear()
    states = run.of_type("STATE")
    again = read(kind, states[-1]["value"] if states else start(kind))
    assert again.code == 0, again.logged("ERROR")
    both = outcome(run, again)
    assert both.rows == expected.rows
    assert both.deleted >= expected.deleted
    return run


FAULTS = {**PASSING, **REFUSALS}
EVERY = [(kind, fault, times) for kind in KINDS for fault in FAULTS for times in (1, None)]
# Each kind with some faults, each fault with some kinds.
SOME = EVERY[::13]
PASSED = [("query", "cut", 1), ("bulk result", "500", 1), ("bulk state", "503", 1)]
MORE = sorted({*EVERY[::3]} - {*SOME, *PASSED}, key=EVERY.index)


def check(kind: str, fault: str, times: int | None) -> None:
    run = disturbed(kind, FAULTS[fault], times)
    if fault in PASSING and times is not None:
        assert run.code == 0


@pytest.mark.parametrize(("kind", "fault", "times"), sample([*SOME, *PASSED], *SOME[::6], *PASSED))
def test_a_fault_loses_nothing(kind: str, fault: str, times: int | None) -> None:
    check(kind, fault, times)


@pytest.mark.heavy
@pytest.mark.parametrize(("kind", "fault", "times"), MORE)
def test_no_fault_loses_anything(kind: str, fault: str, times: int | None) -> None:
    check(kind, fault, times)
