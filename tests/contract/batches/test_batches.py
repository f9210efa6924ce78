"""BATCH messages: the rows, columns, STATE and order of RECORD messages, in files."""

from __future__ import annotations

import json
import stat
import sys
from collections.abc import Iterator
from datetime import datetime, timezone
from pathlib import Path
from typing import Any
from unittest import mock

import pytest
from support import batches
from support.cases import sample
from support.demo import config_for, sample_demo
from support.machine import full_disk, temporary_files_in
from support.records import decoded, read_records, records_catalog
from support.run import run_tap
from support.sample import awkward_sample
from support.wire import time_of

from tap_zohocrm_modules.sync.deletions.ids import unpack
from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.clock import Clock

NOW = datetime.now(timezone.utc).replace(microsecond=0)
MODULES = ["Leads", "Accounts"]


@pytest.fixture(scope="module")
def demo() -> Iterator[DemoOrganisation]:
    """An organisation in which no time passes, so that runs are the same."""
    clock = Clock(NOW)
    with sample_demo(clock=clock) as organisation, time_of(clock):
        store = organisation.organisation.records
        for module in MODULES:
            store.resize(module, 250)
        yield organisation


def settings(folder: Path, kind: str = "arrow", **more: Any) -> dict[str, Any]:
    root = {"storage": {"root": folder.as_uri(), **more.pop("storage", {})}}
    return {"batch_config": {"encoding": {"format": kind}, **root, **more}}


def comparable(stdout: bytes) -> list[Any]:
    """The messages but for the times of extraction; of the STATE messages, the last one.

    RECORD messages have more of them: fewer rows are on their way. Each of them adds ids to those
    of the one before, so that the text of the same ids is another one.
    """
    messages = [
        {key: value for key, value in message.items() if key != "time_extracted"}
        for message in decoded(stdout)
    ]
    for part in messages[-1]["value"]["bookmarks"].values():
        part["ids"] = list(unpack(ids).ordered()) if (ids := part.get("ids")) else []
    return [one for one in messages[:-1] if one["type"] != "STATE"] + messages[-1:]


@pytest.mark.parametrize(
    ("path", "kind"),
    sample(
        [("auto", "parquet"), ("rest", "arrow"), ("coql", "arrow"), ("bulk", "arrow")],
        ("auto", "parquet"),
    ),
)
def test_records_in_files_are_those_of_record_messages(
    demo: DemoOrganisation, tmp_path: Path, path: str, kind: str
) -> None:
    plain = read_records(demo, *MODULES, read_path=path)
    run = read_records(demo, *MODULES, read_path=path, **settings(tmp_path, kind))
    assert plain.code == run.code == 0, run.logged("ERROR")
    assert run.of_type("RECORD") == []
    assert len(plain.rows) >= 2 * 250
    assert comparable(batches.as_records(run.stdout)) == comparable(plain.stdout)


