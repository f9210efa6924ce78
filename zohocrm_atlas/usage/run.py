"""Counts what passes by in a run, and puts it together with what earlier runs left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zohocrm_atlas.model.loaded import LoadedTable
from zohocrm_atlas.model.snapshot import Snapshot
from zohocrm_atlas.model.usage import FieldUsage, TableUsage
from zohocrm_atlas.usage import files
from zohocrm_atlas.usage.counter import Counter
from zohocrm_atlas.usage.memory import load_memory, merge, save_memory

_SUFFIX = "_records"


class UsageOfRun:
    """The counters of a run's streams of records.

    Attributes:
        problems: What could not be counted, in sentences.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self._counters: dict[str, Counter] = {}

    def begin(self, table: LoadedTable) -> None:
        """A stream begins."""
        known = self._counters.get(table.name)
        counter = Counter(table)
        if known is None or known.columns != counter.columns:
            self._counters[table.name] = counter if known is None else known.widened(counter)

    def add(self, stream: str, record: Mapping[str, Any]) -> None:
        """Counts a record."""
        self._counters[stream].add(record)

    def add_files(self, stream: str, manifest: Sequence[str], kind: str) -> int:
        """Counts the records of BATCH files; returns how many there are."""
        counter, rows = self._counters[stream], 0
        try:
            for block in files.blocks(manifest, kind):
                rows += block.num_rows
                files.count(counter, block)
                counter.came.update(block.schema.names)
        except files.BatchError as error:
            counter.is_broken = True
            self.problems.append(
                f"The records of {stream} are not counted in this run: {error}. What is known of"
                " how full its fields are is that of the run before."
            )
        return rows

    def complete(self, stream: str) -> None:
        """The table has what came in this run, and nothing else."""
        if stream in self._counters:
            self._counters[stream].whole = True

    def put_together(
        self, snapshot: Snapshot, before: Mapping[str, TableUsage], folder: Path, draft: Path
    ) -> dict[str, TableUsage]:
        """How full the fields of all tables are after this run.

        Args:
            snapshot: The organisation in this run.
            before: What was known.
            folder: The atlas as it is, with what earlier runs left of each record.
            draft: The atlas as it will be.
        """
        tables = {table.name for table in snapshot.tables}
        found = {name: usage for name, usage in before.items() if name in tables}
        for name, counter in self._counters.items():
            if name not in tables or counter.is_empty or counter.is_broken:
                continue
            self._note_missing(name, counter)
            memory, sums = merge(load_memory(folder, name), counter)
            save_memory(memory, draft, name)
            old = before.get(name)
            fields = list(self._fields(snapshot, name, counter, old))
            several = dict(zip(memory.columns, sums, strict=True))
            fields = [msgspec.structs.replace(one, filled=several[one.column]) for one in fields]
            increments = old is not None and not counter.whole
            found[name] = TableUsage(memory.records, snapshot.read_at, tuple(fields), increments)
        return found

    def _note_missing(self, name: str, counter: Counter) -> None:
        missing = [column for column in counter.columns if column not in counter.came]
        if counter.masks and missing:
            self.problems.append(
                f"{name}: its schema names {len(missing)} columns that never came in this run, such"
                f" as {missing[0]}. They count as empty."
            )

    def _fields(
        self, snapshot: Snapshot, name: str, counter: Counter, old: TableUsage | None
    ) -> Iterator[FieldUsage]:
        module = name.removesuffix(_SUFFIX)
        of_module = [each for each in snapshot.fields if each.module in {name, module}]
        private = {each.api_name for each in of_module if each.pii}
        known = {each.column: each for each in old.fields} if old and not counter.whole else {}
        offered: dict[str, set[str]] = {}
        for value in snapshot.picklist_values:
            if value.module in {name, module}:
                offered.setdefault(value.field, set()).update({value.label, value.value})
        targets = {
            each.field: each.target for each in snapshot.relationships if each.source == module
        }
        for column, seen in zip(counter.columns, counter.seen, strict=True):
            if column in private:
                yield FieldUsage(column)
                continue
            one = known.get(column, FieldUsage(column))
            to = self._counters.get(targets.get(column, ""))
            yield FieldUsage(
                column,
                distinct=max(seen.distinct, one.distinct or 0),
                many=seen.is_more or one.many,
                newest=max(seen.newest, one.newest),
                oldest=min(filter(None, (seen.oldest, one.oldest)), default=""),
                outside=one.outside
                if known
                else sum(
                    times
                    for value, times in seen.counts.items()
                    if column in offered and value not in offered[column]
                ),
                astray=seen.astray(to.masks) if to and to.whole and not known else one.astray,
            )
