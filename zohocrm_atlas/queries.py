"""SQL for a loaded module: its rows, what they lead to, and what belongs to them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.model.loaded import CHILD_KEY, COMPANION, TOMBSTONE, LoadedTable
from zohocrm_atlas.standards.relational import KEY, Model, Reference, name_column

_USERS_NAME = "full_name"


@dataclass(frozen=True)
class Query:
    """A SELECT, and what it is for."""

    key: str
    title: str
    sql: str


def queries(model: Model, module: str) -> Sequence[Query]:
    """The queries of a module; none if it is not loaded."""
    table = model.atlas.tables.get(module)
    if table is None or not table.has(KEY):
        return ()
    return list(_queries(_Writer(model.atlas, table), model, module))


def _queries(writer: _Writer, model: Model, module: str) -> Iterator[Query]:
    atlas = model.atlas
    yield Query("rows", "Its rows", writer.rows())
    leading = model.from_table(writer.table.name)
    single = [each for each in leading if not each.companion]
    several: defaultdict[str, list[Reference]] = defaultdict(list)
    for each in leading:
        if each.companion:
            several[each.column].append(each)
    if single:
        yield Query("names", "With the names of what it leads to", writer.joined(single))
    for lookup, ways in several.items():
        yield Query(f"by-{lookup}", f"By {lookup}, to several modules", writer.polymorphic(ways))
    for column in writer.table.columns:
        if writer.table.has(f"{column.name}{COMPANION}"):
            title = f"How often {column.name} leads to which module"
            yield Query(f"count-{column.name}", title, writer.counted(f"{column.name}{COMPANION}"))
    for way in atlas.outgoing(module):
        subform = atlas.tables.get(way.target) if way.kind == "subform" else None
        keys = parent_columns(model, module, subform) if subform else []
        if subform and keys:
            title = f"With the rows of {atlas.label(way.target)}"
            yield Query(f"rows-{subform.name}", title, writer.owned(subform, keys[0]))
    for child in atlas.children(module):
        title = f"With its {child.name.removeprefix(f'{module}_').replace('_', ' ')}"
        yield Query(f"child-{child.name}", title, writer.owned(child, CHILD_KEY))


def parent_columns(model: Model, module: str, child: LoadedTable) -> list[str]:
    """The columns of a table that hold the keys of this module's records, and of no others."""
    atlas = model.atlas
    parent = atlas.tables[module].name
    ways = [each for each in model.from_table(child.name) if not each.companion]
    found = [each.column for each in ways if each.parent == parent]
    subforms = {way.target for way in atlas.outgoing(module) if way.kind == "subform"}
    rows = [name for name in subforms if atlas.tables.get(name) == child]
    return found or (["Parent_Id"] if rows and child.has("Parent_Id") else [])


class _Writer:
    """Writes the queries of one table."""

    def __init__(self, atlas: Atlas, table: LoadedTable) -> None:
        self._atlas = atlas
        self._quoted = atlas.dialect.identifier
        self.table = table

    def rows(self) -> str:
        columns = [
            self._of("r", column.name) for column in self.table.columns if column.name != TOMBSTONE
        ]
        return self._select(columns, [])

    def joined(self, ways: Sequence[Reference]) -> str:
        columns, joins = [self._of("r", KEY)], []
        for number, each in enumerate(ways, 1):
            alias = f"r{number}"
            columns.append(self._of("r", each.column))
            if name := self._name_of(each.parent):
                spelt = self._quoted(f"{each.column}_name")
                columns.append(f"{self._of(alias, name)} AS {spelt}")
            joins.append(self._join(alias, each))
        return self._select(columns, joins)

    def polymorphic(self, ways: Sequence[Reference]) -> str:
        first = ways[0]
        columns = [self._of("r", name) for name in (KEY, first.column, first.companion)]
        joins, names = [], []
        for number, each in enumerate(ways, 1):
            alias = f"r{number}"
            if name := self._name_of(each.parent):
                names.append(self._of(alias, name))
            module = self._module_of(each.parent)
            condition = f"{self._of('r', each.companion)} = '{module}'"
            joins.append(f"{self._join(alias, each)}\n  AND {condition}")
        if names:
            spelt = self._quoted(f"{first.column}_name")
            joined = ", ".join(names)
            columns.append(f"{f'COALESCE({joined})' if len(names) > 1 else joined} AS {spelt}")
        return self._select(columns, joins)

    def counted(self, column: str) -> str:
        name = self._of("r", column)
        query = self._select([name, f"COUNT(*) AS {self._quoted('records')}"], [])
        return f"{query}\nGROUP BY {name}\nORDER BY 2 DESC"

    def owned(self, table: LoadedTable, column: str) -> str:
        columns = [self._of("r", KEY)]
        columns += [
            f"{self._of('c', each.name)} AS {self._quoted(f'{table.name}_{each.name}')}"
            for each in table.columns
            if each.name not in {TOMBSTONE, column}
        ]
        join = f"JOIN {self._quoted(table.name)} AS c ON {self._of('c', column)} ="
        condition = f"\n  AND {self._of('c', TOMBSTONE)} IS NULL" if table.has(TOMBSTONE) else ""
        return self._select(columns, [f"{join} {self._of('r', KEY)}{condition}"])

    def _select(self, columns: Sequence[str], joins: Sequence[str]) -> str:
        lines = ["SELECT", ",\n".join(f"  {column}" for column in columns)]
        lines += [f"FROM {self._quoted(self.table.name)} AS r", *joins]
        if self.table.has(TOMBSTONE):
            lines.append(f"WHERE {self._of('r', TOMBSTONE)} IS NULL")
        return "\n".join(lines)

    def _join(self, alias: str, each: Reference) -> str:
        on = f"{self._of(alias, KEY)} = {self._of('r', each.column)}"
        return f"LEFT JOIN {self._quoted(each.parent)} AS {alias} ON {on}"

    def _of(self, alias: str, column: str) -> str:
        return f"{alias}.{self._quoted(column)}"

    def _name_of(self, table: str) -> str:
        loaded = self._atlas.tables_by_name[table]
        if loaded.has(_USERS_NAME):
            return _USERS_NAME
        return name_column(self._atlas, table)

    def _module_of(self, table: str) -> str:
        named = self._atlas.tables.items()
        found = next(module for module, loaded in named if loaded.name == table)
        return found.replace("'", "''")
