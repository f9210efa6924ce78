"""A folder of Arrow or Parquet files, as BATCH messages name them, read by pyarrow.

Rows are added only: of those with one key the one that was extracted last counts.
"""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Collection, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from typing_extensions import override

from tap_zohocrm_modules.verify.columns import Columns
from tap_zohocrm_modules.verify.errors import WarehouseError
from tap_zohocrm_modules.verify.warehouse.packages import missing_package
from tap_zohocrm_modules.verify.warehouse.table import Rows, Table, Warehouse
from tap_zohocrm_modules.zoho.transport.texts import one_line

_ROWS_AT_ONCE = 10_000
_OTHER_SIGN = re.compile(r"[^0-9A-Za-z]")
_ENDINGS = frozenset({".arrow", ".feather", ".ipc", ".parquet"})


@dataclasses.dataclass(frozen=True, slots=True)
class DataFile:
    """One file: its rows come after those of files with a lower rank."""

    path: Path
    rank: tuple[int, str]

    @property
    def is_parquet(self) -> bool:
        """Whether it is a Parquet file, an Arrow IPC file otherwise."""
        return self.path.suffix == ".parquet"


class FolderWarehouse(Warehouse):
    """A folder of files, each of which begins with the name of its stream.

    Args:
        path: The folder.
        prefix: What all names may have before that.

    Raises:
        WarehouseError: it cannot be read, or pyarrow is missing.
    """

    def __init__(self, path: Path, prefix: str = "") -> None:
        try:
            import pyarrow as pa  # noqa: PLC0415 - only who has such a folder needs it
        except ModuleNotFoundError:
            raise missing_package("pyarrow") from None
        self.label = str(path)
        self._error = (pa.ArrowException, OSError)
        self._stem = prefix.rpartition("/")[2]
        try:
            files = [one for one in path.rglob("*") if one.suffix in _ENDINGS and one.is_file()]
            self._files = sorted(
                (DataFile(one, (one.stat().st_mtime_ns, one.name)) for one in files),
                key=lambda file: file.rank,
            )
        except OSError as error:
            raise WarehouseError(f"The folder {path} cannot be read: {error.strerror}.") from None

    @override
    def table(self, stream: str, others: Collection[str]) -> Table:
        names = {_in_file_names(name): name for name in {*others, stream}}
        files = [file for file in self._files if self._stream_of(file, names) == stream]
        if not files:
            raise WarehouseError(
                f"The folder {self.label} has no Arrow or Parquet file whose name begins with"
                f" {_in_file_names(stream)}."
            )
        return FolderTable(self, files)

    def _stream_of(self, file: DataFile, names: Mapping[str, str]) -> str | None:
        """Return the stream with the longest name that a file's name begins with."""
        found: str | None = None
        for stem in dict.fromkeys((self._stem, "")):
            name = file.path.name
            if not name.startswith(stem):
                continue
            low = name[len(stem) :].lower()
            # What follows ends the name: `Leads2.arrow` is not of `Leads`.
            fitting = [
                one
                for one in names
                if low.startswith(one.lower()) and not low[len(one) : len(one) + 1].isalnum()
            ]
            found = found or names.get(max(fitting, key=len, default=""))
        return found

    def batches(self, file: DataFile, columns: Sequence[str]) -> Iterator[Any]:
        """Yield the rows of a file as record batches, which lack columns that the file lacks."""
        import pyarrow as pa  # noqa: PLC0415 - as above
        import pyarrow.parquet as pq  # noqa: PLC0415

        try:
            if file.is_parquet:
                with pq.ParquetFile(file.path) as found:
                    there = [name for name in columns if name in found.schema_arrow.names]
                    yield from found.iter_batches(_ROWS_AT_ONCE, columns=there)
                return
            with pa.OSFile(str(file.path)) as source, pa.ipc.open_file(source) as found:
                there = [name for name in columns if name in found.schema.names]
                for number in range(found.num_record_batches):
                    yield found.get_batch(number).select(there)
        except self._error as error:
            raise self._refused(file, error) from None

    def columns_of(self, file: DataFile) -> list[str]:
        """Return the names of a file's columns."""
        import pyarrow as pa  # noqa: PLC0415 - as above
        import pyarrow.parquet as pq  # noqa: PLC0415

        try:
            if file.is_parquet:
                return list(pq.read_schema(file.path).names)
            with pa.OSFile(str(file.path)) as source, pa.ipc.open_file(source) as found:
                return list(found.schema.names)
        except self._error as error:
            raise self._refused(file, error) from None

    def _refused(self, file: DataFile, error: Exception) -> WarehouseError:
        return WarehouseError(f"The file {file.path} cannot be read: {one_line(str(error))}")

    @override
    def close(self) -> None:
        """Nothing is open."""


class FolderTable(Table):
    """The rows of one stream in all files, the oldest first."""

    keeps_history = True

    def __init__(self, warehouse: FolderWarehouse, files: Sequence[DataFile]) -> None:
        self._warehouse = warehouse
        self._files = files
        of_each = map(warehouse.columns_of, files)
        self.columns = list(dict.fromkeys(name for names in of_each for name in names))
        first = files[0].path.name
        self.name = first if len(files) == 1 else f"{first} and {len(files) - 1} more"

    @override
    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        for file in self._files:
            for batch in self._warehouse.batches(file, columns):
                yield _rows(batch, columns)

    @override
    def columns_of_all(self, columns: Sequence[str]) -> Iterator[Columns]:
        from tap_zohocrm_modules.verify.arrow_columns import (  # noqa: PLC0415 - as above
            ArrowColumns,
        )

        for file in self._files:
            for batch in self._warehouse.batches(file, columns):
                there = batch.schema.names
                found = [batch.column(name) if name in there else None for name in columns]
                yield ArrowColumns(found, batch.num_rows)

    @override
    def rows_of(self, key: str, values: Collection[str], columns: Sequence[str]) -> Iterator[Rows]:
        import pyarrow as pa  # noqa: PLC0415 - as above
        import pyarrow.compute as pc  # noqa: PLC0415

        wanted = pa.array(sorted(values), pa.string())
        for file in self._files:
            for batch in self._warehouse.batches(file, list(dict.fromkeys((key, *columns)))):
                if key not in batch.schema.names:
                    continue
                found = batch.filter(pc.is_in(batch.column(key).cast(pa.string()), wanted))
                if found.num_rows:
                    yield _rows(found, columns)


def _rows(batch: Any, columns: Sequence[str]) -> Rows:
    names = batch.schema.names
    empty = [None] * batch.num_rows
    found = [batch.column(name).to_pylist() if name in names else empty for name in columns]
    return list(zip(*found, strict=True))


def _in_file_names(stream: str) -> str:
    """Return a stream's name as files are called."""
    return _OTHER_SIGN.sub("_", stream)
