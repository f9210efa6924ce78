"""Answers that are whole but not what Zoho documents: never an empty success."""

from __future__ import annotations

import functools
import json
from typing import Any

import pytest
from support.demo import MODULES, calls_of, read, small_demo
from support.run import Run

from zohocrm_demo import DemoOrganisation, Fault

JSON = "application/json;charset=utf-8"

NESTED: Any = 1
for _ in range(400):
    NESTED = {"a": NESTED}

ODD = {
    "a list": [],
    "a text": "modules",
    "a number": 1,
    "null": None,
    "no key": {},
    "another key": {"module": [{"id": "1"}]},
    "null under the key": {"modules": None},
    "a text under the key": {"modules": "all"},
    "rows that are not objects": {"modules": [1]},
    "a row that is null": {"modules": [{"id": "1"}, None]},
    "a row that is a list": {"modules": [{"id": "1"}, []]},
    "a row without id": {"modules": [{"id": "1"}, {"api_name": "Leads"}]},
    "a row whose id is null": {"modules": [{"id": None}]},
    "a row whose id is an object": {"modules": [{"id": {"id": "1"}}]},
    "a row whose id is a list": {"modules": [{"id": ["1"]}]},
    "more rows than there are": {"modules": [{"id": "1"}], "info": {"more_records": True}},
    "a row nested too deep": {"modules": [{"id": "1", "new": NESTED}]},
    "two rows of one id": {"modules": [{"id": "1", "api_name": "A"}, {"id": "1", "api_name": "B"}]},
}


def answer_with(demo: DemoOrganisation, body: Any) -> None:
    demo.inject(MODULES, Fault(status=200, body=json.dumps(body), content_type=JSON), times=None)


@functools.cache
def answered_with(name: str) -> tuple[Run, int]:
    """A run that gets this answer, and how many calls it made."""
    with small_demo() as demo:
        answer_with(demo, ODD[name])
        return read(demo, emit_activate_version_messages=True), calls_of(demo, MODULES)


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_fails_the_run_with_one_line_and_no_row(name: str) -> None:
    run, calls = answered_with(name)
    assert run.error.startswith("modules: ")
    assert run.types == ["SCHEMA", "STATE"]
    assert calls == 1


@pytest.mark.parametrize("name", ODD)
def test_an_odd_answer_is_to_be_reported(name: str) -> None:
    run, _ = answered_with(name)
    assert "report" in run.error


def test_an_answer_nested_too_deep_is_refused(
    demo: DemoOrganisation,
) -> None:
    demo.inject(MODULES, Fault(status=200, body="[" * 10**5, content_type=JSON), times=None)
    assert "levels of nesting" in read(demo).error


@pytest.mark.parametrize("left", ["9" * 5000, "-1", "many", ""])
def test_credits_left_that_are_not_a_number_are_not_shown(
    demo: DemoOrganisation, left: str
) -> None:
    fault = Fault(status=None, headers={"X-API-CREDITS-REMAINING": left})
    demo.inject(MODULES, fault, times=None)
    run = read(demo)
    assert run.code == 0
    assert "(X-API-CREDITS-REMAINING): not said by Zoho" in run.log[-1].text


def test_an_answer_without_content_means_no_modules(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, Fault.empty(204), times=None)
    run = read(demo)
    assert run.code == 0
    assert run.types == ["SCHEMA", "STATE"]
    # One answer may be false.
    assert calls_of(demo, MODULES) == 2


def test_no_modules_of_the_statuses_asked_for_are_no_failure(demo: DemoOrganisation) -> None:
    for module in demo.organisation.modules:
        module["status"] = "visible"
    run = read(demo, module_statuses=["user_hidden"])
    assert run.code == 0
    assert run.rows == []


def test_not_modified_is_no_answer_to_a_question_that_was_not_asked(
    demo: DemoOrganisation,
) -> None:
    demo.inject(MODULES, Fault.empty(304), times=None)
    error = read(demo).error
    assert "HTTP 304" in error
    assert "proxy" in error
    assert all("if-modified-since" not in call.headers for call in demo.calls)


def test_the_same_row_twice_is_one_row(demo: DemoOrganisation) -> None:
    modules = demo.organisation.modules
    count = len(modules)
    modules.append(dict(modules[3]))
    run = read(demo)
    assert run.code == 0
    assert len(run.rows) == count


def test_keys_and_values_without_a_column_are_kept_and_warned_of_once(
    demo: DemoOrganisation,
) -> None:
    leads, deals = demo.organisation.module("Leads"), demo.organisation.module("Deals")
    assert leads
    assert deals
    leads |= {"zia_agents": [{"id": 1}], "visible": "perhaps"}
    deals |= {"zia_agents": None, "additional_properties": {"a": 1}}
    leads["profiles"][0]["colour"] = "blue"
    run = read(demo)
    extra = {row["api_name"]: row["additional_properties"] for row in run.rows}
    assert extra.pop("Leads") == {
        "zia_agents": [{"id": 1}],
        "visible": "perhaps",
        "profiles": [{"colour": "blue"}, *[None] * (len(leads["profiles"]) - 1)],
    }
    assert extra.pop("Deals") == {"zia_agents": None, "additional_properties": {"a": 1}}
    assert set(extra.values()) == {None}
    (line,) = [text for text in run.logged("WARNING") if "zia_agents" in text]
    assert "visible" in line
    assert "profiles[].colour" in line


def test_keys_with_line_breaks_do_not_break_the_log(demo: DemoOrganisation) -> None:
    demo.organisation.modules[0]["new\nkey\r\u2028\ud800"] = 1
    run = read(demo)
    assert run.code == 0
    assert run.rows[0]["additional_properties"] == {"new\nkey\r\u2028\ufffd": 1}


def test_half_characters_are_replaced_and_said_once(demo: DemoOrganisation) -> None:
    for module in demo.organisation.modules[:2]:
        module["plural_label"] = "half \ud83d \U0001f600"
    run = read(demo)
    assert run.code == 0
    assert [row["plural_label"] for row in run.rows[:2]] == ["half \ufffd \U0001f600"] * 2
    assert b"\\ud" not in run.stdout
    assert len([text for text in run.logged("WARNING") if "half characters" in text]) == 1


def test_messages_with_line_breaks_do_not_break_the_log(demo: DemoOrganisation) -> None:
    message = "first\nsecond\r\nthird"
    demo.inject(MODULES, Fault.error(503, "SERVICE_UNAVAILABLE", message), times=2)
    demo.inject(MODULES, Fault.error(400, "INVALID_DATA", message), nth=3)
    run = read(demo)
    assert "first second third" in run.error
    assert all(line.level for line in run.log)
