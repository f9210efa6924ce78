"""A stream's table as its loader has left it: which column is which, and which rows count."""

from __future__ import annotations

import collections
import dataclasses
import functools
import itertools
import struct
from collections.abc import Collection, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, TypeAlias

from tap_zohocrm_modules.verify.errors import IncomparableError, WarehouseError
from tap_zohocrm_modules.verify.instants import instant_of, stamp_of
from tap_zohocrm_modules.verify.sorted_runs import SortedRuns
from tap_zohocrm_modules.verify.warehouse.names import matches
from tap_zohocrm_modules.verify.warehouse.table import Rows, Table
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, MODIFIED_TIME
from tap_zohocrm_modules.zoho.transport.texts import one_line

Row: TypeAlias = dict[str, Any]
"""A row's values by the names of the stream's columns, as the driver returns them."""

PLAIN = struct.Struct(">QQ")
"""An entry of a sorted list: a record's id, and its `Modified_Time` as a stamp."""

_EXTRACTED_AT = "_sdc_extracted_at"
_HISTORIC = struct.Struct(">QQQQ")
_GONE = 2**64 - 1
_MOST_ODD = 1_000
_MOST_BY_IDS = 20_000
_MICROSECONDS = 1_000_000


@dataclasses.dataclass(eq=False)
class LoadedTable:
    """The table of one stream."""

    table: Table
    columns: Mapping[str, str]  # the table's column of each of the stream's that it has
    absent: tuple[str, ...]  # the stream's columns that it does not have
    keys: tuple[str, ...]  # the stream's key
    odd: set[str] = dataclasses.field(default_factory=set)  # keys that are not ids of Zoho's

    @classmethod
    def of(cls, table: Table, wanted: Collection[str], keys: Sequence[str]) -> LoadedTable:
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

    def entries(self, runs: SortedRuns) -> Iterator[tuple[int, int]]:
        """Yield each row's id and stamp, in the order of ids; `runs` are to sort them.

        They are of entries of `entry_size` bytes. What has no id of Zoho's is put into `odd`.

        Raises:
            ZohoError: the table cannot be read, or its values cannot be compared.
        """
        [key] = self.keys
        time = [MODIFIED_TIME] if MODIFIED_TIME in self.columns else []
        names = self._selected([key, *time])
        make = self._historic if self.table.keeps_history else self._plain
        for entries in make(self.table.rows(names), names, bool(time)):
            runs.add(entries)
        if not self.table.keeps_history:
            return map(PLAIN.unpack, runs)
        return _last(map(_HISTORIC.unpack, runs))

    @property
    def entry_size(self) -> int:
        """How many bytes an entry takes."""
        return (_HISTORIC if self.table.keeps_history else PLAIN).size

    def _plain(
        self,
        parts: Iterator[Rows],
        names: Sequence[str],
        has_time: bool,  # noqa: FBT001
    ) -> Iterator[list[bytes]]:
        deleted = self._place(names, self.columns.get(DELETED_AT))
        for rows in parts:
            live = rows if deleted is None else [row for row in rows if row[deleted] is None]
            stamps = self._stamps(live) if has_time else itertools.repeat(0, len(live))
            ids = (self._number(row[0]) for row in live)
            pairs = zip(ids, stamps, strict=True)
            yield [PLAIN.pack(number, stamp) for number, stamp in pairs if number is not None]

    def _historic(
        self,
        parts: Iterator[Rows],
        names: Sequence[str],
        has_time: bool,  # noqa: FBT001
    ) -> Iterator[list[bytes]]:
        deleted = self._place(names, self.columns.get(DELETED_AT))
        extracted = self._place(names, self._extracted_at)
        written = itertools.count()
        for rows in parts:
            stamps = self._stamps(rows) if has_time else itertools.repeat(0, len(rows))
            found = []
            for row, stamp in zip(rows, stamps, strict=True):
                number = self._number(row[0])
                is_gone = deleted is not None and row[deleted] is not None
                place = _HISTORIC.pack(
                    number or 0,
                    0 if extracted is None else _micro(row[extracted]),
                    next(written),
                    _GONE if is_gone else stamp,
                )
                if number is not None:
                    found.append(place)
            yield found

    def _stamps(self, rows: Rows) -> list[int]:
        try:
            return [stamp_of(row[1]) for row in rows]
        except IncomparableError as error:
            name = self.columns[MODIFIED_TIME]
            raise IncomparableError(
                f"The column {name} of {self.table.name} cannot be compared: {error}."
            ) from error

    def _place(self, names: Sequence[str], column: str | None) -> int | None:
        return None if column is None else list(names).index(column)

    def _number(self, value: Any) -> int | None:
        text = key_text(value)
        # The longest of 64 bits have 20 digits.
        if text.isascii() and text.isdecimal() and (len(text) < 20 or int(text) < _GONE):  # noqa: PLR2004
            return int(text)
        self.odd.add(one_line(text))
        if len(self.odd) > _MOST_ODD:
            raise IncomparableError(
                f"The column {self.columns[self.keys[0]]} of {self.table.name} does not have ids of"
                f" Zoho's, but values such as {one_line(text, 40)!r}."
            )
        return None

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
                at = 0 if extracted is None else _micro(values[extracted])
                found[key_of(row, self.keys)].append((at, is_gone, row))
        if self.table.keeps_history:
            # Of equally old ones the one written last.
            found = {
                key: [max(enumerate(some), key=lambda one: (one[1][0], one[0]))[1]]
                for key, some in found.items()
            }
        live = {key: [row for _, gone, row in some if not gone] for key, some in found.items()}
        return {key: rows for key, rows in live.items() if rows}


def key_text(value: Any) -> str:
    """Return a key's value as a text, whatever type its column has."""
    if type(value) is str:
        return value
    if isinstance(value, Decimal) and value == value.to_integral_value():
        return str(int(value))
    return "null" if value is None else str(value)


def key_of(row: Mapping[str, Any], keys: Sequence[str]) -> str:
    """Return a row's key as one text."""
    return "/".join(key_text(row.get(key)) for key in keys)


def _micro(value: Any) -> int:
    instant = instant_of(value)
    return 0 if instant is None else max(0, int(instant.timestamp() * _MICROSECONDS))


def _last(entries: Iterator[tuple[int, ...]]) -> Iterator[tuple[int, int]]:
    """Yield the id and the stamp of the last row of each id that is not gone."""
    for number, some in itertools.groupby(entries, key=lambda entry: entry[0]):
        *_, last = some
        if last[-1] != _GONE:
            yield number, last[-1]
