"""What columns are called: for good, of fields whose names are equal but for case, too."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import sample_demo
from support.records import applied, discovered_now, emitted, read_records, truth
from support.run import Run

from zohocrm_demo import DemoOrganisation


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        organisation.organisation.records.resize("Tasks", 12)
        yield organisation


def values(run: Run, module: str, column: str) -> dict[str, Any]:
    return {key: row.get(column) for key, row in emitted(run.stdout, module).items()}


def columns_of(run: Run) -> set[str]:
    (schema,) = run.of_type("SCHEMA")
    return {*schema["schema"]["properties"]}


def twins(demo: DemoOrganisation) -> dict[str, str | None]:
    """Give Tasks two fields equal but for case, and return the values of the younger one."""
    for name in ("Status_Code", "status_code"):
        demo.organisation.schema.add_field("Tasks", f"{name}|{name}|text:80|custom")
    for number, key in enumerate(truth(demo, "Tasks", ["id"])):
        both = {"Status_Code": f"older {number}", "status_code": f"younger {number}"}
        demo.organisation.records.update("Tasks", key, both)
    demo.settable_clock.advance(60)
    rows = truth(demo, "Tasks", ["status_code"])
    return {key: row["status_code"] for key, row in rows.items()}


@pytest.mark.thorough
@pytest.mark.parametrize("rediscovers", [False, True])
def test_the_column_of_a_field_stays_when_its_twin_goes(
    demo: DemoOrganisation, *, rediscovers: bool
) -> None:
    expected = twins(demo)
    catalog = discovered_now(demo, "Tasks")
    first = read_records(demo, catalog=catalog)
    assert values(first, "Tasks", "status_code_2") == expected
    demo.organisation.schema.drop_field("Tasks", "Status_Code")
    changed = next(iter(expected))
    demo.organisation.records.update("Tasks", changed, {"status_code": "changed"})
    demo.settable_clock.advance(60)
    if rediscovers:
        catalog = discovered_now(demo, "Tasks")
    second = read_records(demo, catalog=catalog, state=first.state)
    assert second.code == 0, second.stderr
    assert values(second, "Tasks", "status_code_2") == {changed: "changed"}
    (schema,) = second.of_type("SCHEMA")
    assert "status_code" not in schema["schema"]["properties"]
    assert read_records(demo, catalog=catalog, state=second.state).rows == []


def test_the_column_of_a_field_stays_when_an_older_twin_is_shown(demo: DemoOrganisation) -> None:
    for name in ("Status_Code", "status_code"):
        demo.organisation.schema.add_field("Tasks", f"{name}|{name}|text:80|custom")
    hidden = next(
        field for field in demo.organisation.fields["Tasks"] if field["api_name"] == "Status_Code"
    )
    demo.organisation.fields["Tasks"].remove(hidden)
    keys = list(truth(demo, "Tasks", ["id"]))
    for key in keys:
        demo.organisation.records.update("Tasks", key, {"status_code": f"younger {key}"})
    demo.settable_clock.advance(60)
    first = read_records(demo, catalog=discovered_now(demo, "Tasks"))
    assert values(first, "Tasks", "status_code") == {key: f"younger {key}" for key in keys}
    demo.organisation.fields["Tasks"].append(hidden)
    demo.settable_clock.advance(60)
    second = read_records(demo, catalog=discovered_now(demo, "Tasks"), state=first.state)
    assert second.code == 0, second.stderr
    table = applied(emitted(first.stdout, "Tasks"), second.stdout, "Tasks")
    assert {key: row["status_code"] for key, row in table.items()} == {
        key: f"younger {key}" for key in keys
    }
    assert {row["Status_Code_2"] for row in table.values()} == {None}


@pytest.mark.thorough
def test_a_catalog_from_between_two_twins_has_its_column_renamed(demo: DemoOrganisation) -> None:
    younger = twins(demo)
    first = read_records(demo, catalog=discovered_now(demo, "Tasks"))
    schema = demo.organisation.schema
    schema.drop_field("Tasks", "Status_Code")
    alone = discovered_now(demo, "Tasks")
    assert "status_code" in alone["streams"][0]["schema"]["properties"]
    schema.add_field("Tasks", "Status_Code|Status Code|text:80|custom")
    changed = next(iter(younger))
    demo.organisation.records.update("Tasks", changed, {"status_code": "changed"})
    demo.settable_clock.advance(60)
    second = read_records(demo, catalog=alone, state=first.state)
    assert second.code == 0, second.stderr
    assert values(second, "Tasks", "status_code_2") == {changed: "changed"}
    assert "status_code" not in columns_of(second)


@pytest.mark.thorough
@pytest.mark.parametrize("left_out", [["status_code_2"], ["Status_Code", "status_code_2"]])
def test_a_column_that_was_not_selected_for_a_while_keeps_its_name(
    demo: DemoOrganisation, left_out: list[str]
) -> None:
    expected = twins(demo)
    catalog = discovered_now(demo, "Tasks")
    first = read_records(demo, catalog=catalog)
    without = discovered_now(demo, "Tasks")
    for item in without["streams"][0]["metadata"]:
        if {*item["breadcrumb"][-1:]} & {*left_out}:
            item["metadata"]["selected"] = False
    second = read_records(demo, catalog=without, state=first.state)
    assert not columns_of(second) & {*left_out}
    demo.organisation.schema.drop_field("Tasks", "Status_Code")
    third = read_records(demo, catalog=discovered_now(demo, "Tasks"), state=second.state)
    assert third.code == 0, third.stderr
    assert values(third, "Tasks", "status_code_2") == expected
    assert "status_code" not in columns_of(third)


@pytest.mark.thorough
def test_a_field_does_not_take_the_column_of_a_twin_that_is_gone(demo: DemoOrganisation) -> None:
    schema = demo.organisation.schema
    schema.add_field("Tasks", "Status_Code|Status Code|text:80|custom")
    demo.settable_clock.advance(60)
    first = read_records(demo, catalog=discovered_now(demo, "Tasks"))
    assert "Status_Code" in columns_of(first)
    schema.drop_field("Tasks", "Status_Code")
    schema.add_field("Tasks", "status_code|status code|text:80|custom")
    second = read_records(demo, catalog=discovered_now(demo, "Tasks"), state=first.state)
    assert second.code == 0, second.stderr
    assert "status_code_2" in columns_of(second)
    assert "status_code" not in columns_of(second)
