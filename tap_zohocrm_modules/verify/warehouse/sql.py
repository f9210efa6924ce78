"""A database that SQLAlchemy knows: PostgreSQL, Snowflake, BigQuery, SQLite and many more.

https://docs.sqlalchemy.org/en/20/core/connections.html
"""

from __future__ import annotations

import concurrent.futures
import contextlib
import warnings
from collections.abc import Callable, Collection, Iterator, Sequence
from typing import Any, TypeVar

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine, Inspector
from sqlalchemy.engine.interfaces import ReflectedColumn
from sqlalchemy.exc import SAWarning, SQLAlchemyError
from typing_extensions import override

from tap_zohocrm_modules.verify.errors import WarehouseError
from tap_zohocrm_modules.verify.warehouse.dialects import engine_of, limit_session
from tap_zohocrm_modules.verify.warehouse.driver_errors import Redaction
from tap_zohocrm_modules.verify.warehouse.names import matches
from tap_zohocrm_modules.verify.warehouse.table import Rows, Table, Warehouse
from tap_zohocrm_modules.zoho.transport.daemon_pool import DaemonPool

T = TypeVar("T")

_ROWS_AT_ONCE = 10_000
_VALUES_AT_ONCE = 500


class SqlWarehouse(Warehouse):
    """A database behind an SQLAlchemy URL; it is only read.

    Args:
        url: Where it is.
        schema: Where the tables are in it; None for its default, or the only schema that has them.
        seconds: How long it may take to connect, and to begin to answer.

    Raises:
        WarehouseError: it cannot be reached, or the package for it is missing.
    """

    def __init__(self, url: URL, schema: str | None, seconds: float) -> None:
        self._redaction = Redaction(url)
        self.label = self._redaction.label
        self._schema = schema
        self._seconds = seconds
        self._engine: Engine = engine_of(url, seconds)
        self._connection: Connection | None = None
        self._pool = _one_thread()
        self._found: dict[str | None, list[str]] = {}
        # Before anything is asked of Zoho.
        self.ask(lambda _: None)

    def ask(self, work: Callable[[Connection], T]) -> T:
        """Return what a call of the driver returns; WarehouseError: it failed, or took too long.

        What is asked after a failure is asked by a new connection.
        """
        try:
            return self._pool.submit(self._with_connection, work).result(self._seconds)
        except concurrent.futures.TimeoutError:
            # Its thread may wait for ever.
            self._connection, self._pool = None, _one_thread()
            raise WarehouseError(
                f"The warehouse {self.label} has not answered within {self._seconds:.0f} s"
                " (request_timeout)."
            ) from None
        except Exception as error:  # noqa: BLE001 - each driver has its own
            text = self._redaction.text(error)
        # Outside: the driver's error may hold the password, and a traceback would show it.
        raise WarehouseError(f"The warehouse {self.label} refuses: {text}")

    def _with_connection(self, work: Callable[[Connection], T]) -> T:
        with warnings.catch_warnings():
            # Of types that it does not know, which are none of ours.
            warnings.simplefilter("ignore", SAWarning)
            try:
                if self._connection is None:
                    self._connection = self._engine.connect()
                    limit_session(self._connection, self._seconds)
                return work(self._connection)
            except Exception:
                # Whatever it was: the next stream begins with a connection that is whole.
                broken, self._connection = self._connection, None
                # The error that is raised says more than one of closing what is broken.
                with contextlib.suppress(Exception):
                    if broken is not None:
                        broken.invalidate()
                        broken.close()
                raise

    @override
    def table(self, stream: str, others: Collection[str]) -> Table:
        schemas: list[str | None] = [self._schema]
        found = self._matching(self._schema, stream, others)
        if found is None and self._schema is None:
            schemas = [one for one in self._schemas() if self._matching(one, stream, others)]
            if len(schemas) > 1:
                names = ", ".join(sorted(map(str, schemas)))
                raise WarehouseError(
                    f"A table of {stream} is in each of the schemas {names}: choose one by"
                    " --verify-schema."
                )
            found = self._matching(schemas[0], stream, others) if schemas else None
        if found is None:
            where = f"schema {self._schema}" if self._schema else "warehouse"
            raise WarehouseError(
                f"The {where} has no table of {stream}: load it, or say where it is by"
                " --verify-schema."
            )
        return SqlTable(self, found, schemas[0])

    def _schemas(self) -> list[str]:
        names = self.ask(lambda live: sa.inspect(live).get_schema_names())
        return [name for name in names if name.lower() not in _SYSTEM]

    def _matching(self, schema: str | None, stream: str, others: Collection[str]) -> str | None:
        if schema not in self._found:
            self._found[schema] = self.ask(lambda live: _names(sa.inspect(live), schema))
        return matches({*others, stream}, self._found[schema]).get(stream)

    def columns_of(self, table: str, schema: str | None) -> list[ReflectedColumn]:
        """Return the columns of a table."""
        return self.ask(lambda live: sa.inspect(live).get_columns(table, schema))

    def select(self, query: sa.Select[Any]) -> Iterator[Rows]:
        """Yield the rows of a query, some at a time."""
        options = {"stream_results": True, "max_row_buffer": _ROWS_AT_ONCE}
        result = self.ask(lambda live: live.execution_options(**options).execute(query))
        try:
            while rows := self.ask(lambda _: result.fetchmany(_ROWS_AT_ONCE)):
                yield [tuple(row) for row in rows]
        finally:
            with contextlib.suppress(WarehouseError):
                self.ask(lambda _: result.close())
                # What others write shows from now on, and their changes need not wait.
                self.ask(lambda live: live.rollback())

    @override
    def close(self) -> None:
        with contextlib.suppress(WarehouseError):
            self.ask(lambda live: live.close())
        self._pool.shutdown(wait=False, cancel_futures=True)


