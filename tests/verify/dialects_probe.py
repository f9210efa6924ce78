"""Prints the queries that are sent to Snowflake and BigQuery, compiled by their dialects."""

from __future__ import annotations

import json
import sys
from typing import Any, cast

import sqlalchemy as sa
from sqlalchemy.engine import make_url

from tap_zohocrm_modules.verify.warehouse.sql import SqlTable, SqlWarehouse


class Described:
    """A warehouse of one table, of which nobody asks more than its columns."""

    def __init__(self, columns: list[dict[str, Any]]) -> None:
        self._columns = columns

    def columns_of(self, *_: object) -> list[dict[str, Any]]:
        """Return the columns, as an inspector describes them."""
        return self._columns


URLS = {
    "snowflake": "snowflake://user:secret@account/database/schema?warehouse=w",
    "bigquery": "bigquery://project/dataset",
}
found = {}
for name, url in URLS.items():
    dialect = make_url(url).get_dialect()()
    columns: list[dict[str, Any]] = [
        {"name": "id", "type": sa.String()},
        {"name": "modified_time", "type": sa.DateTime()},
        {"name": "Remind Participants", "type": sa.String()},
        {"name": "_sdc_deleted_at", "type": sa.DateTime()},
    ]
    table = SqlTable(cast("SqlWarehouse", Described(columns)), "leads", "zoho")
    names = [column["name"] for column in columns]
    queries = [table.query(names), table.query_of("id", ["1", "2"], names)]
    options = {"literal_binds": True}
    compiled = [str(one.compile(dialect=dialect, compile_kwargs=options)) for one in queries]
    found[name] = [" ".join(text.split()) for text in compiled]
json.dump(found, sys.stdout, indent=1)
