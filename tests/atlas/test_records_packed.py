"""What is kept of records over runs, against a table that is kept whole."""

from __future__ import annotations

import random
from typing import Any

import pyarrow as pa
import pytest

from zohocrm_atlas.model.loaded import LoadedColumn, LoadedTable
from zohocrm_atlas.usage import files
from zohocrm_atlas.usage.counter import Counter
from zohocrm_atlas.usage.memory import Memory, merge

_NAMES = [f"Field_{number}" for number in range(90)]
_GONE = "_sdc_deleted_at"


def _rows(chance: random.Random, names: list[str]) -> list[dict[str, Any]]:
    """Records of few keys, so that many come again, are gone, and are back."""
    rows = []
    for _ in range(chance.randrange(200)):
        row: dict[str, Any] = {"id": str(chance.randrange(80)), _GONE: None}
        row |= {name: chance.choice([None, "x"]) for name in names}
        if chance.random() < 0.2:
            row |= {**dict.fromkeys(names), _GONE: "2026-03-01T00:00:00Z"}
        rows.append(row)
    return rows


def _count(
    counter: Counter, rows: list[dict[str, Any]], names: list[str], *, by_files: bool
) -> None:
    if not by_files:
        for row in rows:
            counter.add(row)
        return
    schema = pa.schema([(name, pa.string()) for name in ("id", *names, _GONE)])
    files.count(counter, pa.Table.from_pylist(rows, schema))


@pytest.mark.parametrize("by_files", [False, True])
def test_runs_leave_what_a_whole_table_has(*, by_files: bool) -> None:
    chance = random.Random(11)
    for _ in range(3):
        memory, table, ever = Memory(), dict[str, dict[str, Any]](), set[str]()
        for _ in range(3):
            # Fields come and go, and are ordered anew.
            names = chance.sample(_NAMES, chance.randrange(1, 80))
            later = [*names, *chance.sample(_NAMES, 9)]
            counter, of_run = Counter(_table(names)), set[str]()
            counter.records.room = 100
            for several in (names, list(dict.fromkeys(later))):
                counter.fit(_table(several))
                rows = _rows(chance, several)
                _count(counter, rows, several, by_files=by_files)
                for row in rows:
                    table.pop(row["id"], None)
                    if row[_GONE] is None:
                        table[row["id"]] = row
                    of_run.add(row["id"])
            counter.whole = chance.random() < 0.3
            if counter.whole:
                table = {key: row for key, row in table.items() if key in of_run}
                ever.clear()
            ever |= {*later}
            memory, records, filled = merge(memory, counter)
            assert records == len(table)
            shares = {
                name: sum(row.get(name) is not None for row in table.values()) for name in ever
            }
            assert {name: filled[name] for name in ever} == shares


def _table(names: list[str]) -> LoadedTable:
    columns = [LoadedColumn("id"), *map(LoadedColumn, names), LoadedColumn(_GONE)]
    return LoadedTable("Things", ("id",), tuple(columns))
