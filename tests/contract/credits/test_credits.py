"""The ledger: what a run may cost, what it has cost, and what is left."""

from __future__ import annotations

import re
from datetime import datetime, timezone
from pathlib import Path

import pytest
import yaml
from support.client import LIST_MODULES, client_for
from support.demo import MODULES, TOKEN, calls_of, config_for, metadata_catalog, read, small_demo
from support.records import records_catalog
from support.run import Run, run_tap
from support.sample import awkward_sample

from tap_zohocrm_modules.streams.sync_report import SYNC_REPORT
from tap_zohocrm_modules.zoho.transport.errors import AuthError, OutOfCreditsError
from zohocrm_demo import DemoOrganisation, Fault

ROOT = Path(__file__).parents[3]
FIELDS = "/crm/v8/settings/fields"
SUMMARY = re.compile(
    r"API calls: (\d+), credits: (\d+), retries: (\d+),"
    r" credits left today \(X-API-CREDITS-REMAINING\): (.+)"
)


def summary(lines: list[str]) -> tuple[str, ...]:
    (found,) = [match.groups() for line in lines if (match := SUMMARY.fullmatch(line))]
    return found


def test_the_summary_counts_calls_credits_and_retries(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(503, "SERVICE_UNAVAILABLE"), times=2)
    run = read(demo)
    assert summary(run.logged("INFO")) == ("3", "3", "2", "not said by Zoho")
    assert calls_of(demo, MODULES) == 3


def test_a_failed_run_is_accounted_for_as_well(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(400, "INVALID_DATA"), times=None)
    run = read(demo)
    assert run.code == 1
    assert summary(run.logged("INFO")) == ("1", "1", "0", "not said by Zoho")


def test_what_zoho_says_is_left_is_in_the_summary() -> None:
    with small_demo(daily_credits=2) as demo:
        assert summary(read(demo).logged("INFO")) == ("1", "1", "0", "1")


def test_the_budget_stops_the_run_before_the_call_that_passes_it(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(503, "SERVICE_UNAVAILABLE"), times=None)
    run = read(demo, credit_budget=2)
    assert "credit_budget is 2" in run.error
    assert "Raise credit_budget" in run.error
    assert run.types == ["SCHEMA", "STATE"]
    assert calls_of(demo, MODULES) == 2
    assert summary(run.logged("INFO"))[:2] == ("2", "2")


def test_a_budget_that_suffices_is_not_spoken_of(demo: DemoOrganisation) -> None:
    run = read(demo, credit_budget=1)
    assert run.code == 0
    assert "credit_budget" not in run.stderr


def test_credits_that_are_used_up_end_the_run_at_once() -> None:
    with small_demo(daily_credits=0) as demo:
        run = read(demo)
        assert "used up" in run.error
        assert "TOO_MANY_REQUESTS" in run.error
        assert "Run again later" in run.error
        assert calls_of(demo, MODULES) == 1
        assert run.types == ["SCHEMA", "STATE"]


def test_too_many_requests_with_credits_left_are_tried_again() -> None:
    with small_demo(daily_credits=2) as demo:
        headers = {"X-API-CREDITS-REMAINING": "1"}
        demo.inject(MODULES, Fault(status=429, code="TOO_MANY_REQUESTS", headers=headers))
        run = read(demo)
        assert run.code == 0
        assert calls_of(demo, MODULES) == 2


@pytest.mark.parametrize("odd", ["", "many", "-1", "1.5"])
def test_an_odd_number_of_credits_left_is_passed_over(demo: DemoOrganisation, odd: str) -> None:
    fault = Fault(status=None, headers={"X-API-CREDITS-REMAINING": odd})
    demo.inject(MODULES, fault)
    run = read(demo)
    assert run.code == 0
    assert summary(run.logged("INFO"))[3] == "not said by Zoho"


def test_a_call_may_cost_more_than_one_credit(demo: DemoOrganisation) -> None:
    costly = type(LIST_MODULES)(path=LIST_MODULES.path, scope=LIST_MODULES.scope, credits=3)
    with client_for(demo, credit_budget=7) as client:
        client.call(costly)
        client.call(costly)
        with pytest.raises(OutOfCreditsError, match=r"6 credits are spent .* costs 3"):
            client.call(costly)
        assert (client.credits.calls, client.credits.spent) == (2, 6)
        client.call(LIST_MODULES)
        assert client.credits.spent == 7


