"""A stream's table as its loader has left it: which column is which, and which rows count."""

from __future__ import annotations

import collections
import dataclasses
import functools
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias

from tap_zohocrm_modules.verify.columns import Columns, key_text, micro
from tap_zohocrm_modules.verify.errors import IncomparableError, WarehouseError
from tap_zohocrm_modules.verify.sorted_runs import (
    Block,
    Numbers,
    SortedRuns,
    is_strict,
    zeros,
)
from tap_zohocrm_modules.verify.warehouse.names import matches
from tap_zohocrm_modules.verify.warehouse.table import Rows, Table
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, MODIFIED_TIME
from tap_zohocrm_modules.zoho.transport.texts import one_line

Row: TypeAlias = dict[str, Any]
"""A row's values by the names of the stream's columns, as the driver returns them."""

_EXTRACTED_AT = "_sdc_extracted_at"
_PLAIN, _HISTORIC = 2, 4
GONE = 2**64 - 1
"""In place of the stamp of a row that says that its record was deleted."""
_MOST_ODD = 1_000
_MOST_BY_IDS = 20_000


@dataclasses.dataclass(eq=False)
class LoadedTable:
    """The table of one stream."""

    table: Table
    columns: Mapping[str, str]  # the table's column of each of the stream's that it has
    absent: tuple[str, ...]  # the stream's columns that it does not have
    keys: tuple[str, ...]  # the stream's key
    odd: set[str] = dataclasses.field(default_factory=set)  # keys that are not ids of Zoho's

    @classmethod
    def from_table(cls, table: Table, wanted: Collection[str], keys: Sequence[str]) -> LoadedTable:
        """Return the table of a stream of these columns.

        Raises:
            WarehouseError: it does not look like that.
        """
        found = matches([*dict.fromkeys((*wanted, DELETED_AT, _EXTRACTED_AT))], table.columns)
        absent = tuple(name for name in wanted if name not in found and name != DELETED_AT)
        if lacking := [key for key in keys if key not in found]:
            raise WarehouseError(
                f"The table {table.name} has no column for the key {', '.join(lacking)}: it is"
                " another's, or was loaded from another stream."
            )
        if 2 * len(absent) > len(wanted):
            raise WarehouseError(
                f"The table {table.name} lacks {len(absent)} of the stream's {len(wanted)} columns,"
                f" such as {absent[0]}: it is another's, or was loaded from another stream."
            )
        return cls(table, found, absent, tuple(keys))

    @functools.cached_property
    def _extracted_at(self) -> str | None:
        return self.columns.get(_EXTRACTED_AT) if self.table.keeps_history else None

    def _selected(self, names: Sequence[str]) -> list[str]:
        """Return the table's columns to ask for: these, and what says whether a row counts."""
        special = (self.columns.get(DELETED_AT), self._extracted_at)
        found = [self.columns[name] for name in names]
        return [*found, *(one for one in special if one is not None and one not in found)]

    def entries(self, runs: SortedRuns) -> Iterator[Block]:
        """Yield each row's id and stamp, in the order of ids, some at a time.

        `runs` are to sort them, of `width` columns. What has no id of Zoho's is put into `odd`.

        Raises:
            ZohoError: the table cannot be read, or its values cannot be compared.
        """
        [key] = self.keys
        time = [MODIFIED_TIME] if MODIFIED_TIME in self.columns else []
        names = self._selected([key, *time])
        stamps = self._stamps if time else _no_stamps
        make = self._historic if self.table.keeps_history else self._plain
        for block in make(self.table.columns_of_all(names), names, stamps):
            runs.add(block)
        return map(last_of_each, runs.blocks()) if self.table.keeps_history else runs.blocks()

    @property
    def width(self) -> int:
        """How many numbers are sorted of each row."""
        return _HISTORIC if self.table.keeps_history else _PLAIN

    def _plain(
        self, parts: Iterator[Columns], names: Sequence[str], stamps: Callable[[Columns], Numbers]
    ) -> Iterator[Block]:
        deleted = self._place(names, self.columns.get(DELETED_AT))
        for part in parts:
            live = None if deleted is None else part.nulls(deleted)
            rows, ids = self._with_ids(part if live is None else part.where(live))
            yield ids, stamps(rows)

    def _historic(
        self, parts: Iterator[Columns], names: Sequence[str], stamps: Callable[[Columns], Numbers]
    ) -> Iterator[Block]:
        deleted = self._place(names, self.columns.get(DELETED_AT))
        extracted = self._place(names, self._extracted_at)
        written = 0
        for part in parts:
            rows, ids = self._with_ids(part)
            extracted_at = zeros(len(rows)) if extracted is None else rows.micros(extracted)
            last = stamps(rows)
            live = None if deleted is None else rows.nulls(deleted)
            if live is not None:
                pairs = zip(last, live, strict=True)
                last = array("Q", [stamp if is_live else GONE for stamp, is_live in pairs])
            yield ids, extracted_at, array("Q", range(written, written + len(rows))), last
            written += len(rows)

    def _with_ids(self, rows: Columns) -> tuple[Columns, Numbers]:
        """Return those rows that have ids of Zoho's, and these."""
        ids = rows.ids(0)
        if not isinstance(ids, array):
            are_ids = [number is not None for number in ids]
            if not all(are_ids):
                self._set_aside(rows.where([not is_id for is_id in are_ids]).values(0))
                rows = rows.where(are_ids)
            ids = array("Q", [number for number in ids if number is not None])
        return rows, ids

    def _set_aside(self, keys: Iterable[Any]) -> None:
        for key in keys:
            text = key_text(key)
            self.odd.add(one_line(text))
            if len(self.odd) > _MOST_ODD:
                raise IncomparableError(
                    f"The column {self.columns[self.keys[0]]} of {self.table.name} does not have"
                    f" ids of Zoho's, but values such as {one_line(text, 40)!r}."
                )

    def _stamps(self, rows: Columns) -> Numbers:
        try:
            return rows.stamps(1)
        except IncomparableError as error:
            name = self.columns[MODIFIED_TIME]
            raise IncomparableError(
                f"The column {name} of {self.table.name} cannot be compared: {error}."
            ) from error

    def _place(self, names: Sequence[str], column: str | None) -> int | None:
        return None if column is None else list(names).index(column)

    def rows_of(self, ids: Collection[str], names: Sequence[str]) -> dict[str, list[Row]]:
        """Return the rows of records that count, by id, with these columns as far as there are."""
        [key] = self.keys
        there = [name for name in dict.fromkeys((key, *names)) if name in self.columns]
        selected = self._selected(there)
        if len(ids) <= _MOST_BY_IDS:
            parts = self.table.rows_of(self.columns[key], ids, selected)
        else:
            # As many queries would take longer than the whole table does.
            wanted = {*ids}
            whole = self.table.rows(selected)
            parts = ([row for row in rows if key_text(row[0]) in wanted] for rows in whole)
        return self._counting(parts, there, selected)

    def all_rows(self, names: Sequence[str]) -> dict[str, list[Row]]:
        """Return all rows that count, by key, with these columns as far as there are."""
        there = [name for name in dict.fromkeys((*self.keys, *names)) if name in self.columns]
        selected = self._selected(there)
        return self._counting(self.table.rows(selected), there, selected)

    def _counting(
        self, parts: Iterator[Rows], names: Sequence[str], selected: Sequence[str]
    ) -> dict[str, list[Row]]:
        deleted = self._place(selected, self.columns.get(DELETED_AT))
        extracted = self._place(selected, self._extracted_at)
        found: dict[str, list[tuple[int, bool, Row]]] = collections.defaultdict(list)
        for rows in parts:
            for values in rows:
                row = dict(zip(names, values, strict=False))
                is_gone = deleted is not None and values[deleted] is not None
                at = 0 if extracted is None else micro(values[extracted])
                found[key_of(row, self.keys)].append((at, is_gone, row))
        if self.table.keeps_history:
            # Of equally old ones the one written last.
            found = {
                key: [max(enumerate(some), key=lambda one: (one[1][0], one[0]))[1]]
                for key, some in found.items()
            }
        live = {key: [row for _, gone, row in some if not gone] for key, some in found.items()}
        return {key: rows for key, rows in live.items() if rows}


def key_of(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Return a row's key as one text."""
    return "/".join(key_text(row.get(key)) for key in keys)


def last_of_each(rows: Block) -> Block:
    """Return the id and the stamp of the last row of each id that is not gone."""
    ids, _, _, stamps = rows
    if is_strict(ids) and GONE not in stamps:
        return ids, stamps
    last = dict(zip(ids, stamps, strict=True))
    live = {number: stamp for number, stamp in last.items() if stamp != GONE}
    return array("Q", live), array("Q", live.values())


def _no_stamps(rows: Columns) -> Numbers:
    return zeros(len(rows))
