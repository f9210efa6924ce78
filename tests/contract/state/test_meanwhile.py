"""What happens while a read is under way, or before a full table goes on, loses nothing."""

from __future__ import annotations

import functools
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from typing import Any

import pytest
from support.cases import sample
from support.pages import paged_demo
from support.records import cuts, emitted, existing, read_whole, records_catalog, table
from support.wire import after, query_of, server_time

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.calls import Request

COQL = "/crm/v8/coql"
PER_PAGE = 20
COUNT = 90


@pytest.fixture
def demo(profile: str) -> Iterator[DemoOrganisation]:
    with paged_demo("Tasks", COUNT, PER_PAGE, profile=profile) as organisation:
        yield organisation


def full_table() -> dict[str, Any]:
    return records_catalog("Tasks", replication_method="FULL_TABLE")


def test_a_version_of_a_table_is_made_of_one_runs_records(demo: DemoOrganisation) -> None:
    _, state = cuts(read_whole(demo, "Tasks", read_path="coql"), '"after"')[1]
    run = read_whole(
        demo, "Tasks", state=state, catalog=full_table(), emit_activate_version_messages=True
    )
    assert len(existing(run)) == COUNT
    assert "ACTIVATE_VERSION" in run.types


def test_a_full_table_that_goes_on_has_what_changed_since_it_began(demo: DemoOrganisation) -> None:
    store = demo.organisation.records
    first = min(store.read("Tasks", "Subject"), key=lambda row: int(row["id"]))["id"]
    later = datetime.now(timezone.utc) + timedelta(minutes=2)
    output, state = cuts(
        read_whole(demo, "Tasks", catalog=full_table(), read_path="coql"), '"after"'
    )[1]
    store.update("Tasks", first, {"Subject": "changed"}, at=later - timedelta(minutes=1))
    with server_time(now=lambda: later):
        run = read_whole(demo, "Tasks", state=state, catalog=full_table(), read_path="coql")
    assert table("Tasks", output, run.stdout)[first]["Subject"] == "changed"
    assert len(emitted(run.stdout, "Tasks")) < COUNT
    assert "position" not in str(run.of_type("STATE")[-1])


def test_what_a_full_table_found_in_the_bin_comes_back_by_increments(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    first = read_whole(demo, "Tasks", cutoff_lag=0)
    victim = first.rows[0]["id"]
    store.delete("Tasks", victim)
    later = datetime.now(timezone.utc) + timedelta(minutes=1)
    with server_time(now=lambda: later):
        full = read_whole(demo, "Tasks", state=first.state, catalog=full_table())
        store.restore("Tasks", victim, touch=False)
        rest = read_whole(demo, "Tasks", state=full.state)
    assert victim not in table("Tasks", first.stdout, full.stdout)
    assert victim in table("Tasks", first.stdout, full.stdout, rest.stdout)


@pytest.mark.parametrize("count", sample([15, COUNT], 15))
@pytest.mark.parametrize("path", ["rest", "coql", "bulk", "auto"])
def test_a_full_table_has_what_was_changed_after_the_cut(
    demo: DemoOrganisation, path: str, count: int
) -> None:
    store = demo.organisation.records
    store.resize("Tasks", count)
    ids = [row["id"] for row in store.read("Tasks", "Subject")]
    store.update("Tasks", ids[0], {"Subject": "just now"})
    later = datetime.now(timezone.utc) + timedelta(minutes=1)
    change = functools.partial(store.update, "Tasks", ids[-1], {"Subject": "later"}, at=later)
    with after(lambda request: request.path in {COQL, "/crm/v8/Tasks"}, change, times=1):
        run = read_whole(
            demo, "Tasks", catalog=full_table(), read_path=path, emit_activate_version_messages=True
        )
    assert existing(run).keys() == set(ids)


@pytest.mark.parametrize(("module", "path"), [("Water_Samples", "rest"), ("Events", "coql")])
def test_records_that_are_deleted_between_two_calls_for_them_are_left_out(
    demo: DemoOrganisation, module: str, path: str
) -> None:
    store = demo.organisation.records
    store.resize(module, 10)
    ids = [row["id"] for row in store.read(module, "Tag")]
    doomed = ids[:2] if path == "rest" else ids

    def delete() -> None:
        for record_id in doomed:
            store.delete(module, record_id)

    def lists(request: Request) -> bool:
        return request.path in {f"/crm/v8/{module}", COQL}

    with after(lists, delete, times=1):
        run = read_whole(demo, module, read_path=path, max_concurrency=1)
    assert existing(run).keys() == set(ids) - set(doomed)


def test_a_record_changed_before_its_other_fields_are_added_is_never_half(
    demo: DemoOrganisation,
) -> None:
    store = demo.organisation.records
    store.resize("Events", 5)
    changed = list(store.read("Events", "Event_Title"))[2]["id"]

    def change() -> None:
        store.update("Events", changed, {"Event_Title": "Moved", "Participants": []})

    # Queries do not give participants, which Get Records then adds.
    with after(lambda request: "Event_Title" in query_of(request), change, times=1):
        run = read_whole(demo, "Events", read_path="coql")
    (row,) = [row for row in run.rows if row["id"] == changed]
    assert (row["Event_Title"], row["Participants"]) == ("Moved", None)


@pytest.mark.parametrize("path", ["coql", "bulk"])
def test_rich_texts_that_may_have_been_cut_are_read_whole(
    demo: DemoOrganisation, path: str
) -> None:
    store = demo.organisation.records
    store.resize("Sites", 3)
    (rich, *_) = [
        name
        for name, field in store.fields("Sites").items()
        if (field.get("textarea") or {}).get("type") == "rich_text"
    ]
    for length, row in zip((499, 500, 501), list(store.read("Sites", "Name")), strict=True):
        store.update("Sites", row["id"], {rich: "x" * length})
    before = len(demo.calls)
    run = read_whole(demo, "Sites", read_path=path)
    assert sorted(len(row[rich]) for row in run.rows if not row.get("_sdc_deleted_at")) == [
        499,
        500,
        501,
    ]
    calls = [call for call in demo.calls[before:] if call.path.endswith("fetch_full_data")]
    assert len(calls) == 1
