"""What fails, fails by name and alone; what ends a run ends it soon."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.demo import config_for, sample_demo
from support.records import emitted, read_records, records_catalog, truth
from support.run import FAST, Run, run_tap
from support.wire import Send, on_the_way, query_of

from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        for module in ("Tasks", "Calls", "Events"):
            organisation.organisation.records.resize(module, 20)
        yield organisation


def metric(run: Run, stream: str) -> list[str]:
    lines = [t for t in run.logged("DEBUG") if '"metric":"sync_duration"' in t and stream in t]
    return ["failed" if '"status":"failed"' in line else "succeeded" for line in lines]


def test_an_unforeseen_error_fails_its_stream_and_no_other(demo: DemoOrganisation) -> None:

    def broken(request: Request, send: Send) -> Answer:
        if request.path.startswith("/crm/v8/Events") or " from Events " in query_of(request):
            raise RecursionError("too deep")
        return send(request)

    with on_the_way(broken):
        run = read_records(demo, "Calls", "Events", "Tasks", env={"LOGLEVEL": "DEBUG"})
    assert run.error.startswith("Events: RecursionError: too deep")
    assert metric(run, "Events") == ["failed"]
    assert metric(run, "Tasks") == ["succeeded"]
    for module in ("Calls", "Tasks"):
        assert emitted(run.stdout, module).keys() == truth(demo, module, ["id"]).keys()


@pytest.mark.parametrize("chosen", [(), ("Calls", "Tasks")])
def test_a_dead_refresh_token_ends_a_run_within_twenty_lines(
    demo: DemoOrganisation, chosen: tuple[str, ...]
) -> None:
    config = {**config_for(demo), "refresh_token": "1000.dead.token"}
    run = run_tap(config=config, catalog=records_catalog(*chosen) if chosen else None, policy=FAST)
    assert "invalid_code" in run.error
    assert len(run.log) <= 20
    assert len(run.of_type("SCHEMA")) <= 1


def test_a_spent_budget_ends_a_run_and_keeps_the_state_of_all_streams(
    demo: DemoOrganisation,
) -> None:
    first = read_records(demo, "Calls", "Events", "Tasks")
    run = read_records(demo, "Calls", "Events", "Tasks", state=first.state, credit_budget=8)
    assert "credit_budget" in run.error
    assert run.state["bookmarks"]["Tasks"] == first.state["bookmarks"]["Tasks"]


@pytest.mark.parametrize(
    ("asked", "meant"), [("Leeds", "Leads"), ("leads", "Leads"), ("Xyzzy", None)]
)
def test_a_module_that_does_not_exist_is_named_with_the_closest(
    demo: DemoOrganisation, asked: str, meant: str | None
) -> None:
    run = run_tap(config=config_for(demo, record_modules=[asked, "Task*"]), policy=FAST)
    assert f"{asked!r}" in run.error
    assert (f"did you mean {meant}?" in run.error) == (meant is not None)
    assert run.stdout == b""


def test_the_report_has_a_row_for_each_stream_after_all_of_them(demo: DemoOrganisation) -> None:
    demo.inject("/crm/v8/coql", Fault.error(500, "INTERNAL_ERROR"), times=1)
    demo.inject("/crm/v8/Events*", Fault.error(500, "INTERNAL_ERROR"), times=None)
    victim = next(iter(truth(demo, "Calls", ["id"])))
    run = read_records(demo, "Calls", "Events", "Tasks", "sync_report")
    assert run.code == 1
    rows = {row["record"]["stream"]: row["record"] for row in run.of_type("RECORD")[-3:]}
    assert list(rows) == ["Calls", "Events", "Tasks"]
    assert [row["status"] for row in rows.values()] == ["succeeded", "failed", "succeeded"]
    assert [row["records"] for row in rows.values()] == [20, 0, 20]
    assert "INTERNAL_ERROR" in rows["Events"]["error"]
    assert rows["Events"]["retries"] > 0
    assert all(row["calls"] > 0 and row["credits"] > 0 for row in rows.values())
    assert rows["Tasks"]["path"] in {"rest", "coql", "bulk"}
    demo.organisation.records.delete("Calls", victim)
    state = {"bookmarks": {"Calls": run.state["bookmarks"]["Calls"]}}
    again = read_records(demo, "Calls", "sync_report", state=state, cutoff_lag=0)
    (report,) = again.rows_of("sync_report")
    assert report["records"] == 0