def test_without_a_token_no_call_is_made_and_none_counted(demo: DemoOrganisation) -> None:
    demo.revoke_refresh_token()
    with client_for(demo, api_url=demo.api_url) as client:
        with pytest.raises(AuthError):
            client.call(LIST_MODULES)
        assert calls_of(demo, MODULES) == 0
        assert (client.credits.calls, client.credits.spent) == (0, 0)


def test_a_token_that_ends_in_the_middle_costs_one_mint_and_one_call(
    demo: DemoOrganisation,
) -> None:
    with client_for(demo) as client:
        first = client.call(LIST_MODULES)
        demo.expire_tokens()
        assert client.call(LIST_MODULES) == first
        assert client.credits.calls == 3
    assert calls_of(demo, TOKEN) == 2


def test_a_token_is_used_until_shortly_before_its_end() -> None:
    now = datetime.now(timezone.utc)
    with small_demo(clock=lambda: now) as demo, client_for(demo) as client:
        for _ in range(3):
            client.call(LIST_MODULES)
        assert calls_of(demo, TOKEN) == 1


# A second and more, as on a busy machine, has a speed behind it.
ACCOUNT = re.compile(
    r"(\w+): ([\d,]+) records? by ([\d,]+) calls? for ([\d,]+) credits? in .+ s(?: \(.+\))?\."
)


def accounts(run: Run) -> dict[str, tuple[int, ...]]:
    """Records, calls and credits of each stream, as the log says, once a stream."""
    found = [match.groups() for line in run.logged("INFO") if (match := ACCOUNT.fullmatch(line))]
    assert len({stream for stream, *_ in found}) == len(found)
    return {
        stream: tuple(int(one.replace(",", "")) for one in figures) for stream, *figures in found
    }


def reported(demo: DemoOrganisation, *streams: str) -> tuple[Run, dict[str, tuple[int, ...]]]:
    """A run of these streams, and the records, calls and credits of each by `sync_report`."""
    catalog = metadata_catalog(**{name: {} for name in streams})
    catalog["streams"] += records_catalog(SYNC_REPORT)["streams"]
    run = read(demo, catalog=catalog, record_modules=[])
    rows = run.rows_of(SYNC_REPORT)
    figures = ("records", "calls", "credits")
    return run, {row["stream"]: tuple(row[name] for name in figures) for row in rows}


def test_what_streams_are_made_of_is_charged_to_its_own_family() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        demo.organisation.records.resize("Tasks", 30)
        for stream in ("relationships", "Tasks"):
            begun = len(demo.calls)
            run = read(demo, catalog=records_catalog(stream), max_concurrency=4)
            asked = len([call for call in demo.calls[begun:] if call.path == FIELDS])
            said = accounts(run)
            assert said.keys() == {stream}
            assert asked == 1 if stream == "Tasks" else asked > 50
            fields = f"{asked} calls for {asked} credits" if asked > 1 else "1 call for 1 credit"
            beside = (
                f"Read besides, for these streams: fields by {fields},"
                " modules by 1 call for 1 credit."
            )
            assert beside in run.logged("INFO")[-3:]
            assert int(summary(run.logged("INFO"))[0]) == said[stream][1] + asked + 1


def test_a_call_that_is_made_again_is_charged_again(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(503, "SERVICE_UNAVAILABLE"), times=2)
    records = len(demo.organisation.modules)
    assert accounts(read(demo)) == {"modules": (records, 3, 3)}


def test_a_stream_that_fails_says_what_it_has_cost(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.error(400, "INVALID_DATA"), times=None)
    assert reported(demo, "modules")[1] == {"modules": (0, 1, 1)}


@pytest.mark.thorough
def test_the_default_selection_is_cheap() -> None:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text("utf-8"))
    [extractor] = project["plugins"]["extractors"]
    streams = [entry.removesuffix(".*") for entry in extractor["select"]]
    with DemoOrganisation(awkward_sample) as demo:
        run = run_tap(config=config_for(demo), catalog=records_catalog(*streams))

    assert run.code == 0, run.stderr
    assert {message["stream"] for message in run.of_type("RECORD")} == {*streams}
    assert run.credits < 150