@pytest.mark.thorough
def test_metadata_in_files_is_that_of_record_messages(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    plain = run_tap(config=config_for(demo, record_modules=[]))
    run = run_tap(config=config_for(demo, record_modules=[], **settings(tmp_path)))
    assert plain.code == run.code == 0, run.logged("ERROR")
    assert {message["stream"] for message in run.of_type("BATCH")} == {
        message["stream"] for message in plain.of_type("RECORD")
    }
    assert comparable(batches.as_records(run.stdout)) == comparable(plain.stdout)


def test_the_types_are_those_of_the_fields_whatever_the_values(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    run = read_records(demo, "Leads", read_path="rest", **settings(tmp_path))
    [message] = run.of_type("BATCH")
    found = {field.name: str(field.type) for field in batches.table(message).schema}
    wanted = {
        "id": "string",
        "No_of_Employees": "int64",
        "Annual_Revenue": "decimal128(38, 20)",
        "Converted__s": "bool",
        "Created_Time": "timestamp[us, tz=UTC]",
        "Converted_Date_Time": "timestamp[us, tz=UTC]",
        "Owner": "string",
        "Tag": "list<item: string>",
        "_sdc_deleted_at": "timestamp[us, tz=UTC]",
        "additional_properties": "string",
    }
    assert {name: found[name] for name in wanted} == wanted


def test_deselected_columns_are_in_no_file(demo: DemoOrganisation, tmp_path: Path) -> None:
    catalog = records_catalog("Leads", without=["Company"])
    run = read_records(demo, catalog=catalog, read_path="rest", **settings(tmp_path))
    [message] = run.of_type("BATCH")
    assert "Company" not in batches.table(message).column_names
    assert "Last_Name" in batches.table(message).column_names


def test_a_column_whose_field_has_vanished_is_in_no_file(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    catalog = records_catalog("Leads")
    [stream] = catalog["streams"]
    stream["schema"]["properties"]["Gone"] = {"type": ["string", "null"]}
    stream["metadata"].append(
        {"breadcrumb": ["properties", "Gone"], "metadata": {"selected": True}}
    )
    run = read_records(demo, catalog=catalog, read_path="rest", **settings(tmp_path))
    [message] = run.of_type("BATCH")
    # A null would overwrite what the destination has.
    assert "Gone" not in batches.table(message).column_names
    assert "Last_Name" in batches.table(message).column_names


def test_a_full_table_ends_in_its_version(demo: DemoOrganisation, tmp_path: Path) -> None:
    catalog = records_catalog("Leads", replication_method="FULL_TABLE")
    run = read_records(
        demo,
        catalog=catalog,
        read_path="rest",
        emit_activate_version_messages=True,
        **settings(tmp_path, batch_size=200),
    )
    assert run.types[:3] == ["SCHEMA", "BATCH", "ACTIVATE_VERSION"]
    versions = {message["version"] for message in run.of_type("BATCH")}
    assert versions == {run.of_type("ACTIVATE_VERSION")[0]["version"]}


@pytest.mark.parametrize("kind", ["arrow", "parquet"])
def test_no_file_has_more_rows_than_batch_size(
    demo: DemoOrganisation, tmp_path: Path, kind: str
) -> None:
    run = read_records(demo, "Leads", read_path="coql", **settings(tmp_path, kind, batch_size=100))
    named = [file for message in run.of_type("BATCH") for file in batches.files(message)]
    sizes = [batches.read(file, kind).num_rows for file in named]
    assert set(sizes[:-1]) == {100}
    assert 0 < sizes[-1] <= 100


def test_files_are_the_users_alone_and_where_they_are_wanted(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    run = read_records(demo, "Leads", **settings(tmp_path / "new", storage={"prefix": "zoho/crm-"}))
    [message] = run.of_type("BATCH")
    assert message["encoding"] == {"format": "arrow"}
    [file] = batches.files(message)
    assert file.parent == tmp_path / "new" / "zoho"
    assert file.name.startswith("crm-Leads-")
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert [*file.parent.iterdir()] == [file]


def test_without_a_root_files_go_to_a_folder_of_the_user(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    with temporary_files_in(tmp_path):
        run = read_records(demo, "Leads", batch_config={"encoding": {"format": "arrow"}})
    [file] = batches.files(run.of_type("BATCH")[0])
    assert file.parent.parent == tmp_path
    assert stat.S_IMODE(file.parent.stat().st_mode) == 0o700


def test_what_was_read_before_a_failure_is_in_a_file_that_state_covers(tmp_path: Path) -> None:
    runs = []
    for more in ({}, settings(tmp_path)):
        clock = Clock(NOW)
        with DemoOrganisation(awkward_sample, clock=clock) as demo, time_of(clock):
            demo.organisation.records.resize("Tasks", 1_000)
            demo.inject("/crm/v8/Tasks", Fault.error(400, "INVALID_DATA"), nth=4, times=None)
            runs.append(read_records(demo, "Tasks", read_path="rest", max_concurrency=1, **more))
    plain, run = runs
    assert plain.code == run.code == 1
    assert plain.rows
    assert comparable(batches.as_records(run.stdout)) == comparable(plain.stdout)


@pytest.mark.parametrize(
    ("more", "what"),
    [
        ({"stream_maps": {"Leads": {"x": "1"}}}, "stream_maps"),
        ({"flattening_enabled": True, "flattening_max_depth": 1}, "flattening_enabled"),
    ],
)
def test_what_needs_record_messages_is_refused_at_the_start(
    demo: DemoOrganisation, tmp_path: Path, more: dict[str, Any], what: str
) -> None:
    run = read_records(demo, "Leads", **settings(tmp_path), **more)
    assert f"batch_config cannot be combined with {what}" in run.error
    assert run.stdout == b""


def test_without_pyarrow_one_line_says_how_to_install_it(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    with mock.patch.dict(sys.modules, {"pyarrow": None}):
        run = read_records(demo, "Leads", **settings(tmp_path))
    assert run.error == "batch_config needs pyarrow: install tap-zohocrm-modules[arrow]"


def test_a_full_disk_ends_the_run_before_state_covers_what_is_lost(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    with full_disk():
        run = read_records(demo, "Leads", read_path="rest", **settings(tmp_path))
    assert "No space left on device" in run.error
    assert run.of_type("BATCH") == []
    assert "replication_key_value" not in json.dumps(run.state)
    assert [*tmp_path.iterdir()] == []
