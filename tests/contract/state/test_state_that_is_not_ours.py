"""STATE of another time, tap, organisation or release: an error that names it, no new start."""

from __future__ import annotations

import copy
import itertools
import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import metadata_catalog, sample_demo
from support.places import places
from support.records import emitted, read_records, records_catalog, truth

from zohocrm_demo import DemoOrganisation

BOOKMARK = {"replication_key": "Modified_Time", "replication_key_value": "2026-01-01T00:00:00Z"}


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        organisation.organisation.records.resize("Tasks", 20)
        yield organisation


@pytest.mark.parametrize(
    ("changes", "words"),
    [
        ({"replication_key_value": "2099-01-01T00:00:00Z"}, ("2099-01-01", "cutoff", "clocks")),
        ({"deleted_until": "2099-01-01T00:00:00Z"}, ("deleted_until", "2099-01-01")),
        ({"replication_key": "SystemModstamp"}, ("SystemModstamp", "Modified_Time")),
        ({"version": 2}, ("version is 2", "install")),
        ({"version": "one"}, ("version", "'one'")),
        ({"cursor": "abc"}, ("cursor", "'abc'")),
        ({"version": 1, "module_id": "1"}, ("module_id", "another organisation")),
        ({"replication_key_value": None}, ("replication_key_value", "None")),
        ({"recycled": ["1"]}, ("recycled",)),
        ({"version": 1, "ids": "no ids", "swept": "2026-01-01T00:00:00Z"}, ("ids",)),
    ],
)
def test_a_part_that_this_tap_did_not_write_is_one_error(
    demo: DemoOrganisation, changes: dict[str, Any], words: tuple[str, ...]
) -> None:
    state = {"bookmarks": {"Tasks": {**BOOKMARK, **changes}, "Calls": dict(BOOKMARK)}}
    run = read_records(demo, "Calls", "Tasks", state=state, delete_sweep_days=1)
    assert run.error.startswith("Tasks: STATE ")
    assert all(word in run.error for word in words), run.error
    assert not emitted(run.stdout, "Tasks")
    # What was not understood stays as it is, and the other stream goes on.
    part = run.state["bookmarks"]["Tasks"]
    assert changes.items() <= part.items()
    assert run.state["bookmarks"]["Calls"]["replication_key_value"] > "2026-01-01T00:00:00Z"


@pytest.mark.parametrize(
    ("part", "words"),
    [
        ({"replication_key": "SystemModstamp", "replication_key_value": "2026-01-01T00:00:00Z"},
         ("replication_key", "SystemModstamp")),
        ({"partitions": [{"context": {"id": 1}}]}, ("partitions",)),
        ({"version": 9}, ("version is 9", "install")),
    ],
)  # fmt: skip
def test_a_part_of_a_stream_that_is_not_read_shows_whose_state_it_is(
    demo: DemoOrganisation, part: dict[str, Any], words: tuple[str, ...]
) -> None:
    state = {"bookmarks": {"Account": part, "Tasks": dict(BOOKMARK)}}
    run = read_records(demo, "Tasks", state=state)
    assert run.error.startswith("STATE ")
    assert all(word in run.error for word in ("bookmarks.Account", *words)), run.error
    assert run.rows == []


def test_the_parts_of_streams_that_are_not_read_are_carried_on(demo: DemoOrganisation) -> None:
    others: dict[str, Any] = {
        "Calls": dict(BOOKMARK),
        "Gone_Module": {**BOOKMARK, "version": 1, "ids": "anything"},
        "deleted_records": {"version": 1, "pending": {"Leads": "2026-01-01T00:00:00Z"}},
        "fields": {"replication_key": "modified_time", "replication_key_value": "2026-01-01"
                   "T00:00:00Z", "starting_replication_value": None},
    }  # fmt: skip
    run = read_records(demo, "Tasks", state={"bookmarks": others})
    assert run.code == 0, run.stderr
    assert {name: run.state["bookmarks"].get(name) for name in others} == others


def test_a_metadata_stream_refuses_a_bookmark_of_another_key(demo: DemoOrganisation) -> None:
    catalog = read_catalog_of_modules()
    part = {"replication_key": "created_time", "replication_key_value": "2026-01-01T00:00:00Z"}
    run = read_records(demo, catalog=catalog, state={"bookmarks": {"modules": part}})
    assert "'created_time'" in run.error
    assert "'modified_time'" in run.error


def read_catalog_of_modules() -> dict[str, Any]:
    return metadata_catalog(
        modules={"replication-method": "INCREMENTAL", "replication-key": "modified_time"}
    )


def test_a_clock_that_lags_a_little_reads_nothing_twice_and_keeps_the_bookmark(
    demo: DemoOrganisation,
) -> None:
    first = read_records(demo, "Tasks", cutoff_lag=0)
    second = read_records(demo, "Tasks", state=first.state, cutoff_lag=60)
    assert second.code == 0, second.stderr
    assert second.rows == []
    old = first.state["bookmarks"]["Tasks"]["replication_key_value"]
    assert second.state["bookmarks"]["Tasks"]["replication_key_value"] == old


