"""Snowflake's target and our Arrow files: its own conversion, and a load into a stand-in."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from support.batches import files, read

from destinations.messages import Messages
from destinations.plugins import FAKESNOW, TARGET_SNOWFLAKE, run
from destinations.scenario import prepare, sample
from destinations.scenario import read as read_crm
from destinations.test_snowflake import STAND_IN, STREAMS, StandIn, as_landed

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

PROBE = Path(__file__).with_name("snowflake_files_probe.py")


@pytest.fixture(scope="module")
def python(environment: Callable[..., Path]) -> Path:
    return environment(TARGET_SNOWFLAKE, FAKESNOW) / "python"


@pytest.fixture(scope="module")
def said(tmp_path_factory: pytest.TempPathFactory) -> Messages:
    folder = tmp_path_factory.mktemp("run")
    storage = {"root": (folder / "batches").as_uri()}
    config = {"encoding": {"format": "arrow"}, "storage": storage}
    with sample() as demo:
        catalog = prepare(demo, folder, batch_config=config)
        return read_crm(folder / "1", catalog=catalog, state={})


def batches_of(said: Messages) -> list[dict[str, Any]]:
    found = (json.loads(line) for line in said.path.read_bytes().split(b"\n") if line)
    return [message for message in found if message["type"] == "BATCH"]


def test_its_conversion_keeps_each_type_and_value(
    python: Path, said: Messages, tmp_path: Path
) -> None:
    made = json.loads(run([python, PROBE, said.path, tmp_path], timeout=300).stdout)
    streams = set()
    for message in batches_of(said):
        [url], [file] = message["manifest"], files(message)
        converted = pq.read_table(made[url].removeprefix("file://"))
        assert converted.equals(read(file, "arrow")), message["stream"]
        streams.add(message["stream"])
    assert streams == {stream for stream in said.schemas if said.rows(stream)}
    assert len(streams) >= 60


def test_the_stand_in_holds_the_values_of_files(
    python: Path, said: Messages, tmp_path: Path
) -> None:
    kept = [
        line
        for line in said.path.read_bytes().split(b"\n")
        if line and json.loads(line).get("stream") in {None, *STREAMS}
    ]
    path = tmp_path / "messages.jsonl"
    path.write_bytes(b"\n".join(kept) + b"\n")
    [tables] = json.loads(run([python, STAND_IN, path], timeout=300).stdout)
    stand_in = StandIn((said, said), [tables])
    compared = 0
    for stream in STREAMS:
        rows = stand_in.rows(0, stream)
        assert {(row_id,) for row_id in rows} == said.rows(stream).keys()
        for (row_id, *_), record in said.rows(stream).items():
            for name, spec in said.schemas[stream].items():
                found = rows[row_id][name.upper()]
                # docs/arrow.md: JSON text arrives in a VARIANT as text.
                if isinstance(found, str) and isinstance(record.get(name), (dict, list)):
                    found = json.loads(found)
                expected = as_landed(record.get(name), spec)
                assert as_landed(found, spec) == expected, f"{stream}.{name} of {row_id}"
                compared += 1
    assert compared > 10_000
