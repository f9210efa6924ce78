"""Parents whose children cannot be read, or that no list shows: nothing is lost unseen."""

from __future__ import annotations

from datetime import timedelta

import pytest

from children.organisation import EMAILS, ROLES, SHARES, Warehouse, parents, small_demo
from zohocrm_demo import DemoOrganisation, Fault

COMPOSITE, QUERIES = "/crm/v8/__composite_requests", "/crm/v8/coql"
JSON = "application/json"
REFUSED = Fault.error(403, "NO_PERMISSION")

pytestmark = pytest.mark.thorough


def answering_alone(demo: DemoOrganisation, path: str, fault: Fault, times: int | None = 1) -> None:
    """Let each record be asked alone, and one of them answer so."""
    demo.inject(COMPOSITE, REFUSED, times=None)
    demo.inject(path, fault, times=times)


@pytest.mark.parametrize(
    "fault",
    [
        Fault.html(404, "Not Found"),
        Fault.error(400, "SOMETHING_NEW"),
        Fault.error(400, "FEATURE_NOT_ENABLED"),
        Fault(status=200, body='{"data": [{"Modified_Time": null}]}', content_type=JSON),
        Fault(status=200, body='{"data": 7}', content_type=JSON),
    ],
    ids=["a page", "a new code", "a feature", "no id", "no rows"],
)
def test_one_record_that_fails_is_named_and_the_others_are_read(
    demo: DemoOrganisation, fault: Fault
) -> None:
    warehouse = Warehouse(demo, (ROLES,))
    deal = parents(demo, "Deals")[2]
    answering_alone(demo, f"/crm/v8/Deals/{deal}/Contact_Roles", fault)
    run = warehouse.load()
    assert run.code == 1
    assert f"1 record of Deals ({deal})" in run.error
    assert warehouse.keys(ROLES) == {key for key in warehouse.truth(ROLES) if key[0] != deal}
    assert warehouse.load().code == 0
    warehouse.assert_true()


def test_a_list_that_fails_for_all_is_left_soon(demo: DemoOrganisation) -> None:
    answering_alone(
        demo, "/crm/v8/Deals/*/Contact_Roles", Fault.error(400, "SOMETHING_NEW"), times=None
    )
    run = Warehouse(demo, (ROLES,)).load()
    assert "SOMETHING_NEW" in run.error
    assert len([call for call in demo.calls if call.path.endswith("Contact_Roles")]) < 20


def test_a_refused_record_is_remembered_when_the_budget_ends_the_run(
    demo: DemoOrganisation,
) -> None:
    warehouse = Warehouse(demo, (ROLES,))
    newest = max(parents(demo, "Deals"), key=lambda one: changed(demo, one))
    answering_alone(demo, f"/crm/v8/Deals/{newest}/Contact_Roles", REFUSED)
    codes = [warehouse.load(credit_budget=25).code]
    while codes[-1] and len(codes) < 10:
        codes.append(warehouse.load(credit_budget=25).code)
    assert codes[-1] == 0
    assert len(codes) > 2
    warehouse.assert_true()


def changed(demo: DemoOrganisation, deal: str) -> tuple[int, int]:
    record = demo.organisation.records.find("Deals", deal)
    assert record is not None
    return record.modified or 0, record.id


def test_a_page_that_was_announced_and_is_empty_is_asked_for_again(
    demo: DemoOrganisation,
) -> None:
    warehouse = Warehouse(demo, (ROLES,))
    deal = next(one for one in parents(demo, "Deals") if size(demo, one) > 200)
    empty = Fault(status=204, body="")
    demo.inject(f"/crm/v8/Deals/{deal}/Contact_Roles", empty, times=1)
    assert warehouse.load().code == 0
    warehouse.assert_true()


def size(demo: DemoOrganisation, deal: str) -> int:
    return len(demo.organisation.children.of_record("Deals", deal, "Contact_Roles"))


def test_a_list_of_records_that_is_empty_by_mistake_is_no_empty_table(
    demo: DemoOrganisation,
) -> None:
    warehouse = Warehouse(demo, (SHARES,))
    demo.inject(QUERIES, Fault(status=204, body=""), times=1)
    run = warehouse.load()
    assert run.code == 1
    assert "are counted there" in run.error
    assert warehouse.load().code == 0
    warehouse.assert_true()


def test_a_record_whose_time_is_to_come_is_read(demo: DemoOrganisation) -> None:
    deal = next(one for one in parents(demo, "Deals") if size(demo, one))
    later = demo.organisation.records.clock() + timedelta(days=30)
    demo.organisation.records.update("Deals", deal, {"Description": "x"}, at=later)
    warehouse = Warehouse(demo, (ROLES,))
    assert warehouse.load().code == 0
    warehouse.assert_true()


def test_a_sweep_finds_records_that_are_gone_without_a_trace(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (ROLES,))
    warehouse.load()
    deal = next(one for one in parents(demo, "Deals") if size(demo, one))
    demo.organisation.records.delete("Deals", deal)
    # Deletions are listed for some months only.
    demo.inject("/crm/v8/Deals/deleted", Fault(status=204, body=""), times=None)
    demo.settable_clock.advance(86_400)
    run = warehouse.load(child_sweep_days=1)
    assert run.code == 0, run.stderr
    warehouse.assert_true()


def test_a_scope_that_lacks_is_named_before_any_call_for_the_list() -> None:
    with small_demo(scopes=["ZohoCRM.modules.contacts.READ", "ZohoCRM.settings.ALL"]) as demo:
        warehouse = Warehouse(demo, (EMAILS,))
        before = len(demo.calls)
        run = warehouse.load()
        assert run.code == 1
        assert "The token lacks ZohoCRM.modules.emails.READ" in run.error
        paths = [call.path for call in demo.calls[before:]]
        assert not [path for path in paths if not path.startswith(("/crm/v8/settings/", "/oauth"))]


def test_a_scope_that_zoho_wants_beside_a_wider_one_is_named_once(
    demo: DemoOrganisation,
) -> None:
    mismatch = Fault.error(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope")
    answering_alone(demo, "/crm/v8/Contacts/*/Emails", mismatch, times=None)
    run = Warehouse(demo, (EMAILS,)).load()
    assert run.code == 1
    assert "whose scopes include ZohoCRM.modules.READ ZohoCRM.modules.emails.READ" in run.error
    assert len([call for call in demo.calls if call.path.endswith("/Emails")]) <= 10


def test_the_report_counts_parents(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (SHARES,))
    deal = parents(demo, "Deals")[0]
    answering_alone(demo, f"/crm/v8/Deals/{deal}/actions/share", REFUSED)
    run = warehouse.load("sync_report")
    (row,) = [one for one in run.rows_of("sync_report") if one["stream"] == "Deals_Shares"]
    assert (row["parents_read"], row["parents_skipped"], row["parents_failed"]) == (39, 0, 1)
    assert row["status"] == "failed"
