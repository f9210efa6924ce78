"""Rows of files, in parts that fit into memory."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

# Rows are merged so many bytes at a time: a batch of wide rows takes more memory than there is.
PART, _ROWS = 8 * 2**20, 2_000


def parts(blocks: Iterable[pa.RecordBatch]) -> Iterator[pa.Table]:
    """Yield the rows in parts of so many bytes, or of one row that is larger."""
    part: list[pa.RecordBatch] = []
    total = 0
    for block in blocks:
        step = max(1, block.num_rows * PART // max(1, block.nbytes))
        for at in range(0, block.num_rows, step):
            rows = block.slice(at, step)
            if part and total + rows.nbytes > PART:
                yield pa.Table.from_batches(part)
                part, total = [], 0
            part.append(rows)
            total += rows.nbytes
    if part:
        yield pa.Table.from_batches(part)


def blocks(file: Path, kind: str) -> Iterator[pa.RecordBatch]:
    """Yield the rows of a file, which is not read into memory as a whole."""
    if kind == "arrow":
        with pa.OSFile(str(file)) as source, pa.ipc.open_file(source) as found:
            yield from map(found.get_batch, range(found.num_record_batches))
        return
    with pq.ParquetFile(file) as rows:
        for number in range(rows.num_row_groups):
            group = rows.metadata.row_group(number)
            fitting = PART * group.num_rows // max(1, group.total_byte_size)
            yield from rows.iter_batches(max(1, min(_ROWS, fitting)), row_groups=[number])


def last_rows(rows: pa.Table, keys: Sequence[str], deleted: str) -> Iterator[tuple[pa.Table, bool]]:
    """Yield the last row of each key; without a key, all rows.

    With them comes whether they have nothing of what the table has: a row that was deleted on the
    way, as the column `deleted` says, begins anew.
    """
    if not keys:
        yield rows, True
        return
    numbers = pa.array(range(rows.num_rows))
    gone = pa.nulls(rows.num_rows, numbers.type)
    if deleted in rows.column_names and rows[deleted].null_count < rows.num_rows:
        gone = pc.if_else(pc.is_valid(rows[deleted]), numbers, gone)
    numbered = rows.select(keys).append_column("", numbers).append_column(" ", gone)
    found = numbered.group_by([*keys], use_threads=False).aggregate([("", "max"), (" ", "min")])
    last, first_gone = found["_max"], found[" _min"]
    if first_gone.null_count == len(last):
        yield (rows if len(last) == rows.num_rows else rows.take(last)), False
        return
    anew = pc.fill_null(pc.less_equal(first_gone, last), fill_value=False)
    yield rows.take(last.filter(anew)), True
    yield rows.take(last.filter(pc.invert(anew))), False
