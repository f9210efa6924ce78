"""`model.dbml`: https://dbml.dbdiagram.io/docs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.groups import groups_of
from zohocrm_atlas.standards.relational import KEY, Column, Model, Table

_CHOICES = 250
_LONGEST_CHOICE = 63
"""Bytes that PostgreSQL takes for a value of an enum."""


def dbml(model: Model) -> str:
    """What is loaded as DBML, picklists as enums, modules in groups."""
    return "\n".join(_lines(model))


def _lines(model: Model) -> Iterator[str]:
    atlas = model.atlas
    yield f"Project {_name(atlas.name)} {{"
    yield f"  database_type: {_text(atlas.dialect.title)}"
    yield f"  Note: {_text(f'Zoho CRM, read {atlas.snapshot.read_at}')}"
    yield "}"
    for table in model.tables:
        for column in table.columns:
            if choices := _choices(atlas, column):
                yield ""
                yield f"Enum {_enum(table, column)} {{"
                yield from (f"  {_name(choice)}" for choice in choices)
                yield "}"
    for table in model.tables:
        yield ""
        yield f"Table {_name(table.name)} {{"
        for column in table.columns:
            kind = _type(atlas, table, column)
            yield f"  {_name(column.name)} {kind} [{_settings(table, column)}]"
        if len(table.keys) > 1:
            yield f"  indexes {{\n    ({', '.join(map(_name, table.keys))}) [pk]\n  }}"
        yield f"  Note: {_text(table.comment)}"
        yield "}"
    yield ""
    for each in model.references:
        yield f"Ref: {_name(each.table)}.{_name(each.column)} > {_name(each.parent)}.{_name(KEY)}"
    yield from _groups(atlas)
    yield ""


def _groups(atlas: Atlas) -> Iterator[str]:
    for title, modules in groups_of(atlas).items():
        loaded = [atlas.tables[each.api_name] for each in modules if each.api_name in atlas.tables]
        if loaded:
            yield ""
            yield f"TableGroup {_name(title)} {{"
            yield from (f"  {_name(table.name)}" for table in loaded)
            yield "}"


def _choices(atlas: Atlas, column: Column) -> Sequence[str]:
    """What a picklist holds as loaded; none where a database could not have it as an enum."""
    field = column.field
    if field is None or column.kind != "string" or field.data_type != "picklist":
        return ()
    words = dict.fromkeys(value.value or value.label for value in atlas.values(field.id))
    writable = all(
        '"' not in word
        and "\\" not in word
        and word == " ".join(word.split())
        and len(word.encode()) <= _LONGEST_CHOICE
        for word in words
    )
    return tuple(words) if words and writable and len(words) <= _CHOICES else ()


def _type(atlas: Atlas, table: Table, column: Column) -> str:
    if _choices(atlas, column):
        return _enum(table, column)
    plain = atlas.dialect.type_of(column.kind, plain=True)
    return plain if plain.removesuffix("[]").isidentifier() else _name(plain)


def _enum(table: Table, column: Column) -> str:
    return _name(f"{table.name}.{column.name}")


def _settings(table: Table, column: Column) -> str:
    words = ["pk"] if column.unique else ["not null"] if column.name in table.keys else []
    return ", ".join([*words, f"note: {_text(column.comment)}"])


def _name(name: str) -> str:
    # DBML knows no way to write a quotation mark in a name.
    return '"' + " ".join(name.replace('"', "'").split()).replace("\\", "/") + '"'


def _text(words: str) -> str:
    escaped = " ".join(words.split()).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
