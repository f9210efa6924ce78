"""Answers made of what the table of calls says: rows found, kept, sorted, shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer, json_answer
from zohocrm_demo.families.rows import (
    content_named,
    existing,
    modified_since,
    page,
    pick,
    rows_named,
    without,
)
from zohocrm_demo.organisation.records.times import read_instant

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

Keep: TypeAlias = "Callable[[Context, Row, str], bool]"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericHandler:
    """Answers one call; the head of `data/routes.yaml` says what the other attributes do.

    Attributes:
        shape: `all`, `page`, `object` or `count`.
        name: The organisation's list, or object.
        source: Makes the rows or the object, where they aren't simply that.
        keeps: The parameters that rows are kept by.
        path: The call's path.
        known: By the variables in the middle of the path, the lists (and keys) that they are of.
    """

    shape: str
    key: str
    name: str
    source: Callable[[Context], Any] | None
    keeps: Mapping[str, Keep]
    path: str
    known: Mapping[str, str]
    without: Sequence[str] = ()
    only: Sequence[str] = ()
    demand: Sequence[str] = ()
    brief: Sequence[str] = ()
    page_size: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    total: bool = False
    since: str | None = None
    sort: Sequence[str] = ()
    order: str | None = None
    by: Sequence[str] = ("id",)
    unknown: bool = False

    def __call__(self, context: Context) -> Answer:
        """Answer the call."""
        for variable, place in self.known.items():
            name, _, key = place.partition(".")
            wanted, index = context.variables[variable], self._index(variable)
            row = existing(rows_named(context, name), wanted, index, *filter(None, [key]))
            context = replace(context, known={**context.known, variable: row})
        if self.shape == "object":
            found = self.source(context) if self.source else content_named(context, self.name)
            return json_answer({self.key: self._shown(context, found)}) if found else NO_CONTENT
        rows = self._rows(context)
        if self.shape == "count":
            return json_answer({"count": len(rows)})
        if not rows:
            return NO_CONTENT
        since = modified_since(context) if self.since else None
        if self.since and since is not None:
            # The bound is included, as airbyte found out.
            timed = [(row, row[self.since]) for row in rows]
            rows = [row for row, at in timed if at and datetime.fromisoformat(at) >= since]
            if not rows:
                return NOT_MODIFIED
        return self._answer(context, [self._shown(context, row) for row in rows])

    def _answer(self, context: Context, rows: list[Row]) -> Answer:
        info = {key: len(rows) if value == "rows" else value for key, value in self.info.items()}
        if self.shape == "all":
            return json_answer({self.key: rows, **({"info": info} if info else {})})
        return page(context, self.key, rows, self.page_size, total=self.total, **info)

    def _rows(self, context: Context) -> list[Row]:
        rows: list[Row] = self.source(context) if self.source else rows_named(context, self.name)
        asked = [(keep, context.params.get(name)) for name, keep in self.keeps.items()]
        tests = [(keep, value) for keep, value in asked if value is not None]
        rows = [row for row in rows if all(keep(context, row, value) for keep, value in tests)]
        if not self.path.endswith("{one}"):
            return self._in_order(context, rows)
        wanted = context.variables["one"]
        if self.unknown:
            return [existing(rows, wanted, self._index("one"), *self.by)]
        row = pick(rows, wanted, *self.by)
        return [] if row is None else [row]

    def _in_order(self, context: Context, rows: list[Row]) -> list[Row]:
        # Rows without a value come last. Unless sort_order says so, the latest comes first.
        key = context.params.get("sort_by", self.order) if self.sort else None
        if key is None:
            return rows
        # Zoho spells the same key Modified_Time for webhooks and modified_time for the others.
        key = key.lower()
        known = [row for row in rows if row[key] is not None]
        down = context.params.get("sort_order", "desc") == "desc"
        known.sort(key=lambda row: read_instant(row[key]) or row[key], reverse=down)
        return [*known, *(row for row in rows if row[key] is None)]

    def _shown(self, context: Context, row: Row) -> Row:
        only = self.brief if self.brief and "fields" in context.params else self.only
        if only:
            return {key: row[key] for key in only}
        asked = context.params.get("include", "").split(",")
        return without(row, [*self.without, *(key for key in self.demand if key not in asked)])

    def _index(self, variable: str) -> int:
        # Of /crm/v8/settings/roles/{one} it is 2.
        return self.path.split("/")[3:].index(f"{{{variable}}}")


def keep_by(path: str) -> Keep:
    """Keeps rows whose value at a dotted path is what the parameter says."""

    def keep(context: Context, row: Row, wanted: str) -> bool:
        del context
        value: Any = row
        for key in path.split("."):
            value = None if value is None else value[key]
        if isinstance(value, bool):
            return wanted == str(value).lower()
        return value is not None and wanted == str(value)

    return keep


def is_among(context: Context, row: Row, ids: str) -> bool:
    """Whether the comma list of a call's parameter has the row's id."""
    del context
    return row["id"] in ids.split(",")
