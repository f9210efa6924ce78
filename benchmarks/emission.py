"""Records of 60 fields to RECORD lines: this tap, singer-sdk's defaults, singer-python.

Usage: python -m benchmarks.emission [RECORDS]

All write the same records, which are in memory before the clock starts, to nowhere; the figure is
CPU time, the least of three. Bulk Read's result begins as a zipped CSV in memory, and its baseline
is what singer-sdk takes for finished records.
"""

from __future__ import annotations

import contextlib
import csv
import dataclasses
import gc
import io
import json
import os
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Callable, Iterable, Iterator
from datetime import datetime, timezone
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar
from unittest import mock

import msgspec
from singer_sdk import Stream, Tap
from typing_extensions import override

from benchmarks.sample import module, rows
from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.sync.module.schema import record_schema
from tap_zohocrm_modules.sync.module.state import Step
from tap_zohocrm_modules.sync.state import VERSION, ModuleState
from tap_zohocrm_modules.tap import TapZohoCRMModules
from tap_zohocrm_modules.zoho.records.bulk.jobs import Result
from tap_zohocrm_modules.zoho.records.bulk.result_file import pages as exported
from tap_zohocrm_modules.zoho.records.reading import Page, Source
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger

RECORDS = 20_000
REPEATS = 3
PAGE = 2_000

Record = dict[str, Any]


def seconds(make: Callable[[], Callable[[], object]]) -> float:
    """Return the least CPU time of some repetitions, each of work made for it."""
    times = []
    with (
        Path(os.devnull).open("w", encoding="utf-8") as nowhere,
        contextlib.redirect_stdout(nowhere),
    ):
        for _ in range(REPEATS):
            work = make()
            # What is in memory for the comparison's sake is not garbage to be looked through.
            gc.collect()
            gc.freeze()
            begun = time.process_time()
            work()
            times.append(time.process_time() - begun)
    return min(times)


def sdk(records: list[Record]) -> Callable[[], object]:
    """Return what writes the records by a stream that overrides nothing."""

    class Plain(Stream):
        name = "Things"
        schema: ClassVar[dict[str, Any]] = record_schema(module(), tombstones=True)
        primary_keys = ("id",)

        @override
        def get_records(self, context: Any) -> Iterable[Record]:
            del context
            return map(dict, records)

    class PlainTap(Tap):
        name = "plain"
        config_jsonschema: ClassVar[dict[str, Any]] = {"properties": {}}

        @override
        def discover_streams(self) -> list[Stream]:
            return [Plain(self)]

    return PlainTap(config={}).streams["Things"].sync


def singer_python(records: list[Record]) -> float:
    """Return the CPU time of singer-python, which has an environment of its own."""
    encode = msgspec.json.Encoder(decimal_format="number").encode
    schema = record_schema(module(), tombstones=True)
    with tempfile.NamedTemporaryFile("wb", suffix=".jsonl") as file:
        file.writelines(encode(line) + b"\n" for line in (schema, *records))
        file.flush()
        script = Path(__file__).with_name("singer_python_transformer.py")
        command = ["uv", "run", "-q", "--script", str(script), file.name]
        done = subprocess.run(  # noqa: S603 - a script of ours
            command, check=True, stderr=subprocess.PIPE, text=True
        )
    return float(done.stderr.splitlines()[-1])


def ours(pages: Callable[[], Iterator[Page]], root: str | None = None) -> Callable[[], object]:
    """Return what writes these pages by this tap's stream; nothing but the pages stands in.

    Args:
        pages: Makes the pages.
        root: URL of the folder for Arrow files; None for RECORD messages.
    """
    batch = {"encoding": {"format": "arrow"}, "storage": {"root": root}}
    config: dict[str, Any] = {
        "environment": "demo",
        "record_modules": [],
        "batch_config": batch if root else None,
    }
    tap = TapZohoCRMModules(config=config, setup_mapper=False)
    stream = RecordStream(tap, tap.this_run, "Things", module())
    stream.selected = True
    tap._streams = {"Things": stream}  # noqa: SLF001 - the SDK has no other way
    tap.setup_mapper()
    client = mock.MagicMock()
    client.credits.charged_to.return_value = (0, 0)
    tap.this_run.__dict__ |= {
        "records_ahead": SimpleNamespace(take=lambda _: map(_step, pages())),
        "cutoff": datetime.now(timezone.utc),
        "client": client,
    }

    def write() -> None:
        stream.sync()
        tap.this_run.report.finish(CreditLedger(), ())

    return write


def _step(page: Page) -> Step:
    return Step(page.records, ModuleState(version=VERSION))


def in_pages(records: list[Record]) -> Iterator[Page]:
    """Yield the records as the readers do."""
    for begin in range(0, len(records), PAGE):
        yield Page(Rows(records[begin : begin + PAGE]))


def zipped(source: Source, records: list[Record]) -> bytes:
    """Return a result of Bulk Read with the records."""
    names = [field.api_name for field in source.fields if field.api_name != "id"]
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(["Id", *names])
    for record in records:
        cells = ("" if (value := record[name]) is None else _cell(value) for name in names)
        writer.writerow([record["id"], *cells])
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("1.csv", text.getvalue())
    return packed.getvalue()


def _cell(value: Any) -> str:
    if isinstance(value, list):
        return ";".join(value)
    return json.dumps(value) if isinstance(value, bool) else str(value)


def main(count: int) -> None:
    """Write the records each way, and print rates and ratios."""
    source = Source(mock.MagicMock(), module(), module().fields, "Things")
    projection = source.projection(source.fields)
    records, _ = projection.from_rows([*rows(count)])
    packed = zipped(source, records)

    def from_csv(*, columnar: bool) -> Iterator[Page]:
        result = Result("1", count, more=False, path="", token=None)
        wanted = dataclasses.replace(source, columnar=columnar)
        for page, _ in exported(io.BytesIO(packed), result, wanted, projection):
            yield Page(page)

    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder).as_uri()
        times = {
            "singer-sdk's defaults": seconds(lambda: sdk(records)),
            "singer-python's Transformer and write_record": singer_python(records),
            "this tap": seconds(lambda: ours(lambda: in_pages(records))),
            "this tap, from Bulk Read's CSV": seconds(
                lambda: ours(lambda: from_csv(columnar=False))
            ),
            "this tap, to Arrow files": seconds(lambda: ours(lambda: in_pages(records), root)),
            "this tap, from Bulk Read's CSV to Arrow files": seconds(
                lambda: ours(lambda: from_csv(columnar=True), root)
            ),
        }
    for name, taken in times.items():
        sys.stdout.write(
            f"{name}: {count / taken:,.0f} records/s,"
            f" {100_000 / count * taken:.2f} CPU s per 100,000 records\n"
        )
    default, transformer, mine, bulk, arrow, bulk_arrow = times.values()
    sys.stdout.write(
        f"emission: {default / mine:.1f} x singer-sdk's defaults,"
        f" {transformer / mine:.1f} x singer-python;"
        f" Bulk CSV: {default / bulk:.1f} x singer-sdk's defaults fed from memory;"
        f" Arrow: {mine / arrow:.1f} x RECORD, from Bulk CSV {bulk / bulk_arrow:.1f} x\n"
    )


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else RECORDS)
