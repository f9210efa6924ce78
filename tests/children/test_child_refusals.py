"""A record whose children are refused, or not there for once: named, asked for again, none lost."""

from __future__ import annotations

import pytest

from children.organisation import ROLES, Warehouse, parents
from zohocrm_demo import DemoOrganisation, Fault


@pytest.mark.thorough
def test_a_parent_that_refuses_is_named_and_asked_for_again(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (ROLES,))
    deal = parents(demo, "Deals")[0]
    path = f"/crm/v8/Deals/{deal}/Contact_Roles"
    refused = Fault.error(403, "NO_PERMISSION")
    demo.inject("/crm/v8/__composite_requests", refused, times=1)
    demo.inject(path, refused, times=1)
    run = warehouse.load()
    assert deal in run.error
    assert "1 record of Deals" in run.error
    assert warehouse.keys(ROLES) == {key for key in warehouse.truth(ROLES) if key[0] != deal}
    run = warehouse.load()
    assert run.code == 0, run.stderr
    warehouse.assert_true()


def test_refusals_can_be_warned_of_only(demo: DemoOrganisation) -> None:
    refused = Fault.error(403, "NO_PERMISSION")
    demo.inject("/crm/v8/__composite_requests", refused, times=1)
    demo.inject(f"/crm/v8/Deals/{parents(demo, 'Deals')[0]}/Contact_Roles", refused, times=1)
    run = Warehouse(demo, (ROLES,)).load(ignore_missing_permissions=True)
    assert run.code == 0
    assert any("1 record of Deals" in line for line in run.logged("WARNING"))


def test_one_empty_answer_removes_nothing(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (ROLES,))
    warehouse.load()
    deal = parents(demo, "Deals")[0]
    demo.organisation.records.update("Deals", deal, {"Description": "edited"})
    demo.inject(f"/crm/v8/Deals/{deal}/Contact_Roles", Fault(status=204, body=""), times=1)
    assert warehouse.load().code == 0
    warehouse.assert_true()
