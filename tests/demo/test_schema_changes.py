"""Modules and fields change while the sample organisation lives; records keep their values."""

from __future__ import annotations

import json
from datetime import datetime, timezone
from itertools import islice
from typing import Any

import pytest
from support.sample import awkward_sample

from zohocrm_demo import Organisation
from zohocrm_demo.organisation.schema_changes import SchemaChange

NOW = datetime(2026, 11, 25, 8, tzinfo=timezone.utc)
SHOWN = "2026-11-25T00:00:00-08:00"


@pytest.fixture
def sample() -> Organisation:
    organisation = awkward_sample()
    organisation.records.clock = lambda: NOW
    return organisation


def values(organisation: Organisation, module: str, field: str) -> list[Any]:
    return [row[field] for row in islice(organisation.records.read(module, field), 40)]


def field_names(organisation: Organisation, module: str) -> list[str]:
    return [field["api_name"] for field in organisation.fields[module]]


def test_an_added_field_is_empty_and_can_be_filled(sample: Organisation) -> None:
    before = values(sample, "Sites", "Name")

    field = sample.schema.add_field("Sites", "Depth|Depth (m)|double:8")

    assert values(sample, "Sites", "Depth") == [None] * 40
    assert values(sample, "Sites", "Name") == before
    sections = sample.layouts["Sites"][0]["sections"]
    assert field["id"] in {one["id"] for section in sections for one in section["fields"]}
    assert (field["created_time"], sample.module("Sites")["modified_time"]) == (SHOWN, SHOWN)  # type: ignore[index]
    first = next(sample.records.read("Sites"))["id"]
    sample.records.update("Sites", first, {"Depth": "2.5"})
    assert str(values(sample, "Sites", "Depth")[0]) == "2.5"


def test_a_dropped_field_comes_back_empty_with_another_id(sample: Organisation) -> None:
    (old,) = [f["id"] for f in sample.fields["Leads"] if f["api_name"] == "Company"]
    sample.records.update("Leads", next(sample.records.read("Leads"))["id"], {"Company": "Kept"})

    sample.schema.drop_field("Leads", "Company")

    assert "Company" not in field_names(sample, "Leads")
    assert old not in json.dumps(sample.layouts["Leads"])
    assert sample.schema.add_field("Leads", "Company|Company|text:200")["id"] != old
    assert values(sample, "Leads", "Company") == [None] * 40


def test_a_renamed_field_keeps_its_values_whether_made_up_or_written(sample: Organisation) -> None:
    first = next(sample.records.read("Leads"))["id"]
    sample.records.update("Leads", first, {"Company": "Kept"})
    before = values(sample, "Leads", "Company")
    modified = values(sample, "Leads", "Modified_Time")

    sample.schema.rename_field("Leads", "Company", "Firm")

    assert values(sample, "Leads", "Firm") == before
    assert values(sample, "Leads", "Modified_Time") == modified
    assert '"Company"' not in json.dumps(sample.layouts["Leads"])


def test_a_retyped_field_keeps_what_its_new_type_can_hold(sample: Organisation) -> None:
    before = values(sample, "Leads", "No_of_Employees")
    first = next(sample.records.read("Leads"))["id"]
    sample.records.update("Leads", first, {"No_of_Employees": 7})

    field = sample.schema.retype_field("Leads", "No_of_Employees", "text:40")
    texts = values(sample, "Leads", "No_of_Employees")
    sample.schema.retype_field("Leads", "No_of_Employees", "date")

    assert texts == ["7", *(None if one is None else str(one) for one in before[1:])]
    assert field["json_type"] == "string"
    assert values(sample, "Leads", "No_of_Employees") == [None] * 40


def test_a_renamed_module_keeps_records_and_whoever_refers_to_them(sample: Organisation) -> None:
    names = values(sample, "Accounts", "Account_Name")
    referred = values(sample, "Contacts", "Account_Name")
    sample.records.delete("Accounts", next(sample.records.read("Accounts"))["id"])

    sample.schema.rename_module("Accounts", "Companies")

    assert values(sample, "Companies", "Account_Name")[:39] == names[1:]
    assert values(sample, "Contacts", "Account_Name") == referred
    assert [line.type for line in sample.records.deletions("Companies")] == ["recycle"]
    ref = json.dumps({"api_name": "Accounts", "id": sample.module("Companies")["id"]})  # type: ignore[index]
    assert ref not in json.dumps([sample.fields, sample.layouts])


