"""Records in columns of values."""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, TypeAlias, overload

from typing_extensions import override

from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.records import LineForm, Records
from tap_zohocrm_modules.zoho.transport.json_text import json_lines

Block: TypeAlias = Sequence[Sequence[Any]]
"""The columns of some records."""


class ValueTable(Records):
    """Records in columns of values as RECORD messages have them.

    Args:
        names: The columns, `id` first.
        blocks: The records, few at a time: more would not stay in the processor's cache.
    """

    def __init__(self, names: Sequence[str], blocks: Sequence[Block]) -> None:
        self._names = tuple(names)
        self._blocks = blocks
        self._rows = sum(len(block[0]) for block in blocks)

    @override
    def __len__(self) -> int:
        return self._rows

    @override
    def __iter__(self) -> Iterator[Record]:
        return itertools.chain.from_iterable(map(self._records, self._blocks))

    @overload
    def __getitem__(self, index: int) -> Record: ...
    @overload
    def __getitem__(self, index: slice) -> Sequence[Record]: ...
    @override
    def __getitem__(self, index: int | slice) -> Record | Sequence[Record]:
        return list(self)[index]

    @override
    def values(self, column: str) -> Sequence[Any]:
        if column not in self._names:
            return [None] * len(self)
        place = self._names.index(column)
        return [value for block in self._blocks for value in block[place]]

    @override
    def pick(self, ids: Collection[str]) -> Sequence[Record]:
        return [record for record in self if record[ID] in ids]

    @override
    def replacing(self, records: Mapping[str, Record | None]) -> ValueTable:
        blocks: list[Block] = []
        for block in self._blocks:
            if records.keys().isdisjoint(block[0]):
                blocks.append(block)
                continue
            replaced = [records.get(record[ID], record) for record in self._records(block)]
            there = [record for record in replaced if record is not None]
            blocks.append([[record[name] for record in there] for name in self._names])
        return ValueTable(self._names, blocks)

    @override
    def lines(self, form: LineForm) -> Iterator[tuple[int, bytes]]:
        names = self._names
        places = [names.index(name) if name in names else None for name in form.shape.columns]
        for block in self._blocks:
            nulls = [None] * len(block[0])
            rows = zip(*(nulls if at is None else block[at] for at in places), strict=True)
            message, make = form.message(), form.row
            yield len(nulls), json_lines([message(make(*row)) for row in rows])

    def _records(self, block: Block) -> Iterable[Record]:
        return (dict(zip(self._names, row, strict=True)) for row in zip(*block, strict=True))
