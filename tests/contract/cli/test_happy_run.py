"""A run without a fault: every message, value and order of the sample organisation's modules."""

from __future__ import annotations

import json
import re
from typing import Any

import jsonschema
import pytest
from support.demo import (
    MODULES,
    ONLY_MODULES,
    TOKEN,
    calls_of,
    config_for,
    module_ids,
    read,
    small_demo,
)
from support.run import Run, run_tap

from zohocrm_demo import DemoOrganisation

UTC = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z")


@pytest.fixture(scope="module")
def run() -> Run:
    return run_tap(config={"environment": "demo"}, catalog=ONLY_MODULES)


def without_times(run: Run) -> list[str]:
    lines = run.stdout.decode("utf-8").splitlines()
    return [re.sub(r'"time_extracted":"[^"]*"', "", line) for line in lines]


def values(record: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every leaf of a record with the name of the key that it stands under."""
    if isinstance(record, dict):
        return [leaf for key, value in record.items() for leaf in values(value, key)]
    if isinstance(record, list):
        return [leaf for value in record for leaf in values(value, name)]
    return [(name, record)]


def test_the_demo_needs_no_other_setting_and_gives_every_module(run: Run) -> None:
    with small_demo() as demo:
        expected = module_ids(demo)
    assert run.code == 0
    assert [row["id"] for row in run.rows] == expected
    assert len(expected) > 60


def test_messages_come_as_schema_then_records_then_state(run: Run) -> None:
    assert run.types == ["SCHEMA", "RECORD", "STATE"]
    assert {message["stream"] for message in run.messages[:-1]} == {"modules"}
    assert run.of_type("SCHEMA")[0]["key_properties"] == ["id"]


def test_every_record_conforms_to_its_schema(run: Run) -> None:
    schema = run.of_type("SCHEMA")[0]["schema"]
    checker = jsonschema.FormatChecker()
    for validator in (jsonschema.Draft7Validator, jsonschema.Draft202012Validator):
        validator.check_schema(schema)
        for row in run.rows:
            validator(schema, format_checker=checker).validate(row)


def test_every_record_has_every_column_in_the_order_of_the_schema(run: Run) -> None:
    columns = list(run.of_type("SCHEMA")[0]["schema"]["properties"])
    assert all(list(row) == columns for row in run.rows)


def test_ids_are_strings_at_every_depth(run: Run) -> None:
    ids = [value for row in run.rows for name, value in values(row) if name == "id"]
    assert len(ids) > len(run.rows)
    assert all(isinstance(value, str) for value in ids)


def test_date_times_are_the_same_instants_in_utc(run: Run) -> None:
    times = {row["id"]: row["modified_time"] for row in run.rows if row["modified_time"]}
    assert len(times) > 20
    assert all(UTC.fullmatch(time) for time in times.values())
    leads = next(row for row in run.rows if row["api_name"] == "Leads")
    assert leads["modified_time"] == "2025-04-24T17:32:20Z"


def test_values_are_zohos_own(demo: DemoOrganisation) -> None:
    zoho = {module["id"]: module for module in demo.organisation.modules}
    changed = {"modified_time", "private_profile", "additional_properties"}
    for row in read(demo).rows:
        source = zoho[row["id"]]
        emitted = {key: value for key, value in row.items() if value is not None} | row
        for key in source.keys() - changed:
            assert emitted[key] == source[key], (row["api_name"], key)
        assert all(row[key] is None for key in row.keys() - source.keys())


def test_labels_in_other_scripts_are_whole(run: Run) -> None:
    labels = {row["api_name"]: row["plural_label"] for row in run.rows}
    assert labels["Nohin"] == "納品書一覧"
    assert labels["Ziyarat"] == "زيارات ميدانية"
    assert labels["Ideas"] == "Ideas 💡"


def test_a_private_profile_is_a_list_whatever_its_shape_in_zoho(run: Run) -> None:
    profiles = {row["api_name"]: row["private_profile"] for row in run.rows}
    assert profiles["Leads"] is None
    for name in ("Lab_Notebook", "Expense_Claims"):
        assert len(profiles[name]) == 1
        assert profiles[name][0].keys() == {"name", "id"}


def test_more_profiles_than_zoho_lists_are_said_and_not_invented(run: Run) -> None:
    products = next(row for row in run.rows if row["api_name"] == "Products")
    assert len(products["profiles"]) == 50
    assert products["profile_count"] == 53
    assert products["has_more_profiles"] is True
    warnings = [text for text in run.logged("WARNING") if "profiles" in text]
    assert len(warnings) == 1
    assert "Products" in warnings[0]
    assert "Leads" not in warnings[0]


def test_two_runs_are_equal_byte_for_byte_but_for_the_time_of_extraction(
    demo: DemoOrganisation,
) -> None:
    first = read(demo)
    demo.organisation.modules.reverse()
    second = read(demo)
    assert first.stdout.count(b'"time_extracted"') == len(first.rows)
    assert without_times(first) == without_times(second)


def test_a_run_from_the_state_of_another_gives_the_same(demo: DemoOrganisation) -> None:
    first = read(demo)
    state = first.state
    second = read(demo, state=state)
    assert second.rows == first.rows
    assert second.state == state


def test_equal_positions_in_the_menu_are_ordered_by_id(demo: DemoOrganisation) -> None:
    for module in demo.organisation.modules[:4]:
        module["sequence_number"] = 9
    demo.organisation.modules[0]["id"] = "5937104000000099999"
    demo.organisation.modules[1]["id"] = "999"
    demo.organisation.modules[5]["sequence_number"] = None
    rows = read(demo).rows
    positions = [row["sequence_number"] for row in rows]
    assert positions[-1] is None
    assert positions[:-1] == sorted(positions[:-1])
    nines = [int(row["id"]) for row in rows if row["sequence_number"] == 9]
    assert nines == sorted(nines)
    assert len(nines) > 4


def test_one_call_and_one_token_are_enough(demo: DemoOrganisation) -> None:
    run = read(demo)
    assert run.code == 0
    assert calls_of(demo, TOKEN) == 1
    assert calls_of(demo, MODULES) == 1


def test_the_ledger_ends_the_log(demo: DemoOrganisation) -> None:
    last = read(demo).log[-1]
    assert last.level == "INFO"
    assert "API calls: 1, credits: 1, retries: 0" in last.text
    assert "X-API-CREDITS-REMAINING" in last.text


def test_settings_of_a_later_file_win(demo: DemoOrganisation, tmp_path: Any) -> None:
    first, second = tmp_path / "first.json", tmp_path / "second.json"
    first.write_text(json.dumps(config_for(demo, module_statuses=["visible"])))
    second.write_text(json.dumps({"module_statuses": ["user_hidden"]}))
    run = run_tap("--config", str(first), "--config", str(second), catalog=ONLY_MODULES)
    assert {row["status"] for row in run.rows} == {"user_hidden"}
    assert calls_of(demo, MODULES) == 1
