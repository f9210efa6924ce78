"""The cells of a CSV file, by Arrow: in half the time that the `csv` module takes."""

from __future__ import annotations

import itertools
from collections.abc import Iterator
from typing import BinaryIO

import pyarrow as pa
import pyarrow.csv as pc_csv

from tap_zohocrm_modules.zoho.records.columnar import Cells, OddCsvError
from tap_zohocrm_modules.zoho.records.limits import Limits

# Arrow reads 32 blocks ahead, whatever it is asked for.
_BLOCK = 1 << 18


def cell_batches(file: BinaryIO) -> Iterator[pa.RecordBatch]:
    """Yield the cells as texts, empty ones null; the first row is the header.

    Raises:
        OddCsvError: what comes next has to be read row by row.
    """
    try:
        reader = pc_csv.open_csv(
            file,
            read_options=pc_csv.ReadOptions(
                use_threads=False, block_size=_BLOCK, autogenerate_column_names=True
            ),
            parse_options=pc_csv.ParseOptions(newlines_in_values=True, ignore_empty_lines=False),
            convert_options=pc_csv.ConvertOptions(
                null_values=[""], strings_can_be_null=True, default_column_type=pa.string()
            ),
        )
        yield from reader
    except (pa.ArrowInvalid, pa.ArrowKeyError) as error:
        raise OddCsvError(str(error)) from error


def cell_blocks(file: BinaryIO, limits: Limits) -> Iterator[Cells]:
    """Yield the cells of the header, then those of some rows at a time, which fill whole pages.

    Args:
        file: The file, in UTF-8.
        limits: How many rows make a page.

    Raises:
        OddCsvError: what comes next has to be read row by row.
    """
    batches = cell_batches(file)
    first = next(batches, None)
    if first is None:
        raise OddCsvError("there is no header")
    yield _listed(first.slice(0, 1))
    left = limits.job_page_rows
    for batch in itertools.chain([first.slice(1)], batches):
        rest = batch
        while rest.num_rows:
            some = rest.slice(0, left)
            yield _listed(some)
            left = (left - some.num_rows) or limits.job_page_rows
            rest = rest.slice(some.num_rows)


def _listed(batch: pa.RecordBatch) -> Cells:
    return [column.to_pylist() for column in batch.columns]
