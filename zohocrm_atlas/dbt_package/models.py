"""The staging models of an organisation's records: their names, columns and tests."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from zohocrm_atlas.atlas import USERS, Atlas
from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.model.loaded import COMPANION, TOMBSTONE
from zohocrm_atlas.standards.relational import (
    Column,
    Model,
    Reference,
    Table,
    is_key,
    name_column,
)
from zohocrm_atlas.words import free

_TABLES = read_beside(__file__, dict[str, dict[str, str]])
"""What is the same in each package, and what each kind of column is there (`models.json`)."""
METADATA = _TABLES["metadata"]
"""The streams that have staging models in each package."""
_DERIVED = ("profile_permissions", "field_permissions")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_RESERVED = frozenset(Path(__file__).with_name("reserved_words.txt").read_text("utf-8").split())
_TYPES = _TABLES["types"]
_LONGEST = 45
_CHOICES = 250


@dataclass(frozen=True)
class StagingColumn:
    """A column of a staging model.

    Attributes:
        source: What the loaded table calls it.
        name: What it is called here.
        type: One of the types of the macro `zohocrm_null`.
        parent: The model that it leads to; empty if none, or if it leads to several.
        values: What the picklist offers or has offered.
    """

    source: str
    name: str
    type: str
    description: str
    values: Sequence[str] = ()
    parent: str = ""


@dataclass(frozen=True)
class NameColumn:
    """A column with the name of what a key leads to.

    Attributes:
        key: The loaded column that holds the key.
        table: The loaded table that has the name.
        source: The column there.
        origin: The dbt source of that table.
    """

    key: str
    name: str
    table: str
    source: str
    origin: str
    description: str


@dataclass(frozen=True)
class StagingModel:
    """The staging model of a loaded table; `keys` are its key's columns."""

    name: str
    table: str
    label: str
    description: str
    keys: Sequence[str]
    columns: Sequence[StagingColumn]
    names: Sequence[NameColumn]


def staging_models(loaded: Model) -> list[StagingModel]:
    """A model for each loaded table of records.

    Names with other signs than letters, digits and underscores are left out: Zoho makes none, and
    they would be code in dbt's files.
    """
    taken = {f"stg_zohocrm__{name}" for name in (*METADATA, *_DERIVED)}
    found = [each for each in loaded.tables if each.name != USERS and _is_word(each.name)]
    names = {
        each.name: free(f"stg_zohocrm__{_snake(each.name)[:_LONGEST]}", taken) for each in found
    }
    return [_model(loaded, table, names) for table in found]


def plain(words: str) -> str:
    """The words, with nothing in them that dbt would run as a template."""
    return re.sub(r"\{(?=[{%#])", "{ ", words)


def _model(loaded: Model, table: Table, models: Mapping[str, str]) -> StagingModel:
    atlas, leading = loaded.atlas, loaded.from_table(table.name)
    taken: set[str] = set()
    spelt: dict[str, str] = {}
    columns, names = [], []
    for column in table.columns:
        if column.name == TOMBSTONE or not _is_word(column.name):
            continue
        to = [each for each in leading if each.column == column.name]
        one = to[0] if len(to) == 1 and not to[0].companion else None
        base = _base(column, spelt)
        name = free(base if base != column.name else _snake(column.name)[:_LONGEST], taken)
        spelt[column.name] = name
        parent = models.get(one.parent, "") if one else ""
        values = () if to else _values(atlas, column)
        words = plain(column.comment)
        columns.append(StagingColumn(column.name, name, _TYPES[column.kind], words, values, parent))
        if one and (found := _name_column(atlas, one)):
            called = free(f"{name.removesuffix('_id')}_name", taken)
            names.append(dataclasses.replace(found, name=called, description=f"Name of {name}."))
    keys = [spelt[key] for key in table.keys if key in spelt]
    label = table.module.label if table.module else table.name
    words = table.module.description if table.module else table.comment
    return StagingModel(models[table.name], table.name, label, words, keys, columns, names)


def _base(column: Column, spelt: Mapping[str, str]) -> str:
    """What a key is called: `account_id` where Zoho says Account_Name; others as they are."""
    companion = column.name.removesuffix(COMPANION)
    if companion != column.name and companion in spelt:
        return f"{spelt[companion].removesuffix('_id')}{COMPANION}"
    field = column.field
    if field is None or column.kind != "string" or not is_key(field):
        return column.name
    stem = _snake(column.name).removesuffix("_name").removesuffix("_id")[:_LONGEST]
    return f"{stem}_id"


def _name_column(atlas: Atlas, reference: Reference) -> NameColumn | None:
    """The name of what this leads to, if that is loaded and has one."""
    parent = reference.parent
    if parent == USERS:
        found = "full_name" if atlas.tables[USERS].has("full_name") else ""
        return NameColumn(reference.column, "", USERS, found, "metadata", "") if found else None
    found = name_column(atlas, parent)
    if not found or not _is_word(parent):
        return None
    return NameColumn(reference.column, "", parent, found, "records", "")


def _values(atlas: Atlas, column: Column) -> Sequence[str]:
    field = column.field
    offered = atlas.values(field.id) if field and field.data_type == "picklist" else ()
    values = sorted({word for each in offered for word in (each.label, each.value) if word})
    # dbt would run what looks like a template.
    testable = len(values) <= _CHOICES and all(plain(value) == value for value in values)
    return values if testable else ()


def _is_word(name: str) -> bool:
    return _WORD.fullmatch(name) is not None


def _snake(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    snake = re.sub(r"_+", "_", words).strip("_").lower() or "unnamed"
    return f"{snake}_" if snake in _RESERVED else snake if snake[0].isalpha() else f"n_{snake}"
