"""Records that Zoho cannot answer for, whenever it is asked: they hold up nothing else."""

from __future__ import annotations

import pytest
from support.run import FAST

from children.organisation import ROLES, SHARES, Warehouse, parents
from zohocrm_demo import DemoOrganisation, Fault

COMPOSITE = "/crm/v8/__composite_requests"
BROKEN = Fault.error(500, "INTERNAL_ERROR")

pytestmark = pytest.mark.thorough


def break_down(demo: DemoOrganisation, *deals: str) -> list[str]:
    """Let the calls for these records' rows fail for good; returns their paths."""
    demo.inject(COMPOSITE, Fault.error(403, "NO_PERMISSION"), times=None)
    paths = [f"/crm/v8/Deals/{deal}/actions/share" for deal in deals]
    for path in paths:
        demo.inject(path, BROKEN, times=None)
    return paths


def by_change(demo: DemoOrganisation) -> list[str]:
    """The ids of deals, the one first that changed first."""
    records = demo.organisation.records.scan("Deals")
    return [str(one.id) for one in sorted(records, key=lambda one: (one.modified or 0, one.id))]


def calls_of(demo: DemoOrganisation, paths: list[str], since: int = 0) -> int:
    return len([call for call in demo.calls[since:] if call.path in paths])


def test_one_record_is_named_and_asked_again_by_each_run(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (SHARES,))
    deal = parents(demo, "Deals")[7]
    paths = break_down(demo, deal)
    for _ in range(3):
        before = len(demo.calls)
        run = warehouse.load()
        assert run.code == 1
        assert f"1 record of Deals ({deal})" in run.error
        assert "INTERNAL_ERROR" in run.error
        assert calls_of(demo, paths, before) == FAST.max_tries
        missing = warehouse.truth(SHARES) - warehouse.keys(SHARES)
        assert {parent for parent, _ in missing} <= {deal}
    demo.clear_faults()
    assert warehouse.load().code == 0
    warehouse.assert_true()


def test_many_records_take_little_patience_and_the_others_go_on(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (SHARES,))
    deals = by_change(demo)
    broken, well = deals[::3], deals[1]
    paths = break_down(demo, *broken)
    before = len(demo.calls)
    run = warehouse.load(max_concurrency=1)
    assert f"{len(broken)} records of Deals" in run.error
    assert len(broken) > 10
    # The first three show that records fail, and not the host.
    assert calls_of(demo, paths, before) <= 3 * FAST.max_tries + 2 * (len(broken) - 3) + 2
    demo.organisation.children.add(
        "Deals", well, "Shares", {"shared_with": {"id": str(demo.organisation.users[1]["id"])}}
    )
    demo.organisation.records.update("Deals", well, {"Description": "shared"})
    before = len(demo.calls)
    run = warehouse.load(max_concurrency=1)
    assert run.code == 1
    # Ten fail in a row; what has changed is read nonetheless, and the rest can wait.
    assert {key for key in warehouse.truth(SHARES) if key[0] == well} <= warehouse.keys(SHARES)
    assert calls_of(demo, paths, before) <= 12 * FAST.max_tries
    demo.clear_faults()
    assert warehouse.load().code == 0
    warehouse.assert_true()


def test_a_record_that_breaks_the_calls_it_shares_breaks_none_of_the_others(
    demo: DemoOrganisation,
) -> None:
    warehouse = Warehouse(demo, (ROLES,))
    demo.inject(COMPOSITE, BROKEN, times=FAST.max_tries)
    run = warehouse.load()
    assert run.code == 0, run.stderr
    warehouse.assert_true()
    joined = [call for call in demo.calls if call.path == COMPOSITE]
    assert len(joined) > FAST.max_tries