class SqlTable(Table):
    """One table of a database."""

    def __init__(self, warehouse: SqlWarehouse, name: str, schema: str | None) -> None:
        self.name = f"{schema}.{name}" if schema else name
        self._warehouse = warehouse
        found = warehouse.columns_of(name, schema)
        self.columns = [str(column["name"]) for column in found]
        self._types = {str(column["name"]): column["type"] for column in found}
        self._table = sa.table(name, *map(sa.column, self.columns), schema=schema)

    def query(self, columns: Sequence[str]) -> sa.Select[Any]:
        """Return the query for these columns of all rows."""
        return sa.select(*(self._table.c[name] for name in columns))

    def query_of(self, key: str, values: Sequence[str], columns: Sequence[str]) -> sa.Select[Any]:
        """Return the query for the rows that have one of these texts in a column."""
        wanted: Sequence[Any] = values
        kind: Any = sa.String()
        if isinstance(self._types[key], (sa.Numeric, sa.Integer)):
            # As they are: a decimal type would send them as doubles.
            wanted, kind = [int(value) for value in values if value.isdecimal()], sa.BigInteger()
        return self.query(columns).where(sa.type_coerce(self._table.c[key], kind).in_(wanted))

    @override
    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        return self._warehouse.select(self.query(columns))

    @override
    def rows_of(self, key: str, values: Collection[str], columns: Sequence[str]) -> Iterator[Rows]:
        wanted = sorted(values)
        for begin in range(0, len(wanted), _VALUES_AT_ONCE):
            some = wanted[begin : begin + _VALUES_AT_ONCE]
            yield from self._warehouse.select(self.query_of(key, some, columns))


_SYSTEM = frozenset({"information_schema", "pg_catalog", "pg_toast", "sys", "mysql"})


def _one_thread() -> DaemonPool:
    """Return where the driver is called: some want a connection in the thread that made it."""
    return DaemonPool(1, "warehouse")


def _names(inspector: Inspector, schema: str | None) -> list[str]:
    """Return the names of the tables in a schema, and of the views on them."""
    views: list[str] = []
    # A dialect need not know of views: a stream without a table is then named as missing.
    with contextlib.suppress(NotImplementedError, SQLAlchemyError):
        views = inspector.get_view_names(schema)
    return list(dict.fromkeys([*inspector.get_table_names(schema), *views]))
