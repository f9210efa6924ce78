"""`model.dbml`: https://dbml.dbdiagram.io/docs."""

from __future__ import annotations

from collections.abc import Iterator

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.standards.relational import KEY, Column, references, tables


def dbml(atlas: Atlas) -> str:
    """The whole model as DBML."""
    return "\n".join(_lines(atlas))


def _lines(atlas: Atlas) -> Iterator[str]:
    yield f"Project {_name(atlas.name)} {{"
    yield "  database_type: 'Zoho CRM'"
    yield f"  Note: {_text(f'Read {atlas.snapshot.read_at}')}"
    yield "}"
    for table in tables(atlas):
        yield ""
        yield f"Table {_name(table.name)} {{"
        for column in table.columns:
            yield f"  {_name(column.name)} {_name(column.type)} [{', '.join(_settings(column))}]"
        yield f"  Note: {_text(table.comment)}"
        yield "}"
    yield ""
    for each in references(atlas):
        yield (f"Ref: {_name(each.table)}.{_name(each.column)} > {_name(each.parent)}.{_name(KEY)}")
    yield ""


def _settings(column: Column) -> Iterator[str]:
    if column.name == KEY:
        yield "pk"
    if column.required:
        yield "not null"
    if column.unique and column.name != KEY:
        yield "unique"
    yield f"note: {_text(column.comment)}"


def _name(name: str) -> str:
    # DBML knows no way to write a quotation mark in a name.
    return '"' + " ".join(name.replace('"', "'").split()).replace("\\", "/") + '"'


def _text(words: str) -> str:
    escaped = " ".join(words.split()).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
