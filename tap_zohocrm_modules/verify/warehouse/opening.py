"""Opens the warehouse that `--verify` names."""

from __future__ import annotations

import os
from pathlib import Path
from urllib.parse import urlsplit

from tap_zohocrm_modules.verify.errors import WarehouseError
from tap_zohocrm_modules.verify.warehouse.duckdb_file import DuckDBWarehouse
from tap_zohocrm_modules.verify.warehouse.files import FolderWarehouse
from tap_zohocrm_modules.verify.warehouse.packages import missing_package
from tap_zohocrm_modules.verify.warehouse.table import Warehouse

_VARIABLE = "env:"


def open_warehouse(
    where: str, schema: str | None = None, *, seconds: float = 300, prefix: str = ""
) -> Warehouse:
    """Return the warehouse; nothing but its tables is read.

    Args:
        where: A URL as SQLAlchemy has it, `env:NAME` for the variable that holds it, the path of a
            `.duckdb` file, or that of a folder of Arrow or Parquet files.
        schema: Where the tables are in it; None for its default.
        seconds: How long it may take to connect, and for each piece of an answer.
        prefix: What the names of files in a folder may begin with.

    Raises:
        WarehouseError: there is none, it cannot be reached, or a package is missing.
    """
    if where.startswith(_VARIABLE):
        name = where.removeprefix(_VARIABLE)
        where = os.environ.get(name, "")
        if not where:
            raise WarehouseError(f"--verify names the variable {name}, which is not set.")
    if "://" in where and not where.startswith("file://"):
        return _by_url(where, schema, seconds)
    path = Path(urlsplit(where).path if where.startswith("file://") else where).expanduser()
    if path.is_dir():
        return FolderWarehouse(path, prefix)
    if path.suffix in {".duckdb", ".ddb", ".db"} or path.is_file():
        return DuckDBWarehouse(path, schema)
    raise WarehouseError(
        "--verify takes the URL of a database (postgresql://…), env:NAME, the path of a .duckdb"
        " file, or that of a folder of Arrow or Parquet files: it is none of these."
    )


def _by_url(where: str, schema: str | None, seconds: float) -> Warehouse:
    try:
        from sqlalchemy.engine import make_url  # noqa: PLC0415 - it takes long to import
        from sqlalchemy.exc import ArgumentError  # noqa: PLC0415

        from tap_zohocrm_modules.verify.warehouse.sql import SqlWarehouse  # noqa: PLC0415
    except ModuleNotFoundError as error:
        raise missing_package(error.name or "sqlalchemy") from None
    try:
        url = make_url(where)
    except (ArgumentError, ValueError):
        # The text of the error has the URL, and so the password.
        raise WarehouseError(
            "--verify has a URL that cannot be read: DIALECT://USER:PASSWORD@HOST:PORT/DATABASE,"
            " in which signs such as @ and / of a password are written as %40 and %2F."
        ) from None
    if url.get_backend_name() == "duckdb" and url.database:
        return DuckDBWarehouse(Path(url.database), schema)
    return SqlWarehouse(url, schema, seconds)
