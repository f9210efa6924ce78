"""The file of a Bulk Read job: a zip with one CSV, whose first column is `Id`.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/download-result.html, and
published runs of clients for the form of the values.
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable
from itertools import islice
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.organisation.records.record import MadeRecord
from zohocrm_demo.organisation.records.truth import at_end_of, stored

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from zohocrm_demo.families.bulk_query import Export
    from zohocrm_demo.organisation.records import Record
    from zohocrm_demo.organisation.records.table import Table

_Maker: TypeAlias = Callable[[int], Any]

_CHUNK = 2_000

# A middling file of 200,000 rows is about to be read once, on this machine.
_QUICK = 1


def archive(name: str, columns: list[Export], records: Iterator[Record], table: Table) -> bytes:
    """The zip."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as box,
        box.open(f"{name}.csv", "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, "utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow(["Id", *(column.name for column in columns)])
        makers = [
            None if column.way else table.maker(column.field["api_name"]) for column in columns
        ]
        while chunk := list(islice(records, _CHUNK)):
            writer.writerows(_rows(columns, makers, chunk))
    return packed.getvalue()


def _rows(
    columns: list[Export], makers: list[_Maker | None], records: list[Record]
) -> Iterable[tuple[str, ...]]:
    ids = [str(record.id) for record in records]
    made = [record.row for record in records if isinstance(record, MadeRecord)]
    cells = []
    for column, make in zip(columns, makers, strict=True):
        # Made-up rows are most of a big file: straight from the rows' numbers to the texts.
        if make is not None and len(made) == len(records):
            cells.append(list(map(column.write, map(make, made))))
        else:
            cells.append(list(map(_cell(column), records)))
    return zip(ids, *cells, strict=True)


def _cell(column: Export) -> Callable[[Record], str]:
    read = at_end_of(column.way, stored(column.field["api_name"]))
    return lambda record: column.write(read(record))
