from __future__ import annotations

import time
from collections import Counter
from decimal import Decimal
from itertools import islice

import pytest

from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation
from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return sample_organisation()


def test_the_sample_starts_quickly() -> None:
    begin = time.process_time()
    DemoOrganisation()

    assert time.process_time() - begin < 0.5


def test_an_organisation_of_ones_own_has_no_records() -> None:
    sample = sample_organisation()
    own = Organisation(company=sample.company, modules=sample.modules)
    assert own.records.count("Leads") == 0


def test_the_modules_have_the_sizes_that_limits_ask_for(sample: Organisation) -> None:
    count = sample.records.count

    assert (count("Shikayat"), count("Ideas"), count("Leads")) == (0, 200, 2_000)
    assert (count("Contacts"), count("Calibrations")) == (25_000, 1_000_000)
    assert len(sample.fields["Water_Samples"]) >= 130


def test_the_same_values_every_time(sample: Organisation) -> None:
    other = sample_organisation().records
    for module in ("Leads", "Sensors", "DealHistory", "Quoted_Items"):
        ours = list(islice(sample.records.read(module), 50))
        assert ours == list(islice(other.read(module), 50))


def test_every_readable_field_of_every_module_has_values_and_gaps(sample: Organisation) -> None:
    for module in sample.modules:
        name = module["api_name"]
        if not module["api_supported"] or sample.records.count(name) < 60:
            continue
        rows = list(islice(sample.records.read(name), 120))
        for field in sample.fields.get(name, []):
            if kind_of(field) in COMPUTED or field["type"] == "unused":
                continue
            values = [row[field["api_name"]] for row in rows]
            restricted = field["api_name"] == "Allergies"
            rare = field["api_name"] in {"Pricing_Details", "Comments"}
            assert restricted or rare or any(v is not None for v in values), field["api_name"]
            if field["system_mandatory"]:
                assert None not in values, (name, field["api_name"])


def test_references_lead_to_records_and_users(sample: Organisation) -> None:
    users = {user["id"] for user in sample.users if user["status"] == "active"}
    seen = set()
    for module in sample.modules:
        name = module["api_name"]
        if not module["api_supported"]:
            continue
        fields = sample.records.fields(name)
        for row in islice(sample.records.read(name), 40):
            for field in fields.values():
                kind, value = kind_of(field), row.get(field["api_name"])
                if value is None:
                    continue
                if kind == "user":
                    assert value in users
                elif kind == "record":
                    target = field["lookup"]["module"]["api_name"]
                    assert sample.records.find(target, value) is not None, (name, field["api_name"])
                elif kind == "any_record":
                    assert sample.records.find(*value) is not None
                seen.add(kind)
    assert {"user", "record", "any_record", "decimal", "datetime", "choices"} <= seen


def test_values_that_break_readers_are_there(sample: Organisation) -> None:
    texts = [row["Name"] for row in sample.records.read("Sensors", "Name")]
    assert any('"' in text and "," in text and ";" in text for text in texts)
    assert any(not text.isascii() for text in texts)
    rows = list(sample.records.read("Leads"))
    assert any(row["Description"] and "\r\n" in row["Description"] for row in rows)
    assert any(row["Annual_Revenue"] == Decimal("12345678901234.56") for row in rows)
    notes = list(sample.records.read("Lab_Notebook", "Entry"))
    assert any(row["Entry"] and len(row["Entry"]) > 500 for row in notes)
    sensors = list(sample.records.read("Sensors"))
    assert any(row["Firmware_Hash"] == 2**53 + 1 for row in sensors)
    assert {"1903-02-28", "2999-12-31"} <= {row["Installed_On"] for row in sensors}
    assert any(row["Measures"] == [] for row in sensors)
    seen = [row["Last_Seen"] for row in sensors if row["Last_Seen"]]
    assert min(seen).year < 1970
    assert max(seen).year > 2100
    assert any(row["Modified_Time"] is None for row in rows)


def test_many_changes_share_a_second(sample: Organisation) -> None:
    for module, crowd in (("Contacts", 750), ("Sensors", 750), ("Water_Samples", 250)):
        times = [row["Modified_Time"] for row in sample.records.read(module, "Modified_Time")]
        assert max(Counter(times).values()) == crowd


def test_no_change_before_the_creation(sample: Organisation) -> None:
    for record in sample.records.scan("Deals"):
        assert record.modified is not None
        assert record.created <= record.modified


def test_a_lead_in_nine_has_been_converted(sample: Organisation) -> None:
    rows = list(sample.records.read("Leads"))
    converted = [row for row in rows if row["Converted__s"]]

    assert len(converted) == 222
    assert any(row["Converted_Contact"] for row in converted)
    assert not any(row["Converted_Contact"] for row in rows if not row["Converted__s"])


def test_pages_of_a_million_rows_come_at_once(sample: Organisation) -> None:
    begin = time.process_time()
    for by in ("id", "Created_Time", "Modified_Time"):
        for descending in (False, True):
            assert (
                len(
                    list(
                        islice(sample.records.scan("Calibrations", by, descending=descending), 200)
                    )
                )
                == 200
            )
    deep = sample.records.scan("Calibrations", "Modified_Time", low=1_750_000_000)
    assert len(list(islice(deep, 200))) == 200

    assert time.process_time() - begin < 0.5
