"""A read without STATE into a table that has rows; tombstones that were off for a while."""

from __future__ import annotations

import contextlib
import dataclasses
import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.pages import small_pages
from support.records import (
    Record,
    applied,
    cuts,
    decoded,
    emitted,
    read_records,
    read_whole,
    records_catalog,
    truth,
)
from support.wire import altered_answers, lists_lack, params_of

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request
from zohocrm_demo.organisation.records.table import KeptRecord


def delete_some(demo: DemoOrganisation, module: str = "Tasks", count: int = 7) -> set[str]:
    """Delete records, every other one for good, and return their ids."""
    store = demo.organisation.records
    victims = [row["id"] for row in store.read(module, "id")][:count]
    for number, victim in enumerate(victims):
        store.delete(module, victim, permanent=number % 2 == 0)
    demo.settable_clock.advance(60)
    return {*victims}


def versioned(table: dict[str, Record], stdout: bytes) -> dict[str, Record]:
    """A table after messages, by a loader that drops what has not the active version."""
    versions: dict[str, int | None] = dict.fromkeys(table, 0)
    for message in decoded(stdout):
        if message["type"] == "RECORD" and not message["record"].get("_sdc_deleted_at"):
            table[message["record"]["id"]] = message["record"]
            versions[message["record"]["id"]] = message.get("version")
        elif message["type"] == "ACTIVATE_VERSION":
            for key in [key for key in table if versions[key] != message["version"]]:
                del table[key]
    return table


