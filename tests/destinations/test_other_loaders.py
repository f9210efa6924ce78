"""What the docs say of the loaders that they do not recommend."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path

import duckdb
import pytest
from pipelines.conftest import ROOT

from destinations.edits import REMOVED_MODULE
from destinations.plugins import TARGET_DUCKDB, TARGET_JSONL, run
from destinations.scenario import TapRuns

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

PAGE = (ROOT / "docs" / "destinations.md").read_text("utf-8")


def test_target_jsonl_has_the_rows_of_each_run_in_files_of_their_own(
    runs: TapRuns, environment: Callable[..., Path], tmp_path: Path
) -> None:
    program = environment(TARGET_JSONL) / "target-jsonl"
    config = tmp_path / "config.json"
    folder = tmp_path / "files"
    folder.mkdir()
    config.write_text(json.dumps({"destination_path": str(folder), "do_timestamp_file": True}))
    seen: set[Path] = set()
    for each in (runs.first, runs.second):
        run([program, "--config", config], stdin=each.messages.path)
        new = {path for path in folder.iterdir() if path not in seen}
        written: dict[str, list[object]] = {}
        for path in new:
            lines = path.read_text("utf-8").split("\n")
            written[path.stem.rpartition("-")[0]] = [json.loads(line) for line in lines if line]
        for stream in each.messages.schemas:
            emitted = [message["record"] for message in each.messages.of_kind("RECORD", stream)]
            assert len(written.get(stream, [])) == len(emitted), stream
        gone = [row for row in written["modules"] if REMOVED_MODULE in str(row)]
        assert bool(gone) == (each is runs.first)
        seen |= new
    assert "| `target-jsonl` | a file each run | stay in older files |" in PAGE


def test_target_duckdb_loses_rows_and_keeps_what_is_gone(
    runs: TapRuns, environment: Callable[..., Path], tmp_path: Path
) -> None:
    program = environment(TARGET_DUCKDB, "duckdb>=1.3,<2") / "target-duckdb"
    config = tmp_path / "config.json"
    database = tmp_path / "warehouse.duckdb"
    config.write_text(
        json.dumps(
            {
                "filepath": str(database),
                "default_target_schema": "zoho",
                "add_metadata_columns": True,
                "hard_delete": True,
            }
        )
    )
    before = runs.first.messages.only(["modules"], tmp_path / "1.jsonl")
    run([program, "--config", config], stdin=before.path)
    with duckdb.connect(str(database), read_only=True) as opened:
        (count,) = opened.execute("SELECT count(*) FROM zoho.modules").fetchall()[0]
    assert count == len(before.rows("modules")) - 1
    run(
        [program, "--config", config],
        stdin=runs.second.messages.only(["modules"], tmp_path / "2.jsonl").path,
    )
    with duckdb.connect(str(database), read_only=True) as opened:
        query = "SELECT count(*) FROM zoho.modules WHERE api_name = ?"
        assert opened.execute(query, [REMOVED_MODULE]).fetchall() == [(1,)]
    name, _, version = TARGET_DUCKDB.partition("==")
    assert f"`{name}` {version} ignores ACTIVATE_VERSION" in PAGE.replace("\n", " ")
