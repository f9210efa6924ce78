"""Lists of children that have no stream: named, and no matter for the others."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from support.altered import altered, refusal
from support.arrow_read import read_table
from support.demo import read

from children.organisation import MEMBERS, ROLES, Warehouse, small_demo
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

BY_DEALS = {"/crm/v8/settings/fields", "/crm/v8/settings/related_lists"}
REFUSED = refusal("NO_PERMISSION", 403)


@pytest.fixture
def without_deals() -> Iterator[tuple[DemoOrganisation, set[str]]]:
    """An organisation that refuses some calls about Deals, by their paths, which a test names."""
    refused: set[str] = set()

    def alter(request: Request, real: Answer) -> Answer:
        is_refused = request.path in refused and ("module", "Deals") in request.pairs
        return REFUSED if is_refused else real

    with altered(small_demo().organisation, alter) as demo:
        yield demo, refused


@pytest.mark.parametrize("pattern", ["*.Shares", "*.*"])
def test_a_pattern_leaves_out_modules_without_fields(demo: DemoOrganisation, pattern: str) -> None:
    run = read(demo, "--discover", catalog=None, record_modules=[], child_lists=[pattern])
    assert run.code == 0, run.stderr
    names = {one["tap_stream_id"] for one in json.loads(run.stdout)["streams"]}
    assert {"Leads_Shares", "Deals_Shares"} <= names
    assert "Visits_Shares" not in names
    (line,) = run.logged("WARNING")
    assert "No stream for the children" in line
    assert "Visits_Shares" in line


def test_a_list_written_out_of_a_module_without_fields_is_an_error(demo: DemoOrganisation) -> None:
    lists = ["*.Shares", "Visits.Shares"]
    run = read(demo, "--discover", catalog=None, record_modules=[], child_lists=lists)
    assert "child_lists names what would be the stream Visits_Shares" in run.error
    assert run.stdout == b""


@pytest.mark.parametrize("path", sorted(BY_DEALS))
def test_a_module_that_is_refused_fails_its_lists_alone(
    without_deals: tuple[DemoOrganisation, set[str]], path: str
) -> None:
    demo, refused = without_deals
    warehouse = Warehouse(demo, (ROLES, MEMBERS))
    catalog = warehouse.catalog(warehouse.settings())
    refused.add(path)
    run = read(demo, catalog=catalog, **warehouse.settings())
    assert "Deals_Contact_Roles: " in run.error
    assert "NO_PERMISSION" in run.error
    assert run.rows_of("Campaigns_Leads")


def test_a_pattern_names_whose_lists_are_refused(
    without_deals: tuple[DemoOrganisation, set[str]],
) -> None:
    demo, refused = without_deals
    refused.add("/crm/v8/settings/related_lists")
    run = read(demo, "--discover", catalog=None, record_modules=[], child_lists=["?eals.*o*"])
    assert run.code == 0, run.stderr
    assert any("Deals_*o*: " in line for line in run.logged("WARNING"))


def test_read_says_why_a_list_is_missing(demo: DemoOrganisation) -> None:
    with pytest.raises(ZohoError, match="Zoho lists no fields"):
        read_table(demo, "Visits_Shares", record_modules=[])


def test_a_chosen_list_that_the_settings_lack_is_named(demo: DemoOrganisation) -> None:
    warehouse = Warehouse(demo, (ROLES, MEMBERS))
    assert warehouse.load().code == 0
    catalog = warehouse.catalog(warehouse.settings())
    for state in (warehouse.state, None):
        rest = warehouse.settings(child_lists=[MEMBERS])
        run = read(demo, catalog=catalog, state=state, **rest)
        assert "Deals_Contact_Roles: chosen in the catalog, but child_lists names no" in run.error
