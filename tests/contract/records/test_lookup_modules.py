"""Beside a lookup that can lead to several modules stands the module, whichever way it is read."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.records import bookmarked, emitted, read_records
from support.sample import awkward_sample

from tap_zohocrm_modules.zoho.records.field_types import LOOKUP_MODULE, MODULE, REFERENCE
from tap_zohocrm_modules.zoho.records.model import describe
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL
from tap_zohocrm_modules.zoho.records.projection import Projection
from zohocrm_demo import DemoOrganisation


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample, profile=profile) as organisation:
        yield organisation


def where_they_lead(demo: DemoOrganisation, module: str, lookup: str) -> dict[str, object]:
    return {
        row["id"]: row[lookup] and row[lookup][0]
        for row in demo.organisation.records.read(module, "id", lookup)
    }


@pytest.mark.parametrize(
    ("module", "lookup"),
    [("Tasks", "What_Id"), ("Notes", "Parent_Id"), ("Events", "What_Id")],
)
@pytest.mark.parametrize("path", ["rest", "coql", "bulk", "auto"])
def test_the_module_of_a_lookup_is_read_by_every_path(
    demo: DemoOrganisation, path: str, module: str, lookup: str
) -> None:
    truth = where_they_lead(demo, module, lookup)
    assert len({*truth.values()} - {None}) > 1
    run = read_records(demo, module, read_path=path)
    rows = emitted(run.stdout, module)
    assert {key: row[f"{lookup}_module"] for key, row in rows.items()} == truth


@pytest.mark.parametrize("path", ["rest", "coql", "bulk"])
def test_the_module_of_a_lookup_is_read_in_increments_too(
    demo: DemoOrganisation, path: str
) -> None:
    times = sorted(
        row["Modified_Time"] for row in demo.organisation.records.read("Tasks", "Modified_Time")
    )
    state = bookmarked("Tasks", times[len(times) // 2])
    run = read_records(demo, "Tasks", state=state, read_path=path)
    truth = where_they_lead(demo, "Tasks", "What_Id")
    rows = emitted(run.stdout, "Tasks")
    assert 0 < len(rows) < len(truth)
    assert {row["What_Id_module"] for row in rows.values()} > {"Accounts"}
    assert all(row["What_Id_module"] == truth[key] for key, row in rows.items())


def test_a_module_that_a_path_does_not_name_is_left_to_another() -> None:
    row = {"api_name": "Parent_Id", "data_type": "multi_module_lookup", "id": "1"}
    module = describe({"api_name": "Notes"}, [row])
    assert [(f.column, f.type) for f in module.fields[1:]] == [
        ("Parent_Id", REFERENCE),
        ("Parent_Id_module", LOOKUP_MODULE),
    ]
    assert module.fields[-1].missing_on == {BULK}
    projection = Projection("Notes", module.fields, set())
    named = {"id": "5", "module": {"api_name": "Leads", "id": "7"}}
    [record], unclear = projection.from_rows([{"id": "1", "Parent_Id": named}])
    assert (record["Parent_Id"], record["Parent_Id_module"], *unclear) == ("5", "Leads")
    [record], unclear = projection.from_rows([{"id": "1", "Parent_Id": {"id": "5"}}])
    assert (record["Parent_Id"], record["Parent_Id_module"], *unclear) == ("5", None, "1")
    beside = {"id": "1", "Parent_Id": {"id": "5"}, "$se_module": "Deals"}
    [record], unclear = projection.from_rows([beside])
    assert (record["Parent_Id_module"], *unclear) == ("Deals",)
    assert not projection.from_rows([{"id": "1", "Parent_Id": None}])[1]


def test_a_plain_lookup_of_activities_has_its_module_beside_it() -> None:
    row = {"api_name": "What_Id", "data_type": "lookup", "json_type": "jsonobject", "id": "1"}
    module = describe({"api_name": "Tasks"}, [row])
    lookup, companion = module.fields[1:]
    assert (companion.column, companion.type) == ("What_Id_module", MODULE)
    assert companion.missing_on == {BULK, COQL}
    assert companion.request_name == "$se_module"
    mismatches: set[str] = set()
    sent = {"id": "1", "What_Id": {"id": "5", "name": "x"}, "$se_module": "Deals"}
    [record], _ = Projection("Tasks", module.fields, mismatches).from_rows([sent])
    assert (record[lookup.column], record[companion.column]) == ("5", "Deals")
    assert mismatches == set()
    lead = {**row, "lookup": {"module": {"api_name": "Contacts"}}}
    assert len(describe({"api_name": "Tasks"}, [lead]).fields) == 2


def test_a_field_of_the_companions_name_keeps_a_column_of_its_own() -> None:
    rows = [
        {"api_name": "Parent_Id", "data_type": "multi_module_lookup", "id": "1"},
        {"api_name": "Parent_Id_module", "data_type": "text", "id": "2"},
    ]
    fields = describe({"api_name": "Notes"}, rows).fields
    assert [field.column for field in fields] == [
        "id",
        "Parent_Id",
        "Parent_Id_module",
        "Parent_Id_module_2",
    ]
