"""Reads a demo organisation as programs in Python do, and as Arrow files have it."""

from __future__ import annotations

from datetime import date, datetime
from pathlib import Path
from typing import Any

import pyarrow as pa

from support import batches
from support.demo import config_for, metadata_catalog
from support.records import records_catalog
from support.run import FAST, machine_of_tests, run_tap
from tap_zohocrm_modules.arrow_reader.read import ReadProgress, open_reader
from tap_zohocrm_modules.arrow_reader.reader import ArrowReader
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation


def opened(  # noqa: PLR0913 - each by its name
    demo: DemoOrganisation,
    stream: str,
    limits: Limits | None = None,
    *,
    fields: list[str] | None = None,
    since: datetime | date | str | None = None,
    progress: list[ReadProgress] | None = None,
    **settings: Any,
) -> ArrowReader:
    """A reader of a stream, with few tries; what it says of its progress is added to a list."""
    # Ten downloads a minute are enough for a read, but not for all of a test's.
    demo.organisation.records.bulk_jobs._downloads.clear()
    return open_reader(
        stream,
        fields=fields,
        since=since,
        config=config_for(demo, **settings),
        progress=None if progress is None else progress.append,
        options=RunOptions(policy=FAST, limits=limits or Limits(), machine=machine_of_tests()),
    )


def read_table(demo: DemoOrganisation, stream: str, **more: Any) -> pa.Table:
    """All rows of a stream."""
    with opened(demo, stream, **more) as reader:
        return reader.read_all()


def in_files(folder: Path, demo: DemoOrganisation, stream: str, **settings: Any) -> pa.Table:
    """The rows of a stream's Arrow files, without what only messages have."""
    demo.organisation.records.bulk_jobs._downloads.clear()
    config = {"encoding": {"format": "arrow"}, "storage": {"root": folder.as_uri()}}
    is_metadata = stream.islower() and stream != "deleted_records"
    run = run_tap(
        config=config_for(demo, batch_config=config, emit_tombstones=False, **settings),
        catalog=metadata_catalog(**{stream: {}}) if is_metadata else records_catalog(stream),
        policy=FAST,
    )
    assert run.code == 0, run.logged("ERROR")
    files = [file for message in run.of_type("BATCH") for file in batches.files(message)]
    tables = [batches.read(file, "arrow") for file in files]
    return pa.concat_tables([table.drop_columns(_sdc(table)) for table in tables])


def _sdc(table: pa.Table) -> list[str]:
    return [name for name in table.column_names if name.startswith("_sdc_")]


def plain(table: pa.Table) -> pa.Table:
    """A table in one piece, without what its schema says besides."""
    return table.replace_schema_metadata(None).combine_chunks()
