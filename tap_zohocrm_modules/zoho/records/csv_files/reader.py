"""Chooses what reads a CSV file fastest."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from importlib.util import find_spec
from typing import BinaryIO

from tap_zohocrm_modules.zoho.records.csv_files.blocks import CsvBlocks
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.records import Records


def table_reader(
    count: int, source: Source, projection: Projection
) -> Callable[[BinaryIO], Iterator[tuple[Records, frozenset[str]]]]:
    """Return what reads so many records fastest, of what is installed."""
    limits = source.limits
    if source.columnar or (count >= limits.arrow_rows and find_spec("pyarrow")):
        # They need the extra `arrow`.
        from tap_zohocrm_modules.zoho.records.arrow.csv_columns import FILES  # noqa: PLC0415
        from tap_zohocrm_modules.zoho.records.arrow.csv_table import CsvTables  # noqa: PLC0415
        from tap_zohocrm_modules.zoho.records.arrow.json_table import LINES  # noqa: PLC0415

        form, rows = (FILES, count) if source.columnar else (LINES, limits.job_page_rows)
        return CsvTables(source.fields, projection, form, rows).tables
    return CsvBlocks(source.fields, projection, limits).tables
