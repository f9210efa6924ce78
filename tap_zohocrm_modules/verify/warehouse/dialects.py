"""What differs among the databases that SQLAlchemy knows: packages, timeouts, reading only."""

from __future__ import annotations

import importlib.util
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import URL, Connection, Engine
from sqlalchemy.exc import NoSuchModuleError

from tap_zohocrm_modules.verify.errors import WarehouseError
from tap_zohocrm_modules.verify.warehouse.driver_errors import Redaction
from tap_zohocrm_modules.verify.warehouse.packages import missing_package

_POSTGRES: Sequence[str] = ("psycopg", "psycopg2", "pg8000")
_ALIASES: Mapping[str, str] = {"postgres": "postgresql"}

_CONNECTING: Mapping[str, Mapping[str, Any]] = {
    "psycopg": {"connect_timeout": int},
    "psycopg2": {"connect_timeout": int},
    "pg8000": {"timeout": int},
    "pymysql": {"connect_timeout": int, "read_timeout": int},
    "pysqlite": {"timeout": float},
    "snowflake": {"login_timeout": int, "network_timeout": int},
}
"""How drivers call the time that they may wait, in seconds, by the driver."""

_LIMITS: Mapping[str, Sequence[str]] = {
    "postgresql": (
        "SET default_transaction_read_only = on",
        "SET TIME ZONE 'UTC'",
        "SET statement_timeout = {milliseconds}",
    ),
    "sqlite": ("PRAGMA query_only = ON",),
    "mysql": ("SET SESSION TRANSACTION READ ONLY", "SET time_zone = '+00:00'"),
    "snowflake": (
        "ALTER SESSION SET STATEMENT_TIMEOUT_IN_SECONDS = {seconds}",
        "ALTER SESSION SET TIMEZONE = 'UTC'",
    ),
}
"""What a session is told before it is asked, by the dialect: so long, in UTC, and to read only."""


def engine_of(url: URL, seconds: float) -> Engine:
    """Return the engine of a URL; WarehouseError: there is no such kind of database here."""
    dialect, _, driver = url.drivername.partition("+")
    dialect = _ALIASES.get(dialect, dialect)
    if dialect == "postgresql" and not driver:
        # SQLAlchemy would insist on one of them.
        driver = next((one for one in _POSTGRES if importlib.util.find_spec(one)), "")
    url = url.set(drivername=f"{dialect}+{driver}" if driver else dialect)
    if dialect == "sqlite" and not _exists(url.database):
        # SQLite would make it.
        raise WarehouseError(f"There is no SQLite file {url.database}.")
    try:
        known = url.get_dialect()
        waiting = _CONNECTING.get(known.driver or "", {})
        options = {name: kind(max(1, seconds)) for name, kind in waiting.items()}
        return sa.create_engine(url, connect_args=options, poolclass=sa.pool.NullPool)
    except NoSuchModuleError:
        raise missing_package(dialect) from None
    except ModuleNotFoundError as error:
        raise missing_package(error.name or dialect) from None
    except Exception as error:  # noqa: BLE001 - some dialects look for credentials here
        text = Redaction(url).text(error)
    # Outside: the error may hold what it is about, a password.
    raise WarehouseError(f"The warehouse {Redaction(url).label} refuses: {text}")


def limit_session(connection: Connection, seconds: float) -> None:
    """Have the connection read only, in UTC, and stop what takes too long."""
    name = connection.dialect.name
    for statement in _LIMITS.get(name, ()):
        text = statement.format(seconds=int(seconds), milliseconds=int(seconds * 1000))
        connection.exec_driver_sql(text)
    if name in _LIMITS:
        connection.commit()


def _exists(database: str | None) -> bool:
    return bool(database) and (str(database).startswith("file:") or Path(str(database)).is_file())
