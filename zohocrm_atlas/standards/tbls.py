"""`schema.json`: the schema of https://github.com/k1LoW/tbls, which Liam reads as well."""

from __future__ import annotations

from typing import Any

import msgspec

from zohocrm_atlas.atlas import Atlas, kind_name
from zohocrm_atlas.standards.relational import KEY, Column, Table, references, tables


def tbls(atlas: Atlas) -> bytes:
    """The document, indented."""
    foreign: dict[str, list[dict[str, Any]]] = {}
    relations = []
    for each in references(atlas):
        words = f"{each.table}.{each.column} leads to {each.parent} ({each.kind})"
        foreign.setdefault(each.table, []).append(
            {
                "name": f"{each.table}.{each.column}.{each.parent}",
                "type": "FOREIGN KEY",
                "def": f"FOREIGN KEY ({each.column}) REFERENCES {each.parent} ({KEY})",
                "table": each.table,
                "columns": [each.column],
                "referenced_table": each.parent,
                "referenced_columns": [KEY],
            }
        )
        relations.append(
            {
                "table": each.table,
                "columns": [each.column],
                "cardinality": "zero_or_more",
                "parent_table": each.parent,
                "parent_columns": [KEY],
                "parent_cardinality": "zero_or_one",
                "def": words,
                "virtual": False,
            }
        )
    document = {
        "name": atlas.name,
        "desc": f"Zoho CRM organisation, read {atlas.snapshot.read_at}",
        "tables": [_table(table, foreign.get(table.name, [])) for table in tables(atlas)],
        "relations": relations,
        "driver": {"name": "zoho-crm", "database_version": "v8"},
        "labels": [{"name": "Zoho CRM", "virtual": True}],
    }
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"


def _table(table: Table, foreign: list[dict[str, Any]]) -> dict[str, Any]:
    primary = {
        "name": f"{table.name}.{KEY}",
        "type": "PRIMARY KEY",
        "def": f"PRIMARY KEY ({KEY})",
        "table": table.name,
        "columns": [KEY],
    }
    unique = [
        {
            "name": f"{table.name}.{column.name}.unique",
            "type": "UNIQUE",
            "def": f"UNIQUE ({column.name})",
            "table": table.name,
            "columns": [column.name],
        }
        for column in table.columns
        if column.unique and column.name != KEY
    ]
    labels = [{"name": kind_name(table.module), "virtual": True}] if table.module else []
    return {
        "name": table.name,
        "type": "BASE TABLE",
        "comment": table.comment,
        "columns": [_column(column) for column in table.columns],
        "constraints": [primary, *unique, *foreign],
        "labels": labels,
        "referenced_tables": list(dict.fromkeys(each["referenced_table"] for each in foreign)),
    }


def _column(column: Column) -> dict[str, Any]:
    return {
        "name": column.name,
        "type": column.type,
        "nullable": not column.required,
        "comment": column.comment,
    }
