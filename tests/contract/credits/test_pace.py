"""A run spends no more credits, and makes no more calls at a time, than it is allowed."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import TOKEN, metadata_catalog, read, small_organisation
from support.pages import small_pages
from support.records import read_whole
from support.sample import awkward_sample
from support.wire import Send, on_the_way

from zohocrm_demo import DemoOrganisation, Fault, Organisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

pytestmark = pytest.mark.thorough

Row = dict[str, Any]

ORG = "/crm/v8/org"
KEPT = ("Leads", "Accounts", "Deals")


def paths_of(demo: DemoOrganisation) -> list[str]:
    return [call.path for call in demo.calls if call.path != TOKEN]


@pytest.mark.parametrize("budget", [1, 7, 40])
@pytest.mark.parametrize("concurrency", [None, 1])
def test_a_budget_stops_metadata_before_the_call_that_passes_it(
    budget: int, concurrency: int | None
) -> None:
    settings: dict[str, Any] = {} if concurrency is None else {"max_concurrency": concurrency}
    with DemoOrganisation(small_organisation(*KEPT)) as demo:
        run = read(demo, catalog=None, record_modules=[], credit_budget=budget, **settings)
        assert len(paths_of(demo)) == budget
    assert f"credit_budget is {budget}" in run.error
    assert run.types[-1] == "STATE"
    assert f"API calls: {budget}, credits: {budget}, retries: 0" in run.stderr


class Gauge:
    """The most calls that were on their way at a time."""

    def __init__(self) -> None:
        self.most = self._now = 0
        self._lock = threading.Lock()

    def measure(self, request: Request, send: Send) -> Answer:
        if not request.path.startswith("/crm/"):
            return send(request)
        with self._lock:
            self._now += 1
            self.most = max(self.most, self._now)
        try:
            return send(request)
        finally:
            with self._lock:
                self._now -= 1


@pytest.fixture
def gauge() -> Iterator[Gauge]:
    made = Gauge()
    with on_the_way(made.measure):
        yield made


def busy(**company: Any) -> Organisation:
    """An organisation that takes a hundred calls and more."""
    made = awkward_sample()
    made.company["license_details"] |= company
    return made


BUSY = metadata_catalog(fields={}, layouts={}, roles={})


@pytest.mark.parametrize("limit", [1, 3, 8])
def test_never_more_calls_at_a_time_than_max_concurrency(gauge: Gauge, limit: int) -> None:
    with DemoOrganisation(small_organisation(*KEPT), concurrency=limit, latency=0.002) as demo:
        run = read(demo, catalog=None, record_modules=[], max_concurrency=limit)
        assert 429 not in {call.status for call in demo.calls}
    assert run.code == 0, run.stderr
    assert gauge.most <= limit
    assert "retries: 0" in run.log[-1].text


@pytest.mark.parametrize(
    ("licence", "allowed"),
    [
        ({}, 20),
        ({"paid_type": "professional"}, 15),
        ({"trial_type": "ultimate"}, 25),
        ({"paid": False, "paid_type": None}, 5),
        ({"paid_type": "platinum"}, 5),
    ],
    ids=["enterprise", "professional", "trial", "free", "unknown"],
)
def test_without_a_setting_the_edition_decides(gauge: Gauge, licence: Row, allowed: int) -> None:
    with DemoOrganisation(busy(**licence), concurrency=allowed, latency=0.02) as demo:
        run = read(demo, catalog=BUSY)
        assert 429 not in {call.status for call in demo.calls}
        assert paths_of(demo).count(ORG) == 1
    assert run.code == 0, run.stderr
    assert gauge.most <= allowed
    assert gauge.most > 5 or allowed == 5


@pytest.mark.parametrize(
    "refusal",
    [
        Fault.error(401, "OAUTH_SCOPE_MISMATCH"),
        Fault.error(403, "NO_PERMISSION"),
        Fault.error(500, "INTERNAL_ERROR"),
        Fault.empty(204),
    ],
    ids=lambda fault: str(fault.status),
)
def test_where_the_edition_is_not_known_five_calls_are_made_at_a_time(
    gauge: Gauge, refusal: Fault
) -> None:
    with DemoOrganisation(busy(), concurrency=5, latency=0.01) as demo:
        demo.inject(ORG, refusal, times=None)
        run = read(demo, catalog=BUSY)
        assert 429 not in {call.status for call in demo.calls}
    assert run.code == 0, run.stderr
    assert 1 < gauge.most <= 5
    assert {message["stream"] for message in run.of_type("RECORD")} == {
        "fields",
        "layouts",
        "roles",
    }


def test_one_stream_of_many_calls_is_read_as_fast_as_the_edition_allows(gauge: Gauge) -> None:
    with DemoOrganisation(busy(), latency=0.02) as demo:
        run = read(demo, catalog=metadata_catalog(fields={}))
    assert run.code == 0, run.stderr
    assert 5 < gauge.most <= 20


@pytest.mark.parametrize(
    ("records", "settings", "asks"),
    [(500, {}, True), (300, {}, False), (500, {"credit_budget": 1_000}, False)],
    ids=["many pages", "fewer", "within a budget"],
)
def test_a_list_of_many_pages_is_read_as_fast_as_the_edition_allows(
    gauge: Gauge, records: int, settings: dict[str, Any], asks: bool
) -> None:
    with DemoOrganisation(awkward_sample, latency=0.02) as demo, small_pages(10):
        demo.organisation.records.resize("Sites", records)
        read_whole(demo, "Sites", read_path="rest", **settings)
        assert 429 not in {call.status for call in demo.calls}
        assert paths_of(demo).count(ORG) == asks
    assert (gauge.most > 5) == asks


def test_a_list_of_many_pages_is_read_though_the_edition_is_not_known(gauge: Gauge) -> None:
    with DemoOrganisation(awkward_sample, latency=0.02) as demo, small_pages(10):
        demo.organisation.records.resize("Sites", 500)
        demo.inject(ORG, Fault.error(403, "NO_PERMISSION"), times=None)
        run = read_whole(demo, "Sites", read_path="rest")
    assert len(run.of_type("RECORD")) == 500
    assert 1 < gauge.most <= 5
