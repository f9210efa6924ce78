"""The packages that warehouses need, which the user installs."""

from __future__ import annotations

from collections.abc import Mapping

from tap_zohocrm_modules.verify.errors import WarehouseError

PACKAGES: Mapping[str, str] = {
    "bigquery": "sqlalchemy-bigquery",
    "clickhouse": "clickhouse-sqlalchemy",
    "databricks": "databricks-sqlalchemy",
    "duckdb": "duckdb",
    "mssql": "pyodbc",
    "mysql": "pymysql",
    "oracle": "oracledb",
    "pg8000": "pg8000",
    "postgresql": "psycopg[binary]",
    "psycopg": "psycopg[binary]",
    "psycopg2": "psycopg2-binary",
    "pyarrow": "tap-zohocrm-modules[arrow]",
    "redshift": "sqlalchemy-redshift",
    "snowflake": "snowflake-sqlalchemy",
    "trino": "trino",
}
"""The package to install, by a dialect's name in URLs or the module that is missing."""


def missing_package(module: str) -> WarehouseError:
    """Return the error that names the package of a module or dialect that is not installed."""
    package = PACKAGES.get(module.partition(".")[0], module)
    return WarehouseError(
        f"This warehouse needs the package {package}: install it beside the tap"
        f" (pip install '{package}')."
    )
