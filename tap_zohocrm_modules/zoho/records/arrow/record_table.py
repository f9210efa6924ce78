"""Records in Arrow columns."""

from __future__ import annotations

import abc
import itertools
import json
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import Self, override

from tap_zohocrm_modules.zoho.records.arrow.values import decode, encode
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES, ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.records import Changed, LineForm, Records, Rows


class ArrowTable(Records, abc.ABC):
    """Records in Arrow columns.

    Attributes:
        block: The columns.
    """

    def __init__(self, block: pa.RecordBatch) -> None:
        self.block = block

    @staticmethod
    @abc.abstractmethod
    def encoded(values: Sequence[Any], kind: pa.DataType) -> pa.Array:
        """Return a column of these values, of this type if they fit it."""

    @staticmethod
    @abc.abstractmethod
    def decoded(column: pa.Array, name: str) -> Sequence[Any]:
        """Return the values of a column, as records have them."""

    @override
    def __len__(self) -> int:
        return int(self.block.num_rows)

    @override
    def __iter__(self) -> Iterator[Record]:
        # All at once: one by one takes a hundred times as long.
        return iter(self._records(self.block))

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    @override
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        place = range(len(self))[index]
        if isinstance(place, int):
            return self._records(self.block.slice(place, 1))[0]
        return self._records(self.block.take(pa.array(place, pa.int64())))

    @override
    def values(self, column: str) -> Sequence[Any]:
        if column not in self.block.schema.names:
            return [None] * len(self)
        return self.decoded(self.block.column(column), column)

    @override
    def pick(self, ids: Collection[str]) -> Sequence[Record]:
        wanted = self.encoded([*ids], pa.string())
        return self._records(self.block.filter(pc.is_in(self.block.column(ID), wanted)))

    @override
    def replacing(self, records: Mapping[str, Record | None]) -> Self:
        if not records:
            return self
        place_of = {record_id: place for place, record_id in enumerate(self.values(ID))}
        places = list(range(len(self)))
        new: list[Record] = []
        for record_id, record in records.items():
            place = place_of[record_id]
            places[place] = -1
            if record is not None:
                places[place] = len(self) + len(new)
                new.append(record)
        added = self._block(new)
        if added.schema != self.block.schema:
            # A value of them does not fit its column's type.
            replaced = [{**records}.get(record[ID], record) for record in self]
            return type(self)(self._block([record for record in replaced if record is not None]))
        both = pa.Table.from_batches([self.block, added])
        taken = both.take(pa.array([place for place in places if place >= 0], pa.int64()))
        return type(self)(taken.combine_chunks().to_batches()[0] if len(taken) else added)

    def _block(self, records: Sequence[Record]) -> pa.RecordBatch:
        """Return the same columns of other records."""
        schema = self.block.schema
        arrays = [self.encoded([record.get(f.name) for record in records], f.type) for f in schema]
        return pa.RecordBatch.from_arrays(arrays, names=schema.names)

    def _records(self, block: pa.RecordBatch) -> list[Record]:
        names = block.schema.names
        columns = [self.decoded(block.column(name), name) for name in names]
        return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


class RecordTable(ArrowTable):
    """Records as files have them: each column has its type; what fits none is JSON text."""

    encoded = staticmethod(encode)

    def __init__(self, block: pa.RecordBatch) -> None:
        super().__init__(block)
        self.arrow = block

    @override
    def lines(self, form: LineForm) -> Iterator[tuple[int, bytes]]:
        return Rows(self).lines(form)

    @staticmethod
    @override
    def decoded(column: pa.Array, name: str) -> Sequence[Any]:
        values = decode(column)
        if name != ADDITIONAL_PROPERTIES:
            return values
        return [None if text is None else json.loads(text, parse_float=Decimal) for text in values]

    @override
    def numbers(self) -> array[int]:
        numbers = self.block.column(ID).cast(pa.uint64())
        found = array("Q")
        begin, size = numbers.offset * found.itemsize, len(self) * found.itemsize
        found.frombytes(memoryview(numbers.buffers()[1])[begin : begin + size])
        return found

    @override
    def changed_before(self, until: str) -> Iterable[bool]:
        if MODIFIED_TIME not in self.block.schema.names:
            return [True] * len(self)
        times = self.block.column(MODIFIED_TIME)
        end = pa.array([until], pa.string()).cast(times.type)[0]
        found: Iterable[bool] = pc.fill_null(pc.less(times, end), fill_value=True).to_pylist()
        return found

    @override
    def untimed(self) -> array[int]:
        if MODIFIED_TIME not in self.block.schema.names:
            return self.numbers()
        times = self.block.column(MODIFIED_TIME)
        if not times.null_count:
            return array("Q")
        return array("Q", itertools.compress(self.numbers(), times.is_null().to_pylist()))

    @override
    def changed(self, since: str) -> Changed:
        if MODIFIED_TIME not in self.block.schema.names:
            return Changed(since, self.untimed(), ())
        times = self.block.column(MODIFIED_TIME)
        begin = pa.array([since], pa.string()).cast(times.type)[0]
        later = pc.greater_equal(times, begin)
        if not pc.any(later).as_py():
            return Changed(since, self.untimed(), ())
        found = self.block.select([ID, MODIFIED_TIME]).filter(later)
        both = zip(*(decode(column) for column in found.columns), strict=True)
        return Changed(since, self.untimed(), list(both))
