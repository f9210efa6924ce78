"""Runs where z3-target-bigquery is: prints its columns for the streams on standard input.

Input: `{stream: JSON Schema}`. Output: `{version: {stream: [column]}}`, where a column is
`{name, type, mode, columns}`.
"""

from __future__ import annotations

import json
import sys
from typing import Any

from target_bigquery.core import SchemaResolverVersion, SchemaTranslator


def column(field: Any) -> dict[str, Any]:
    return {
        "name": field.name,
        "type": field.field_type,
        "mode": field.mode,
        "columns": [column(inner) for inner in field.fields],
    }


def columns(schema: dict[str, Any], version: SchemaResolverVersion) -> list[dict[str, Any]]:
    return [column(field) for field in SchemaTranslator(schema, {}, version).translated_schema]


schemas = json.load(sys.stdin)
translated = {
    version.name: {stream: columns(schema, version) for stream, schema in schemas.items()}
    for version in SchemaResolverVersion
}
json.dump(translated, sys.stdout)
