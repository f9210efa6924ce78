"""Counts what passes by in a run, and puts it together with what earlier runs left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zohocrm_atlas.identity import prefix_of, prefixes_of
from zohocrm_atlas.model.loaded import CHILD_KEY, LoadedTable
from zohocrm_atlas.model.snapshot import Snapshot
from zohocrm_atlas.model.usage import FieldUsage, TableUsage
from zohocrm_atlas.usage import files
from zohocrm_atlas.usage.counter import Counter
from zohocrm_atlas.usage.memory import load_memory, merge, save_memory

_SUFFIX = "_records"


class UsageOfRun:
    """The counters of a run's streams of records, apart by how the ids of the records begin.

    Attributes:
        problems: What could not be counted, in sentences.
        foreign: The streams of which only another organisation's records came.
    """

    def __init__(self) -> None:
        self.problems: list[str] = []
        self.foreign: set[str] = set()
        self._tables: dict[str, LoadedTable] = {}
        self._counters: dict[str, dict[str, Counter]] = {}
        self._whole: set[str] = set()
        self._broken: set[str] = set()

    def begin(self, table: LoadedTable) -> None:
        """A stream begins."""
        self._tables[table.name] = table
        self._counters.setdefault(table.name, {})

    def add(self, stream: str, record: Mapping[str, Any]) -> None:
        """Counts a record."""
        prefix = prefix_of(record.get(_id_of(self._tables[stream])))
        self._counter(stream, prefix).add(record)

    def add_files(self, stream: str, manifest: Sequence[str], kind: str) -> int:
        """Counts the records of BATCH files; returns how many there are."""
        rows, column = 0, _id_of(self._tables[stream])
        try:
            for block in files.blocks(manifest, kind):
                rows += block.num_rows
                for prefix, part in files.by_prefix(block, column):
                    counter = self._counter(stream, prefix)
                    files.count(counter, part)
                    counter.came.update(block.schema.names)
        except files.BatchError as error:
            self._broken.add(stream)
            self.problems.append(
                f"The records of {stream} are not counted in this run: {error}. What is known of"
                " how full its fields are is that of the run before."
            )
        return rows

    def complete(self, stream: str) -> None:
        """The table has what came in this run, and nothing else."""
        self._whole.add(stream)

    @property
    def prefixes(self) -> set[str]:
        """How the ids of the records begin."""
        return {prefix for several in self._counters.values() for prefix in several}

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
        counters = self._own(snapshot)
        for name, counter in counters.items():
            if name not in tables or not (counter.records.entries or counter.whole):
                continue
            self._note_missing(name, counter)
            memory, records, filled = merge(load_memory(folder, name), counter)
            save_memory(memory, draft, name)
            old = before.get(name)
            fields = list(_fields(snapshot, counters, name, old))
            fields = [msgspec.structs.replace(one, filled=filled[one.column]) for one in fields]
            increments = old is not None and not counter.whole
            found[name] = TableUsage(records, snapshot.read_at, tuple(fields), increments)
        return found

    def _counter(self, stream: str, prefix: str) -> Counter:
        table, several = self._tables[stream], self._counters[stream]
        if prefix not in several:
            several[prefix] = Counter(table)
        counter = several[prefix]
        if counter.table is not table:
            counter.fit(table)
        return counter

    def _own(self, snapshot: Snapshot) -> dict[str, Counter]:
        """A counter for each stream, without records of other organisations."""
        known, others, found = prefixes_of(snapshot), dict[str, int](), dict[str, Counter]()
        strange: set[str] = set()
        for name, several in self._counters.items():
            if name in self._broken:
                continue
            theirs = {each for each in several if known and each and each not in known}
            strange |= theirs
            own = [counter for prefix, counter in several.items() if prefix not in theirs]
            if theirs:
                others[name] = sum(several[prefix].records.entries for prefix in theirs)
            if theirs and not own:
                self.foreign.add(name)
                continue
            found[name] = own[0] if own else Counter(self._tables[name])
            for more in own[1:]:
                found[name].take_in(more)
            found[name].whole = name in self._whole
        if others:
            named = ", ".join(f"{name} ({count:,})" for name, count in others.items())
            self.problems.append(
                f"Records of another organisation passed by and are not counted: {named}. Their ids"
                f" begin with {min(strange)}, and those of this organisation with {min(known)}."
            )
        return found

    def _note_missing(self, name: str, counter: Counter) -> None:
        missing = [column for column in counter.columns if column not in counter.came]
        if counter.records.entries and missing:
            self.problems.append(
                f"{name}: its schema names {len(missing)} columns that never came in this run, such"
                f" as {missing[0]}. They count as empty."
            )


def _id_of(table: LoadedTable) -> str:
    """The column with the ids of records; for a list of records, of those."""
    return CHILD_KEY if table.is_child else next(iter(table.keys), "")


def _fields(
    snapshot: Snapshot, counters: Mapping[str, Counter], name: str, old: TableUsage | None
) -> Iterator[FieldUsage]:
    counter = counters[name]
    module = name.removesuffix(_SUFFIX)
    of_module = [each for each in snapshot.fields if each.module in {name, module}]
    private = {each.api_name for each in of_module if each.pii}
    known = {each.column: each for each in old.fields} if old and not counter.whole else {}
    offered: dict[str, set[str]] = {}
    for value in snapshot.picklist_values:
        if value.module in {name, module}:
            offered.setdefault(value.field, set()).update({value.label, value.value})
    targets = {each.field: each.target for each in snapshot.relationships if each.source == module}
    for column, seen in zip(counter.columns, counter.seen, strict=True):
        if column in private:
            yield FieldUsage(column)
            continue
        one = known.get(column, FieldUsage(column))
        to = counters.get(targets.get(column, ""))
        yield FieldUsage(
            column,
            distinct=max(seen.distinct, one.distinct or 0),
            many=seen.many or one.many,
            newest=max(seen.newest, one.newest),
            oldest=min(filter(None, (seen.oldest, one.oldest)), default=""),
            outside=one.outside
            if known
            else sum(
                times
                for value, times in seen.counts.items()
                if column in offered and value not in offered[column]
            ),
            astray=seen.astray(to.records) if to and to.whole and not known else one.astray,
        )
