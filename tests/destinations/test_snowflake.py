"""Snowflake: the target's own mapping of every column, and loads into a stand-in.

No service was there: docs/destinations.md says what this does not prove.
"""

from __future__ import annotations

import collections
import dataclasses
import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from destinations.discovered import WITH_BLANKS, discovered
from destinations.edits import (
    DROPPED,
    NEW_MODULE,
    NEWS,
    OLD_NAME,
    RELABELLED,
    REMOVED_MODULE,
    RETYPED,
)
from destinations.loaded import KEPT_WHEN_MARKED
from destinations.messages import DELETED_AT, Messages, Rows, comparable, kind, merged
from destinations.plugins import FAKESNOW, TARGET_SNOWFLAKE, run
from destinations.scenario import RECORDS, TapRuns
from destinations.stores import ASIDE

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

PROBE = Path(__file__).with_name("snowflake_probe.py")
STAND_IN = Path(__file__).with_name("snowflake_stand_in.py")
STREAMS = ("modules", "roles", "users", "currencies", *RECORDS)
EMPTY_AT_FIRST = {"Shikayat"}
# The first step of docs/how-to/changed-types.md.
PUT_ASIDE = f"alter table leads rename column {RETYPED} to {RETYPED}{ASIDE}"
UNQUOTED = re.compile(r"[A-Za-z_][A-Za-z0-9_$]*", re.ASCII)
TYPES = {
    "string": "VARCHAR",
    "date-time": "TIMESTAMP_NTZ",
    "date": "DATE",
    "integer": "DECIMAL",
    "number": "FLOAT",
    "boolean": "BOOLEAN",
    "object": "VARIANT",
    "array": "VARIANT",
}

Row = dict[str, Any]
Mapping = dict[str, dict[str, tuple[str, str]]]


@pytest.fixture(scope="module")
def python(environment: Callable[..., Path]) -> Path:
    return environment(TARGET_SNOWFLAKE, FAKESNOW) / "python"


@pytest.fixture(scope="module")
def mapping(python: Path, tmp_path_factory: pytest.TempPathFactory) -> Mapping:
    """Type and identifier of each property of each stream."""
    schemas = tmp_path_factory.mktemp("snowflake-mapping") / "schemas.json"
    schemas.write_text(json.dumps(discovered()), "utf-8")
    mapping: Mapping = json.loads(run([python, PROBE], stdin=schemas).stdout)
    return mapping


def test_each_property_has_the_type_that_the_docs_say(mapping: Mapping) -> None:
    assert mapping.keys() == discovered().keys()
    for stream, schema in discovered().items():
        found = {name: type_ for name, (type_, _) in mapping[stream].items()}
        expected = {
            name: TYPES[kind(spec).partition(" ")[0]] for name, spec in schema["properties"].items()
        }
        assert found == expected, stream


def test_each_identifier_is_the_propertys_name_and_the_only_one(mapping: Mapping) -> None:
    for stream, columns in mapping.items():
        for name, (_, identifier) in columns.items():
            bare = identifier.strip('"')
            assert bare.upper() == name.upper(), f"{stream}.{name}"
            assert UNQUOTED.fullmatch(bare) or f"{stream}.{name}" in WITH_BLANKS
            assert len(bare) <= 255, f"{stream}.{name}"
        times = collections.Counter(name.upper() for name in columns)
        assert max(times.values()) == 1, stream


@dataclasses.dataclass(frozen=True)
class StandIn:
    """The stand-in's tables after each of two runs, and what the tap said in them."""

    messages: tuple[Messages, Messages]
    tables: list[dict[str, dict[str, Any]]]

    def rows(self, run: int, stream: str) -> dict[str, Row]:
        """The rows by id, their values as in JSON."""
        found = self.tables[run][stream.upper()]
        rows = [
            {name: self._value(value, found["columns"][name]) for name, value in row.items()}
            for row in found["rows"]
        ]
        assert len({row["ID"] for row in rows}) == len(rows), f"{stream}: a key occurs twice"
        return {row["ID"]: row for row in rows}

    def expected(self, run: int, stream: str) -> tuple[Rows, Rows]:
        """The tap's rows after a run, and the tombstones among them."""
        return merged(self.messages[: run + 1], stream, removing=True, burying=False)

    @staticmethod
    def _value(value: Any, kind: str) -> Any:
        return json.loads(value) if kind == "VARIANT" and value is not None else value


@pytest.fixture(scope="module")
def stand_in(python: Path, runs: TapRuns, tmp_path_factory: pytest.TempPathFactory) -> StandIn:
    folder = tmp_path_factory.mktemp("snowflake-stand-in")
    first = runs.first.messages.only(STREAMS, folder / "1.jsonl")
    second = runs.second.messages.only(STREAMS, folder / "2.jsonl")
    done = run([python, STAND_IN, first.path, PUT_ASIDE, second.path], timeout=600)
    return StandIn((first, second), json.loads(done.stdout))


@pytest.mark.parametrize("run_", [0, 1])
def test_the_stand_in_holds_the_taps_rows_once(stand_in: StandIn, run_: int) -> None:
    for stream in STREAMS:
        expected, _ = stand_in.expected(run_, stream)
        assert {(row_id,) for row_id in stand_in.rows(run_, stream)} == expected.keys()
        assert expected or stream in EMPTY_AT_FIRST


@pytest.mark.parametrize("run_", [0, 1])
def test_the_stand_in_holds_the_taps_values(stand_in: StandIn, run_: int) -> None:
    said = stand_in.messages[run_]
    for stream in STREAMS:
        rows = stand_in.rows(run_, stream)
        expected, tombs = stand_in.expected(run_, stream)
        for (row_id, *_), record in expected.items():
            if (row_id,) in tombs:
                continue
            for name, spec in said.schemas[stream].items():
                found = as_landed(rows[row_id][name.upper()], spec)
                assert found == as_landed(record.get(name), spec), f"{stream}.{name} of {row_id}"


def as_landed(value: Any, spec: Row) -> Any:
    found = comparable(value, spec)
    return float(found) if kind(spec) == "number" and found is not None else found


@pytest.mark.parametrize("stream", ["Leads", "Water_Samples"])
def test_the_stand_in_marks_a_deleted_record(stand_in: StandIn, stream: str) -> None:
    _, tombs = stand_in.expected(1, stream)
    assert tombs
    for (row_id,) in tombs:
        row = stand_in.rows(1, stream)[row_id]
        assert row[DELETED_AT.upper()] is not None
        # docs/destinations.md: the other columns become null.
        gone = {DROPPED, OLD_NAME, RETYPED + ASIDE} if stream == "Leads" else set()
        kept = {name.lower() for name in row if row[name] is not None}
        assert kept <= KEPT_WHEN_MARKED | {name.lower() for name in gone}


def test_edits_additions_and_removals_reach_the_stand_in(stand_in: StandIn) -> None:
    before, after = (
        {row["API_NAME"]: row for row in stand_in.rows(run_, "modules").values()} for run_ in (0, 1)
    )
    assert before["Leads"]["PLURAL_LABEL"] == "Leads"
    assert after["Leads"]["PLURAL_LABEL"] == RELABELLED
    assert after["Leads"]["ADDITIONAL_PROPERTIES"] == {"quite_new": NEWS}
    assert before["Weather_Map"]["WEB_LINK"] is not None
    assert after["Weather_Map"]["WEB_LINK"] is None
    assert NEW_MODULE in after.keys() - before.keys()
    assert REMOVED_MODULE in before.keys() - after.keys()
    assert "PROFILE_COUNT" in after["Leads"].keys() - before["Leads"].keys()