def test_a_dropped_module_takes_its_lookups_along_and_moves_no_record(sample: Organisation) -> None:
    site = next(sample.records.read("Sites"))

    sample.schema.drop_module("Vendors")

    assert sample.module("Vendors") is None
    assert "Vendor_Name" not in field_names(sample, "Products")
    assert next(sample.records.read("Sites")) == site
    with pytest.raises(LookupError, match="no module Vendors"):
        sample.records.count("Vendors")


def test_an_added_module_has_what_modules_have(sample: Organisation) -> None:
    module = sample.schema.add_module("Buoys", "Buoy/Buoys")

    assert (module["module_name"], module["sequence_number"]) == ("CustomModule17", 77)
    assert field_names(sample, "Buoys")[:3] == ["Name", "Owner", "Created_By"]
    assert [view["name"] for view in sample.custom_views["Buoys"]] == [
        "All Buoys",
        "My Buoys",
    ]
    assert sample.records.count("Buoys") == 0
    buoy = sample.records.insert("Buoys", {"Name": "Outer"})
    assert next(sample.records.read("Buoys", "Name")) == {"id": buoy, "Name": "Outer"}


def test_every_change_is_remembered(sample: Organisation) -> None:
    sample.schema.add_module("Buoys", "Buoy/Buoys", "Name|Name|text:80|display")
    sample.schema.add_field("Buoys", "Depth|Depth|integer:4")
    sample.schema.rename_field("Buoys", "Depth", "Draught")
    sample.schema.retype_field("Buoys", "Draught", "double:8")
    sample.schema.drop_field("Buoys", "Draught")
    sample.schema.drop_module("Buoys")

    assert sample.schema.history == [
        SchemaChange(NOW, "added", "Buoys"),
        SchemaChange(NOW, "added", "Buoys", "Depth"),
        SchemaChange(NOW, "renamed", "Buoys", "Depth", "Depth", "Draught"),
        SchemaChange(NOW, "retyped", "Buoys", "Draught", "integer", "double"),
        SchemaChange(NOW, "dropped", "Buoys", "Draught"),
        SchemaChange(NOW, "dropped", "Buoys"),
    ]


def test_names_that_are_taken_or_unknown_are_refused(sample: Organisation) -> None:
    schema = sample.schema
    for taken in (
        lambda: schema.add_module("Leads", "Lead/Leads"),
        lambda: schema.rename_module("Leads", "Deals"),
        lambda: schema.add_field("Leads", "Email|Email|email"),
        lambda: schema.rename_field("Leads", "Email", "Phone"),
    ):
        with pytest.raises(ValueError, match=r"there is a module|has a field"):
            taken()
    with pytest.raises(LookupError, match="no field Emial in Leads"):
        schema.drop_field("Leads", "Emial")


def test_a_large_organisation_is_made_to_measure_and_the_same_every_time() -> None:
    large, again = (awkward_sample(modules=140, fields=3_000) for _ in range(2))

    fields = [field for own in large.fields.values() for field in own]
    assert (len(large.modules), len(fields)) == (140, 3_000)
    assert len({field["id"] for field in fields}) == 3_000
    assert json.dumps(large.fields) == json.dumps(again.fields)
    ids = {next(large.records.read(module))["id"] for module in list(large.fields)[-64:]}
    assert {len(one) for one in ids} == {19}
    assert len(ids) == 64
    with pytest.raises(ValueError, match="already"):
        awkward_sample(modules=3)


def test_a_seed_changes_values_and_nothing_else() -> None:
    seeded, usual = awkward_sample(seed=1), awkward_sample()

    assert values(seeded, "Leads", "Full_Name") != values(usual, "Leads", "Full_Name")
    assert values(seeded, "Leads", "Modified_Time") == values(usual, "Leads", "Modified_Time")
    assert awkward_sample(records={"Leads": 100_000}).records.count("Leads") == 100_000
    with pytest.raises(LookupError, match="no module Leeds"):
        awkward_sample(records={"Leeds": 1})


def test_records_in_the_recycle_bin_change_with_their_fields(sample: Organisation) -> None:
    binned = sample.records.insert("Sensors", {"Name": "one", "Firmware_Hash": 7})
    sample.records.delete("Sensors", binned)
    sample.schema.retype_field("Sensors", "Firmware_Hash", "text:40")
    sample.schema.rename_field("Sensors", "Name", "Title")
    sample.records.restore("Sensors", binned)
    [row] = [
        row
        for row in sample.records.read("Sensors", "Firmware_Hash", "Title")
        if row["id"] == binned
    ]
    assert row == {"id": binned, "Firmware_Hash": "7", "Title": "one"}
