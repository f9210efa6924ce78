"""Modules as tables, fields as columns: what the formats of relational models have in common."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zohocrm_atlas.atlas import USERS, Atlas, kind_name
from zohocrm_atlas.model.entities import Field, Module

KEY = "id"


@dataclass(frozen=True)
class Column:
    """A column; `field` is None for the key that each record has and no field describes."""

    name: str
    type: str
    comment: str = ""
    required: bool = False
    unique: bool = False
    field: Field | None = None


@dataclass(frozen=True)
class Table:
    """A table; `module` is None for the users that relationships lead to."""

    name: str
    comment: str
    columns: Sequence[Column]
    module: Module | None = None


@dataclass(frozen=True)
class Reference:
    """A column that holds the keys of another table; several records may hold the same."""

    table: str
    column: str
    parent: str
    kind: str


def tables(atlas: Atlas) -> Sequence[Table]:
    """All modules with their fields, and users where relationships lead to them.

    A name that another one of the table has but for case gets a number: databases take them
    for the same.
    """
    found = [_table(atlas, module) for module in atlas.modules]
    names = {table.name for table in found}
    if atlas.incoming(USERS) and USERS not in names:
        columns = (Column(KEY, "text", "The user's id", required=True, unique=True),)
        found.append(Table(USERS, "The organisation's users", columns))
    return found


def references(atlas: Atlas) -> Iterator[Reference]:
    """The relationships between these tables, each once."""
    there = {(table.name, column.name) for table in tables(atlas) for column in table.columns}
    seen = set()
    for each in atlas.snapshot.relationships:
        reference = Reference(each.source, each.field, each.target, each.kind)
        key = (reference.table, reference.column, reference.parent)
        both = (each.source, each.field) in there and (each.target, KEY) in there
        # A subform's records hold the key of their parent, and the parent holds nothing.
        if both and key not in seen and each.kind != "subform":
            seen.add(key)
            yield reference


def _table(atlas: Atlas, module: Module) -> Table:
    columns = [Column(KEY, "bigint", "Zoho's id of the record", required=True, unique=True)]
    columns += [
        Column(
            field.api_name,
            _type(field),
            _comment(field),
            required=field.required,
            unique=field.unique,
            field=field,
        )
        for field in {field.api_name: field for field in atlas.fields(module.api_name)}.values()
        if field.api_name.casefold() != KEY
    ]
    comment = f"{module.label}. {kind_name(module)} module, {module.status.replace('_', ' ')}."
    return Table(module.api_name, f"{comment} {module.description}".strip(), columns, module)


def _type(field: Field) -> str:
    if field.length is not None and field.data_type in {"text", "picklist", "email", "phone"}:
        return f"{field.data_type}({field.length})"
    return field.data_type or "text"


def _comment(field: Field) -> str:
    parts = [field.label, field.description, *field.pii]
    return ". ".join(part for part in parts if part)
