"""What is loaded, as tables and references: what the formats of models have in common."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zohocrm_atlas.atlas import TO_USERS, USERS, Atlas
from zohocrm_atlas.intake.collector import RECORDS
from zohocrm_atlas.kinds import kind_name
from zohocrm_atlas.model.entities import Field, Module, Relationship
from zohocrm_atlas.model.loaded import CHILD_KEY, COMPANION, LoadedColumn, LoadedTable

KEY = "id"


@dataclass(frozen=True, slots=True)
class Column:
    """A column; `field` is None where no field describes it."""

    name: str
    kind: str
    type: str
    comment: str = ""
    required: bool = False
    unique: bool = False
    field: Field | None = None


@dataclass(frozen=True)
class Table:
    """A table; `module` is None for users and for lists of records.

    Attributes:
        keys: The columns of its primary key.
    """

    name: str
    comment: str
    columns: Sequence[Column]
    keys: Sequence[str]
    module: Module | None = None


@dataclass(frozen=True)
class Reference:
    """A column that holds the keys of another table; several records may hold the same.

    Attributes:
        companion: The column that says whether it is that table; empty if it leads to one only.
    """

    table: str
    column: str
    parent: str
    kind: str
    companion: str = ""


class Model:
    """What is loaded of an atlas, worked out once for all that is written of it.

    Attributes:
        tables: Modules first, and users where something leads to them.
        references: What leads from one of the tables to another, each once.
    """

    def __init__(self, atlas: Atlas) -> None:
        self.atlas = atlas
        ordered = [each.api_name for each in atlas.modules if each.api_name in atlas.tables]
        ordered += [name for name in atlas.tables if atlas.module(name) is None]
        self.tables: Sequence[Table] = [_table(atlas, atlas.tables[name], name) for name in ordered]
        self.references: Sequence[Reference] = list(_references(atlas))
        self._from: defaultdict[str, list[Reference]] = defaultdict(list)
        self._to: defaultdict[str, list[Reference]] = defaultdict(list)
        for each in self.references:
            self._from[each.table].append(each)
            self._to[each.parent].append(each)

    def from_table(self, name: str) -> Sequence[Reference]:
        """What leads from this table."""
        return self._from.get(name, ())

    def around(self, name: str) -> Sequence[Reference]:
        """What leads from this table, and then what leads to it from others."""
        to = (each for each in self._to.get(name, ()) if each.table != name)
        return [*self.from_table(name), *to]


def is_key(field: Field) -> bool:
    """Whether a field holds the key of something."""
    return field.data_type.endswith("lookup") or bool(field.target)


def name_column(atlas: Atlas, table: str) -> str:
    """The column by which people know a record of this table; empty if none is known."""
    there = {column.name for column in atlas.tables_by_name[table].columns}
    module = atlas.module(table.removesuffix(RECORDS)) or atlas.module(table)
    single = re.sub(r"\W+", "_", module.singular_label) if module else ""
    likely = ("Full_Name", "Last_Name", f"{single}_Name", f"{table[:-1]}_Name", "Name", "Subject")
    return next((name for name in likely if name in there), "")


def _references(atlas: Atlas) -> Iterator[Reference]:
    yield from _by_fields(atlas)
    for module in atlas.modules:
        for child in atlas.children(module.api_name) if module.api_name in atlas.tables else ():
            yield Reference(child.name, CHILD_KEY, atlas.tables[module.api_name].name, "child")


def _by_fields(atlas: Atlas) -> Iterator[Reference]:
    ways = [(each.source, each.field, each.target, each.kind) for each in _known_ways(atlas)]
    named = {(source, field) for source, field, _, _ in ways}
    ways += [way for way in _ways_by_related_lists(atlas) if way[:2] not in named]
    seen = set()
    for module, field, target, kind in ways:
        source, parent = atlas.tables.get(module), atlas.tables.get(target)
        if source is None or parent is None or not parent.has(KEY):
            continue
        column = next((found for found in source.columns if found.name == field), None)
        key = (source.name, field, parent.name)
        if column is None or column.kind != "string" or key in seen:
            continue
        seen.add(key)
        companion = f"{field}{COMPANION}"
        said = companion if source.has(companion) and kind not in TO_USERS else ""
        yield Reference(source.name, field, parent.name, kind, said)


def _known_ways(atlas: Atlas) -> Iterator[Relationship]:
    # A subform's records hold the key of their parent, and the parent holds nothing.
    return (each for each in atlas.snapshot.relationships if each.kind != "subform")


def _ways_by_related_lists(atlas: Atlas) -> Iterator[tuple[str, str, str, str]]:
    """Where a lookup leads of which Zoho does not say it: to the modules that list its records."""
    parents: defaultdict[str, list[str]] = defaultdict(list)
    for item in atlas.items("related_lists"):
        parents[item.facts.get("Shows", "")].append(item.module)
    for module, table in atlas.tables.items():
        there = {column.name for column in table.columns}
        for column in table.columns:
            if f"{column.name}{COMPANION}" in there:
                for parent in dict.fromkeys(parents[module]):
                    yield module, column.name, parent, "lookup"


def _table(atlas: Atlas, table: LoadedTable, name: str) -> Table:
    fields = {field.api_name: field for field in atlas.fields(name)}
    columns = [_column(atlas, table, column, fields) for column in table.columns]
    module = atlas.module(name)
    keys = [key for key in table.keys if table.has(key)]
    if module is None:
        words = "The organisation's users." if name == USERS else "A list of records."
        return Table(table.name, words, columns, keys)
    words = f"{module.label}. {kind_name(module)} module, {module.status.replace('_', ' ')}."
    return Table(table.name, f"{words} {module.description}".strip(), columns, keys, module)


def _column(
    atlas: Atlas, table: LoadedTable, column: LoadedColumn, fields: dict[str, Field]
) -> Column:
    is_key = table.keys == (column.name,)
    field = fields.get(column.name)
    words = column.words
    if field is not None:
        parts = (field.label, field.description, *field.pii)
        words = ". ".join(part for part in parts if part)
    return Column(
        column.name,
        column.kind,
        atlas.dialect.type_of(column.kind),
        words,
        required=column.name in table.keys,
        unique=is_key,
        field=field,
    )
