"""A DuckDB file, read by the package `duckdb`.

https://duckdb.org/docs/stable/clients/python/overview
"""

from __future__ import annotations

from collections.abc import Collection, Iterator, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING, Any

from typing_extensions import override

from tap_zohocrm_modules.verify.columns import Columns
from tap_zohocrm_modules.verify.errors import WarehouseError
from tap_zohocrm_modules.verify.warehouse.names import matches
from tap_zohocrm_modules.verify.warehouse.packages import missing_package
from tap_zohocrm_modules.verify.warehouse.table import Rows, Table, Warehouse
from tap_zohocrm_modules.zoho.transport.texts import one_line

if TYPE_CHECKING:
    import duckdb

_ROWS_AT_ONCE = 10_000
_VALUES_AT_ONCE = 5_000
_SETTINGS = {"threads": "1", "memory_limit": "200MB"}
_DEFAULT_SCHEMA = "main"

_TABLES = """
    SELECT table_name FROM information_schema.tables
    WHERE table_catalog = current_catalog() AND table_schema = ? ORDER BY table_name
"""
_SCHEMAS = """
    SELECT DISTINCT table_schema FROM information_schema.tables
    WHERE table_catalog = current_catalog() ORDER BY table_schema
"""
_COLUMNS = """
    SELECT column_name, data_type FROM information_schema.columns
    WHERE table_catalog = current_catalog() AND table_schema = ? AND table_name = ?
    ORDER BY ordinal_position
"""


class DuckDBWarehouse(Warehouse):
    """A DuckDB file; it is only read.

    Args:
        path: The file.
        schema: Where the tables are in it; None for `main`, or the only schema that has them.

    Raises:
        WarehouseError: it cannot be opened, or the package for it is missing.
    """

    def __init__(self, path: Path, schema: str | None) -> None:
        try:
            import duckdb  # noqa: PLC0415 - only who has such a file needs it
        except ModuleNotFoundError:
            raise missing_package("duckdb") from None
        if not path.is_file():
            raise WarehouseError(f"There is no DuckDB file {path}.")
        self.label = str(path)
        self._schema = schema
        self._error = duckdb.Error
        self._found: dict[str, list[str]] = {}
        try:
            self._database: duckdb.DuckDBPyConnection = duckdb.connect(
                str(path), read_only=True, config=dict(_SETTINGS)
            )
        except duckdb.Error as error:
            raise self._refused(error) from None

    def _refused(self, error: Exception) -> WarehouseError:
        return WarehouseError(f"The DuckDB file {self.label} refuses: {one_line(str(error))}")

    def select(self, query: str, values: Sequence[Any] = ()) -> Iterator[Rows]:
        """Yield the rows of a query, some at a time."""
        try:
            found = self._database.cursor().execute(query, [*values])
            while rows := found.fetchmany(_ROWS_AT_ONCE):
                yield rows
        except self._error as error:
            raise self._refused(error) from None

    def select_columns(self, query: str) -> Iterator[Columns]:
        """Yield the same as columns, of Arrow; pyarrow is needed."""
        from tap_zohocrm_modules.verify.arrow_columns import (  # noqa: PLC0415 - only then
            ArrowColumns,
        )

        try:
            # Of a cursor's result DuckDB 2 would make a copy first, and warn of it.
            for batch in self._database.cursor().sql(query).to_arrow_reader(_ROWS_AT_ONCE):
                yield ArrowColumns(batch.columns, batch.num_rows)
        except self._error as error:
            raise self._refused(error) from None

    @override
    def table(self, stream: str, others: Collection[str]) -> Table:
        schemas = [self._schema or _DEFAULT_SCHEMA]
        if self._schema is None and not self._matching(schemas[0], stream, others):
            schemas = [
                schema
                for (schema,) in _each(self.select(_SCHEMAS))
                if self._matching(schema, stream, others)
            ]
        if len(schemas) > 1:
            raise WarehouseError(
                f"A table of {stream} is in each of the schemas {', '.join(schemas)}: choose one by"
                " --verify-schema."
            )
        found = self._matching(schemas[0], stream, others) if schemas else None
        if found is None:
            where = f"schema {self._schema} of the" if self._schema else ""
            raise WarehouseError(
                f"The {where} DuckDB file has no table of {stream}: load it, or say where it is by"
                " --verify-schema.".replace("  ", " ")
            )
        return DuckDBTable(self, schemas[0], found)

    def _matching(self, schema: str, stream: str, others: Collection[str]) -> str | None:
        if schema not in self._found:
            self._found[schema] = [name for (name,) in _each(self.select(_TABLES, [schema]))]
        return matches({*others, stream}, self._found[schema]).get(stream)

    @override
    def close(self) -> None:
        self._database.close()


class DuckDBTable(Table):
    """One table of a DuckDB file."""

    def __init__(self, warehouse: DuckDBWarehouse, schema: str, name: str) -> None:
        self.name = name if schema == _DEFAULT_SCHEMA else f"{schema}.{name}"
        self._warehouse = warehouse
        self._from = f"{_quoted(schema)}.{_quoted(name)}"
        self._types = dict(_each(warehouse.select(_COLUMNS, [schema, name])))
        self.columns = [*self._types]

    def _query(self, columns: Sequence[str]) -> str:
        return f"SELECT {', '.join(map(self._value, columns))} FROM {self._from}"  # noqa: S608 - quoted

    def _value(self, column: str) -> str:
        # Python would need another package for times with a zone.
        in_utc = " AT TIME ZONE 'UTC'" if self._types[column] == _WITH_ZONE else ""
        return f"{_quoted(column)}{in_utc}"

    @override
    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        return self._warehouse.select(self._query(columns))

    @override
    def columns_of_all(self, columns: Sequence[str]) -> Iterator[Columns]:
        if find_spec("pyarrow") is None:
            return super().columns_of_all(columns)
        named = ", ".join(map(_quoted, columns))
        return self._warehouse.select_columns(f"SELECT {named} FROM {self._from}")  # noqa: S608 - as above

    @override
    def rows_of(self, key: str, values: Collection[str], columns: Sequence[str]) -> Iterator[Rows]:
        wanted = sorted(values)
        for begin in range(0, len(wanted), _VALUES_AT_ONCE):
            some = wanted[begin : begin + _VALUES_AT_ONCE]
            # As texts, whatever type the column has.
            where = f"WHERE list_contains(?::VARCHAR[], {_quoted(key)}::VARCHAR)"
            yield from self._warehouse.select(f"{self._query(columns)} {where}", [some])


_WITH_ZONE = "TIMESTAMP WITH TIME ZONE"


def _quoted(name: str) -> str:
    return '"' + name.replace('"', '""') + '"'


def _each(parts: Iterator[Rows]) -> Iterator[tuple[Any, ...]]:
    for rows in parts:
        yield from rows
