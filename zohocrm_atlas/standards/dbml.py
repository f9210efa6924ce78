"""`model.dbml`: https://dbml.dbdiagram.io/docs. Its frame is `templates/model.dbml.j2`."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.groups import groups_of
from zohocrm_atlas.standards.relational import KEY, Column, Model, Table
from zohocrm_atlas.text_templates import text_templates

_CHOICES = 250
_LONGEST_CHOICE = 63
"""Bytes that PostgreSQL takes for a value of an enum."""


def dbml(model: Model) -> str:
    """What is loaded as DBML, picklists as enums, modules in groups."""
    atlas = model.atlas
    templates = text_templates(
        "zohocrm_atlas.standards",
        name=_name,
        text=_text,
        choices=partial(_choices, atlas),
        type=partial(_type, atlas),
        enum=_enum,
        settings=_settings,
    )
    groups = {
        title: [atlas.tables[each.api_name] for each in modules if each.api_name in atlas.tables]
        for title, modules in groups_of(atlas).items()
    }
    return templates.get_template("model.dbml.j2").render(model=model, groups=groups, key=KEY)


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


def _type(atlas: Atlas, column: Column, table: Table) -> str:
    if _choices(atlas, column):
        return _enum(column, table)
    plain = atlas.dialect.type_of(column.kind, plain=True)
    return plain if plain.removesuffix("[]").isidentifier() else _name(plain)


def _enum(column: Column, table: Table) -> str:
    return _name(f"{table.name}.{column.name}")


def _settings(column: Column, table: Table) -> str:
    words = ["pk"] if column.unique else ["not null"] if column.name in table.keys else []
    return ", ".join([*words, f"note: {_text(column.comment)}"])


def _name(name: str) -> str:
    # DBML knows no way to write a quotation mark in a name.
    return '"' + " ".join(name.replace('"', "'").split()).replace("\\", "/") + '"'


def _text(words: str) -> str:
    escaped = " ".join(words.split()).replace("\\", "\\\\").replace("'", "\\'")
    return f"'{escaped}'"
