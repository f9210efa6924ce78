"""`schema.json`: the schema of https://github.com/k1LoW/tbls, which Liam reads as well."""

from __future__ import annotations

from typing import Any

import msgspec

from zohocrm_atlas.kinds import kind_name
from zohocrm_atlas.standards.relational import KEY, Column, Model, Reference, Table


def tbls(model: Model) -> bytes:
    """The document, indented."""
    foreign: dict[str, list[dict[str, Any]]] = {}
    atlas = model.atlas
    for each in model.references:
        foreign.setdefault(each.table, []).append(_foreign_key(each))
    document = {
        "name": atlas.name,
        "desc": f"Zoho CRM organisation, read {atlas.snapshot.read_at}, as loaded",
        "tables": [_table(table, foreign.get(table.name, [])) for table in model.tables],
        "relations": [_relation(each) for each in model.references],
        "driver": {"name": atlas.dialect.name, "database_version": ""},
        "labels": [{"name": "Zoho CRM", "virtual": True}],
    }
    return msgspec.json.format(msgspec.json.encode(document)) + b"\n"


def _foreign_key(each: Reference) -> dict[str, Any]:
    return {
        "name": f"{each.table}.{each.column}.{each.parent}",
        "type": "FOREIGN KEY",
        "def": f"FOREIGN KEY ({each.column}) REFERENCES {each.parent} ({KEY})",
        "table": each.table,
        "columns": [each.column],
        "referenced_table": each.parent,
        "referenced_columns": [KEY],
    }


def _relation(each: Reference) -> dict[str, Any]:
    words = f"{each.table}.{each.column} leads to {each.parent} ({each.kind})"
    if each.companion:
        words += f" where {each.companion} is its module"
    return {
        "table": each.table,
        "columns": [each.column],
        "cardinality": "zero_or_more",
        "parent_table": each.parent,
        "parent_columns": [KEY],
        "parent_cardinality": "zero_or_one",
        "def": words,
        "virtual": False,
    }


def _table(table: Table, foreign: list[dict[str, Any]]) -> dict[str, Any]:
    primary = {
        "name": f"{table.name}.{KEY}",
        "type": "PRIMARY KEY",
        "def": f"PRIMARY KEY ({', '.join(table.keys)})",
        "table": table.name,
        "columns": list(table.keys),
    }
    labels = [{"name": kind_name(table.module), "virtual": True}] if table.module else []
    return {
        "name": table.name,
        "type": "BASE TABLE",
        "comment": table.comment,
        "columns": [_column(column) for column in table.columns],
        "constraints": [*([primary] if table.keys else []), *foreign],
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