@pytest.mark.parametrize("path", ["auto", "rest", "bulk"])
def test_a_read_without_state_emits_what_zoho_lists_as_deleted(
    demo: DemoOrganisation, path: str
) -> None:
    first = read_whole(demo, "Tasks", read_path=path)
    table = emitted(first.stdout, "Tasks")
    delete_some(demo)
    again = read_whole(demo, "Tasks", read_path=path)
    assert applied(table, again.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()
    (line,) = [text for text in again.logged("INFO") if "without STATE" in text]
    assert "emitted for Tasks" in line
    third = read_whole(demo, "Tasks", read_path=path, state=again.state)
    assert third.rows == []
    assert not any("without STATE" in text for text in third.logged("INFO"))


@pytest.mark.thorough
def test_a_read_without_state_that_is_killed_emits_the_deletions_all_the_same(
    demo: DemoOrganisation,
) -> None:
    old = emitted(read_whole(demo, "Tasks").stdout, "Tasks")
    delete_some(demo)
    with small_pages(20):
        again = read_whole(demo, "Tasks", read_path="coql")
        for output, state in cuts(again)[:-1:4]:
            rest = read_whole(demo, "Tasks", read_path="coql", state=state)
            table = applied(applied({**old}, output, "Tasks"), rest.stdout, "Tasks")
            assert table.keys() == truth(demo, "Tasks", ["id"]).keys()


@pytest.mark.thorough
def test_a_read_without_state_gives_the_table_a_version_where_versions_are_wanted(
    demo: DemoOrganisation,
) -> None:
    settings: dict[str, Any] = {"emit_activate_version_messages": True, "emit_tombstones": False}
    table = emitted(read_whole(demo, "Tasks").stdout, "Tasks")
    delete_some(demo)
    with small_pages(20):
        again = read_whole(demo, "Tasks", read_path="coql", **settings)
    assert versioned({**table}, again.stdout).keys() == truth(demo, "Tasks", ["id"]).keys()
    assert not any("without STATE" in text for text in again.logged("INFO"))
    # A run that goes on with a killed one ends its version.
    with small_pages(20):
        for output, state in cuts(again)[1:-1:6]:
            rest = read_whole(demo, "Tasks", read_path="coql", state=state, **settings)
            found = versioned(versioned({**table}, output), output + rest.stdout)
            assert found.keys() == truth(demo, "Tasks", ["id"]).keys()
    [victim] = delete_some(demo, count=1)
    demo.organisation.records.update("Tasks", next(iter(truth(demo, "Tasks", ["id"]))), {})
    demo.settable_clock.advance(60)
    # An increment belongs to the same version, and ends none.
    later = read_whole(demo, "Tasks", state=again.state, **settings)
    assert "ACTIVATE_VERSION" not in later.types
    first_version = {m["version"] for m in again.of_type("RECORD")}
    assert {m["version"] for m in later.of_type("RECORD")} == first_version
    assert victim not in {row["id"] for row in later.rows}


def test_a_table_whose_deletions_zoho_does_not_list_is_said_to_need_emptying(
    demo: DemoOrganisation,
) -> None:
    # Zoho lists no deletions of subforms, and not all of Calls.
    run = read_whole(demo, "Sample_Readings", "Calls", "Tasks")
    (line,) = [text for text in run.logged("INFO") if "without STATE" in text]
    assert "emitted for Tasks" in line
    assert "not all, were emitted for" in line
    assert "empty it and read again" in line


@pytest.mark.thorough
@pytest.mark.parametrize("how", ["setting", "column"])
def test_deletions_are_emitted_once_tombstones_are_wanted_again(
    demo: DemoOrganisation, how: str
) -> None:
    first = read_whole(demo, "Tasks")
    table, state = emitted(first.stdout, "Tasks"), first.state
    for _ in range(2):
        delete_some(demo, count=5)
        without: dict[str, Any] = {"emit_tombstones": False}
        if how == "column":
            without = {"catalog": records_catalog("Tasks", without=["_sdc_deleted_at"])}
        off = read_whole(demo, *([] if "catalog" in without else ["Tasks"]), state=state, **without)
        assert off.rows == []
        state = off.state
    on = read_whole(demo, "Tasks", state=state)
    assert len(on.rows) == 10
    assert applied(table, on.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()
    assert read_whole(demo, "Tasks", state=on.state).rows == []


@pytest.mark.thorough
def test_a_list_of_deletions_that_ends_where_lists_end_is_taken_for_cut(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    store.resize("Tasks", 2_700)
    first = read_whole(demo, "Tasks")
    table = emitted(first.stdout, "Tasks")

    def end_at_the_cap(request: Request, answer: Answer) -> Answer:
        page = int(params_of(request).get("page", 1))
        if not request.path.endswith("/deleted") or page * 200 < 2_000:
            return answer
        body = json.loads(answer.body)
        body["info"]["more_records"] = False
        return dataclasses.replace(answer, body=json.dumps(body).encode())

    for row in [*store.read("Tasks", "id")][:2_600]:
        store.delete("Tasks", row["id"], permanent=True)
    demo.settable_clock.advance(60)
    # The latest 2,000, and no error behind them.
    with altered_answers(end_at_the_cap):
        second = read_whole(demo, "Tasks", state=first.state)
    assert applied(table, second.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


@contextlib.contextmanager
def hidden(demo: DemoOrganisation, module: str, record_id: str) -> Iterator[None]:
    """Let a role hide a record for a while, which leaves no trace."""
    records: Any = demo.organisation.records
    table = records.table(module)
    found = table.find(int(record_id))
    kept = KeptRecord(found.id, found.created, found.modified, table.materialised(found))
    table.drop(found.id)
    yield
    table.keep(kept)


@pytest.mark.thorough
@pytest.mark.parametrize("runs", [1, 2])
def test_a_sweep_finds_what_only_an_earlier_version_of_the_table_had(
    demo: DemoOrganisation, runs: int
) -> None:
    more: dict[str, Any] = {"read_path": "coql", "emit_activate_version_messages": True}
    ids = sorted(truth(demo, "Tasks", ["id"]), key=int)
    with small_pages(20), lists_lack("Tasks", ids[-1]):
        failed = read_records(demo, "Tasks", **more)
    assert "some are missing" in failed.error
    table, state = versioned({}, failed.stdout), failed.state
    assert ids[0] in table
    with hidden(demo, "Tasks", ids[0]), small_pages(20):
        second = read_whole(demo, "Tasks", state=state, **more)
        output, state = second.stdout, second.state
        if runs > 1:
            output, state = cuts(second, "checkpoint")[1]
            third = read_whole(demo, "Tasks", state=state, **more)
            output, state = output + third.stdout, third.state
        versioned(table, output)
    assert table.keys() == {*ids[1:]}
    # As if a day had passed.
    state["bookmarks"]["Tasks"].pop("swept")
    last = read_whole(demo, "Tasks", state=state, delete_sweep_days=1, **more)
    assert ids[0] in emitted(last.stdout, "Tasks")
