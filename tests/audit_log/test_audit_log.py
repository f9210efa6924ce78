"""The audit log: exports that somebody made, and those that the tap asks for."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import read
from support.run import with_options

from audit_log.log import CATALOG, Warehouse, export, lines, small_demo
from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation, Fault

FILES = "/v2/crm/*/auditlog/*"
JOBS = "/crm/v8/settings/audit_log_export"
LEADS = {"field": {"api_name": "module"}, "comparator": "equal", "value": "Leads"}


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with small_demo() as demo:
        yield demo


def happen(demo: DemoOrganisation, times: int = 3) -> None:
    """Let something happen that the log records."""
    for number in range(times):
        demo.settable_clock.advance(1)
        demo.organisation.records.insert("Leads", {"Last_Name": f"L{number}"})


def expire(demo: DemoOrganisation) -> None:
    """Let the files of all exports be gone."""
    for job in demo.organisation.audit_log_exports:
        job["expiry_date"] = job["job_end_time"]


def test_the_newest_export_that_somebody_made_is_read(demo: DemoOrganisation) -> None:
    export(demo, **LEADS)
    demo.settable_clock.advance(5)
    job = export(demo)
    warehouse = Warehouse(demo)
    run = warehouse.load()
    assert run.code == 0, run.stderr
    warehouse.assert_has(lines(demo, job))
    assert len(warehouse.table) > 400
    assert not [call for call in demo.calls if call.method == "POST" and call.path == JOBS]
    times = [row["audited_time"] for row in run.rows]
    assert times == sorted(times, reverse=True)
    assert times[0].endswith("Z")
    # Nothing new is nothing to read.
    run = warehouse.load()
    assert (run.code, run.rows) == (0, [])


def test_later_exports_are_all_read_and_rows_of_earlier_ones_stay(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo)
    export(demo)
    warehouse.load()
    before = {*warehouse.table}
    happen(demo)
    export(demo, **LEADS)
    happen(demo)
    demo.settable_clock.advance(5)
    export(demo)
    run = warehouse.load()
    assert run.code == 0, run.stderr
    warehouse.assert_has(lines(demo))
    assert before < {*warehouse.table}


def test_without_an_export_the_error_says_how_to_make_one(demo: DemoOrganisation) -> None:
    run = Warehouse(demo).load()
    assert "audit_log_export" in run.error
    assert "Administrator" in run.error
    # One that is not finished is none, and one that has expired is none any more.
    demo.organisation.audit_log.export(None)
    assert "not finished" in Warehouse(demo).load().error
    demo.organisation.audit_log_exports.clear()
    export(demo)
    expire(demo)
    assert "expired" in Warehouse(demo).load().error


def test_an_export_that_expired_unread_is_an_error_and_one_that_was_read_is_none(
    demo: DemoOrganisation,
) -> None:
    warehouse = Warehouse(demo)
    export(demo)
    warehouse.load()
    expire(demo)
    assert warehouse.load().code == 0
    export(demo)
    expire(demo)
    assert "expired" in warehouse.load().error


def test_the_tap_asks_for_what_is_new(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo)
    run = warehouse.load(audit_log_export=True)
    assert run.code == 0, run.stderr
    warehouse.assert_has(lines(demo))
    happen(demo)
    demo.settable_clock.advance(3_600)
    run = warehouse.load(audit_log_export=True)
    assert len(run.rows) == 3
    warehouse.assert_has(lines(demo))
    run = warehouse.load(audit_log_export=True)
    assert (run.code, run.rows) == (0, [])
    # Who asks itself has read its own exports.
    assert warehouse.load().rows == []


def test_an_archive_of_several_files_is_read(demo: DemoOrganisation) -> None:
    demo.organisation.audit_log.most_in_a_file = 100
    warehouse = Warehouse(demo)
    run = warehouse.load(audit_log_export=True)
    assert run.code == 0, run.stderr
    assert [call for call in demo.calls if call.path.endswith("AuditLog.zip")]
    warehouse.assert_has(lines(demo))


@pytest.mark.thorough
def test_at_zohos_limit_half_the_time_is_asked_for(demo: DemoOrganisation) -> None:
    log = demo.organisation.audit_log
    log.lines, log.most_in_an_export = 200, 60
    warehouse = Warehouse(demo)
    with with_options(limits=Limits(log_entries=60)):
        run = warehouse.load(audit_log_export=True)
    assert run.code == 0, run.stderr
    log.most_in_an_export = 10**9
    warehouse.assert_has(lines(demo))
    asked = [call for call in demo.calls if call.method == "POST" and call.path == JOBS]
    assert len(asked) > 4


@pytest.mark.thorough
def test_a_second_with_more_than_an_export_can_have_is_an_error(demo: DemoOrganisation) -> None:
    log = demo.organisation.audit_log
    log.lines, log.most_in_an_export = 0, 5
    for number in range(9):
        demo.organisation.records.insert("Leads", {"Last_Name": f"L{number}"})
    with with_options(limits=Limits(log_entries=5)):
        run = Warehouse(demo).load(audit_log_export=True)
    assert "no export can have them all" in run.error


@pytest.mark.thorough
@pytest.mark.parametrize("asks", [False, True])
def test_a_run_that_is_killed_goes_on_with_its_export(demo: DemoOrganisation, asks: bool) -> None:
    if not asks:
        export(demo)
    warehouse = Warehouse(demo)
    with with_options(limits=Limits(log_entries_per_state=50)):
        whole = warehouse.load(audit_log_export=asks)
    states = [one["value"] for one in whole.of_type("STATE")]
    assert len(states) > 5
    asked = len([call for call in demo.calls if call.method == "POST" and call.path == JOBS])
    for place, state in enumerate(states):
        number = whole.messages.index({"type": "STATE", "value": state})
        emitted = [one["record"] for one in whole.messages[:number] if one["type"] == "RECORD"]
        resumed = Warehouse(demo, state=state)
        run = resumed.load(audit_log_export=asks)
        assert run.code == 0, run.stderr
        # None twice, none left out, and no other export.
        assert len(emitted) + len(run.rows) == len(whole.rows), place
    again = len([call for call in demo.calls if call.method == "POST" and call.path == JOBS])
    # Besides what a run goes on with it asks for what is new.
    assert again - asked == asks * len(states)


def test_an_export_that_zoho_has_lost_is_asked_for_again(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo)
    demo.inject(FILES, Fault.error(500, "INTERNAL_ERROR"), times=4)
    assert warehouse.load(audit_log_export=True).code == 1
    demo.organisation.audit_log_exports.clear()
    run = warehouse.load(audit_log_export=True)
    assert run.code == 0, run.stderr
    warehouse.assert_has(lines(demo))


def test_a_scope_that_is_missing_is_named() -> None:
    scopes = ("ZohoCRM.settings.audit_logs.READ", "ZohoCRM.org.READ")
    with small_demo(scopes=scopes) as demo:
        export(demo)
        assert "ZohoFiles.files.READ" in Warehouse(demo).load().error
        run = Warehouse(demo).load(audit_log_export=True)
        assert "ZohoCRM.settings.audit_logs.CREATE" in run.error


def test_its_scopes_and_its_price_are_known_beforehand() -> None:
    scopes = ("ZohoCRM.settings.ALL", "ZohoCRM.org.READ", "ZohoFiles.files.READ")
    with small_demo(scopes=scopes[:2]) as demo:
        lists = ["Deals.Shares", "Deals.Contact_Roles"]
        run = read(demo, "--test", catalog=None, child_lists=lists)
        assert (
            "missing: ZohoFiles.files.READ, without which there is no audit_log"
            in run.stdout.decode()
        )
        assert (
            "ZohoCRM.share.deals.READ, without which there is no Deals.Shares"
            in run.stdout.decode()
        )
        (found,) = plan(demo)
        assert "ZohoFiles.files.READ" in found["problem"]
    with small_demo(scopes=scopes) as demo:
        export(demo)
        for asks in (False, True):
            (found,) = plan(demo, audit_log_export=asks)
            spent = Warehouse(demo).load(audit_log_export=asks).credits
            assert abs(found["credits"] - spent) <= 1


def plan(demo: DemoOrganisation, **more: Any) -> list[dict[str, Any]]:
    run = read(demo, "--plan=json", catalog=CATALOG, **more)
    return list(json.loads(run.stdout)["streams"])


def test_it_is_opt_in(demo: DemoOrganisation) -> None:
    run = read(demo, "--discover", catalog=None, record_modules=[])
    streams = json.loads(run.stdout)["streams"]
    (entry,) = [one for one in streams if one["tap_stream_id"] == "audit_log"]
    (root,) = [one for one in entry["metadata"] if not one["breadcrumb"]]
    assert root["metadata"]["selected-by-default"] is False
    assert entry["key_properties"] == CATALOG["streams"][0]["key_properties"]


def test_start_date_leaves_out_what_is_older(demo: DemoOrganisation) -> None:
    export(demo)
    demo.settable_clock.advance(60)
    start = demo.settable_clock().strftime("%Y-%m-%dT%H:%M:%SZ")
    happen(demo, 1)
    export(demo)
    run = Warehouse(demo).load(start_date=start)
    assert len(run.rows) == 1
    asked = Warehouse(demo).load(start_date=start, audit_log_export=True)
    assert len(asked.rows) == 1
