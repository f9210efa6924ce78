"""Runs where target-snowflake is: prints type and identifier of each column, without connecting.

Input: `{stream: JSON Schema}`. Output: `{stream: {property: [type, identifier]}}`.
"""

from __future__ import annotations

import json
import sys

from snowflake.sqlalchemy import snowdialect
from sqlalchemy.sql.compiler import RESERVED_WORDS
from target_snowflake.connector import SnowflakeConnector

dialect = snowdialect.dialect()
dialect.identifier_preparer.reserved_words |= RESERVED_WORDS
connector = SnowflakeConnector({"account": "a", "user": "u", "password": "p", "database": "d"})
# The connector would take it from a connection.
connector.__dict__["formatter"] = dialect.identifier_preparer

json.dump(
    {
        stream: {
            name: [
                connector.to_sql_type(spec).compile(dialect=dialect),
                connector.format_identifier(name, safe=True),
            ]
            for name, spec in schema["properties"].items()
        }
        for stream, schema in json.load(sys.stdin).items()
    },
    sys.stdout,
)
