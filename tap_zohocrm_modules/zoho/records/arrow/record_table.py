"""Records in Arrow columns."""

from __future__ import annotations

import json
from array import array
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from decimal import Decimal
from typing import Any, overload

import pyarrow as pa
import pyarrow.compute as pc
from typing_extensions import override

from tap_zohocrm_modules.zoho.records.arrow.decode import decode
from tap_zohocrm_modules.zoho.records.arrow.encode import encode
from tap_zohocrm_modules.zoho.records.columnar import Columnar
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES, ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record


class RecordTable(Columnar):
    """Records in Arrow columns.

    Attributes:
        block: The columns; what fits none of them is JSON text.
    """

    def __init__(self, block: pa.RecordBatch) -> None:
        self.block = block

    @override
    def __len__(self) -> int:
        return int(self.block.num_rows)

    @override
    def __iter__(self) -> Iterator[Record]:
        # All at once: one by one takes a hundred times as long.
        return iter(_records(self.block))

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    @override
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        place = range(len(self))[index]
        if isinstance(place, int):
            return _records(self.block.slice(place, 1))[0]
        return _records(self.block.take(pa.array(place, pa.int64())))

    @override
    def values(self, column: str) -> Sequence[Any]:
        if column not in self.block.schema.names:
            return [None] * len(self)
        return _values(self.block, column)

    @override
    def of(self, column: str, values: Collection[str]) -> Sequence[Record]:
        wanted = pc.is_in(self.block.column(column), pa.array([*values], pa.string()))
        return _records(self.block.filter(wanted))

    @override
    def lengths(self, column: str) -> Sequence[int | None]:
        found: Sequence[int | None] = pc.utf8_length(self.block.column(column)).to_pylist()
        return found

    @override
    def numbers(self) -> array[int]:
        return array("Q", self.block.column(ID).cast(pa.uint64()).to_pylist())

    @override
    def changed_before(self, until: str) -> Iterable[bool]:
        if MODIFIED_TIME not in self.block.schema.names:
            return [True] * len(self)
        times = self.block.column(MODIFIED_TIME)
        end = pa.array([until], pa.string()).cast(times.type)[0]
        found: Iterable[bool] = pc.fill_null(pc.less(times, end), fill_value=True).to_pylist()
        return found

    @override
    def replacing(self, records: Mapping[str, Record | None]) -> RecordTable:
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
        added = _block(new, self.block.schema)
        if added.schema != self.block.schema:
            # A value of them does not fit its column's type.
            return self.from_records(
                [{**records}.get(record[ID], record) for record in self], self.block.schema
            )
        both = pa.Table.from_batches([self.block, added])
        taken = both.take(pa.array([place for place in places if place >= 0], pa.int64()))
        return RecordTable(taken.combine_chunks().to_batches()[0] if len(taken) else added)

    @classmethod
    def from_records(cls, records: Sequence[Record | None], schema: pa.Schema) -> RecordTable:
        """Return records as a table with the columns of a schema, of its types where they fit."""
        return cls(_block([record for record in records if record is not None], schema))


def _block(records: Sequence[Record], schema: pa.Schema) -> pa.RecordBatch:
    arrays = [encode([record.get(f.name) for record in records], f.type) for f in schema]
    return pa.RecordBatch.from_arrays(arrays, names=schema.names)


def _records(block: pa.RecordBatch) -> list[Record]:
    names = block.schema.names
    columns = [_values(block, name) for name in names]
    return [dict(zip(names, row, strict=True)) for row in zip(*columns, strict=True)]


def _values(block: pa.RecordBatch, column: str) -> Sequence[Any]:
    values = decode(block.column(column))
    if column != ADDITIONAL_PROPERTIES:
        return values
    return [None if text is None else json.loads(text, parse_float=Decimal) for text in values]