@pytest.mark.thorough
def test_a_renamed_module_and_a_deleted_one_have_different_errors(demo: DemoOrganisation) -> None:
    first = read_records(demo, "Sensors", "Sites")
    assert first.code == 0, first.stderr
    demo.organisation.schema.rename_module("Sensors", "Probes")
    demo.organisation.schema.drop_module("Sites")
    second = read_records(demo, "Sensors", "Sites", state=first.state)
    assert second.code == 1
    errors = {text.partition(":")[0]: text for text in second.logged("ERROR")}
    assert "called Probes now" in errors["Sensors"]
    assert "deleted in Zoho" in errors["Sites"]
    assert "stay in the destination" in errors["Sites"]


# Written by release 0.1.0: a first read under way on each path, an increment, and one at its end.
SAMPLES: dict[str, dict[str, Any]] = json.loads(
    """
    {
      "finished": {"replication_key": "Modified_Time",
        "replication_key_value": "2026-01-01T00:00:00Z", "starting_replication_value": null,
        "recycled": {"5937104000001111111": "2025-12-31T00:00:00Z"}},
      "rest": {"replication_key": "Modified_Time",
        "replication_key_value": "2026-01-01T00:00:00Z", "starting_replication_value": null,
        "deleted_until": "2026-01-01T00:00:00Z",
        "position": {"cut": "2026-01-02T00:00:00Z", "of": "0123456789ab"}},
      "coql": {"starting_replication_value": null, "deleted_until": "2026-01-02T00:00:00Z",
        "recycled": {},
        "position": {"after": "5937104000001111111", "path": "coql",
          "cut": "2026-01-02T00:00:00Z", "of": "0123456789ab"}},
      "bulk": {"starting_replication_value": null, "deleted_until": "2026-01-02T00:00:00Z",
        "position": {"bulk_jobs": ["5937104990000000001"], "bulk_pages_given": 1,
          "bulk_rows_given": 100, "path": "bulk", "without": ["Tag"],
          "cut": "2026-01-02T00:00:00Z", "of": "0123456789ab"}},
      "increment": {"replication_key": "Modified_Time",
        "replication_key_value": "2026-01-01T00:00:00Z",
        "starting_replication_value": "2026-01-01T00:00:00Z",
        "deleted_until": "2026-01-01T00:00:00Z",
        "position": {"bulk_jobs": ["5937104990000000001"], "bulk_pages_given": 0,
          "path": "bulk", "cut": "2026-01-02T00:00:00Z", "of": "0123456789ab",
          "since": "2026-01-01T00:00:00Z"}}
    }
    """
)


@pytest.mark.parametrize("sample", SAMPLES)
def test_state_of_release_0_1_0_is_read(demo: DemoOrganisation, sample: str) -> None:
    state = {"bookmarks": {"Tasks": SAMPLES[sample]}}
    run = read_records(demo, "Tasks", state=state)
    assert run.code == 0, run.stderr
    assert run.state["bookmarks"]["Tasks"]["version"] == 1
    assert "position" not in run.state["bookmarks"]["Tasks"]
    # Of another selection, an unfinished first read begins anew.
    if sample in {"rest", "coql", "bulk"}:
        assert emitted(run.stdout, "Tasks").keys() == truth(demo, "Tasks", ["id"]).keys()


JSON: list[Any] = [None, True, 10**30, 1.5, "x", ["x"], {"x": 1}]


@pytest.mark.heavy
@pytest.mark.parametrize("sample", SAMPLES)
def test_any_other_value_anywhere_in_state_is_an_error_or_right(
    demo: DemoOrganisation, sample: str
) -> None:
    """Every leaf of five real STATEs, replaced by every other type of JSON."""
    everything = truth(demo, "Tasks", ["id"]).keys()
    part = SAMPLES[sample]
    for path, value in itertools.product(places(part), JSON):
        broken = copy.deepcopy(part)
        holder: Any = broken
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = value
        run = read_records(demo, "Tasks", state={"bookmarks": {"Tasks": broken}})
        where = f"{path} = {value!r}: {run.stderr}"
        assert "Traceback" not in run.stderr, where
        assert "defect" not in run.stderr, where
        if run.code == 0:
            assert "replication_key_value" in broken or (
                emitted(run.stdout, "Tasks").keys() == everything
            ), where
        else:
            assert run.error.startswith("Tasks: "), where


def test_state_of_a_sandbox_is_refused_by_metadata_and_deletions_too(
    demo: DemoOrganisation,
) -> None:
    by_change = {"replication-method": "INCREMENTAL", "replication-key": "modified_time"}
    users = metadata_catalog(profiles=by_change)["streams"]
    catalog = {"streams": [*records_catalog("deleted_records")["streams"], *users]}
    first = read_records(demo, catalog=catalog, record_modules=["Tasks"])
    parts = first.state["bookmarks"]
    found = {name: part["environment"] for name, part in parts.items()}
    assert found == {"deleted_records": "production", "profiles": "production"}
    for part in parts.values():
        part["environment"] = "sandbox"
    second = read_records(demo, catalog=catalog, state=first.state, record_modules=["Tasks"])
    assert second.rows == []
    for name in parts:
        assert f"bookmarks.{name} is of the environment 'sandbox'" in second.stderr
    assert second.state["bookmarks"] == parts
