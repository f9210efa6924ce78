"""The sample organisation's records have the sizes and the values that break readers."""

from __future__ import annotations

from collections import Counter
from decimal import Decimal
from itertools import islice

import pytest

from demo.sample import SAMPLE, ids
from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of
from zohocrm_demo.organisation.records.table import By, sort_key


def test_scores_name_their_record_and_rule() -> None:
    rules = ids(SAMPLE.scoring_rules)
    for score in SAMPLE.records.read("Entity_Scores__s"):
        assert score["Scoring_Rule"]["id"] in rules
        assert SAMPLE.records.find(*score["Entity"]) is not None


def test_the_modules_have_the_sizes_that_limits_ask_for() -> None:
    count = SAMPLE.records.count

    assert (count("Shikayat"), count("Ideas"), count("Leads")) == (0, 200, 2_000)
    assert (count("Contacts"), count("Calibrations")) == (25_000, 1_000_000)
    assert len(SAMPLE.fields["Water_Samples"]) == 130
    for module, crowd in (("Contacts", 750), ("Sensors", 750), ("Water_Samples", 250)):
        times = [row["Modified_Time"] for row in SAMPLE.records.read(module, "Modified_Time")]
        assert max(Counter(times).values()) == crowd


def test_every_readable_field_has_values_that_lead_somewhere() -> None:
    active = ids([user for user in SAMPLE.users if user["status"] == "active"])
    rare = {"Allergies", "Pricing_Details", "Comments"}
    for name, own in SAMPLE.fields.items():
        rows = list(islice(SAMPLE.records.read(name), 120))
        kept = [f for f in own if kind_of(f) not in COMPUTED and f["type"] == "used"]
        for field in kept if len(rows) >= 60 else ():
            kind = kind_of(field)
            values = [row[field["api_name"]] for row in rows]
            filled = [value for value in values if value is not None]
            assert filled or field["api_name"] in rare, (name, field["api_name"])
            assert not field["system_mandatory"] or len(filled) == len(rows)
            for value in filled[:40]:
                if kind == "user":
                    assert value in active
                elif kind == "record":
                    target = field["lookup"]["module"]["api_name"]
                    assert SAMPLE.records.find(target, value) is not None
                elif kind == "any_record":
                    assert SAMPLE.records.find(*value) is not None


def test_values_that_break_readers_are_there() -> None:
    sensors = list(SAMPLE.records.read("Sensors"))
    leads = list(SAMPLE.records.read("Leads"))
    texts = [row["Name"] for row in sensors]
    seen = [row["Last_Seen"] for row in sensors if row["Last_Seen"]]

    assert any('"' in text and "," in text and ";" in text for text in texts)
    assert not all(text.isascii() for text in texts)
    assert any(row["Description"] and "\r\n" in row["Description"] for row in leads)
    assert any(row["Annual_Revenue"] == Decimal("12345678901234.56") for row in leads)
    assert any(row["Modified_Time"] is None for row in leads)
    assert any(row["Firmware_Hash"] == 2**53 + 1 for row in sensors)
    assert {"1903-02-28", "2999-12-31"} <= {row["Installed_On"] for row in sensors}
    assert (min(seen).year, max(seen).year > 2100) == (1900, True)
    entries = [row["Entry"] or "" for row in SAMPLE.records.read("Lab_Notebook", "Entry")]
    assert max(map(len, entries)) > 500


def test_a_lead_in_nine_has_been_converted() -> None:
    rows = list(SAMPLE.records.read("Leads"))
    converted = [row for row in rows if row["Converted__s"]]

    assert len(converted) == 222
    assert any(row["Converted_Contact"] for row in converted)
    assert not any(row["Converted_Contact"] for row in rows if not row["Converted__s"])


@pytest.mark.parametrize("by", ["id", "Created_Time", "Modified_Time"])
def test_the_ends_of_a_million_rows_are_reached_without_making_the_rest(by: By) -> None:
    scan = SAMPLE.records.scan
    up, down = (
        [sort_key(record, by) for record in islice(scan("Calibrations", by, descending=end), 200)]
        for end in (False, True)
    )

    assert (up, down) == (sorted(up), sorted(down, reverse=True))
    assert up[-1] < down[-1]
