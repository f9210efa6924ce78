"""Answers made of what the table of calls says: rows found, kept, sorted, shown."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer, json_answer
from zohocrm_demo.errors import invalid_id
from zohocrm_demo.families.modified_since import changed, modified_since
from zohocrm_demo.families.rows import Row, content_named, page, pick, rows_named, without

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

Source: TypeAlias = "Callable[[Context], Any]"
Keep: TypeAlias = "Callable[[Context, Row, str], bool]"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericHandler:
    """Answers one call; the head of `data/routes.yaml` says what the attributes do.

    Attributes:
        shape: `all`, `page`, `one` or `object`.
        source: Makes the rows, or the object.
        keeps: The parameters that rows are kept by.
    """

    shape: str
    key: str
    source: Source
    keeps: Mapping[str, Keep] = field(default_factory=dict)
    without: Sequence[str] = ()
    only: Sequence[str] = ()
    page_size: int | None = None
    info: Mapping[str, Any] = field(default_factory=dict)
    since: str | None = None
    by: str = "id"
    unknown: int | None = None

    def __call__(self, context: Context) -> Answer:
        """Answer the call."""
        if self.shape == "object":
            found = self.source(context)
            return json_answer({self.key: found}) if found else NO_CONTENT
        rows = self._kept(context)
        if self.shape == "one":
            row = pick(rows, context.variables["one"], self.by)
            if row is None and self.unknown is not None:
                raise invalid_id(self.unknown)
            rows = [] if row is None else [row]
        if not rows:
            return NO_CONTENT
        if self.since is not None:
            rows = changed(rows, modified_since(context), self.since)
            if not rows:
                return NOT_MODIFIED
        shown = [self._shown(row) for row in _in_order(context, rows)]
        if self.shape != "page":
            return json_answer({self.key: shown})
        if self.page_size is not None:
            params = {"per_page": str(self.page_size), **context.params}
            context = replace(context, params=params)
        return page(context, self.key, shown, **self.info)

    def _kept(self, context: Context) -> list[Row]:
        rows: list[Row] = self.source(context)
        asked = [(keep, context.params.get(name)) for name, keep in self.keeps.items()]
        tests = [(keep, value) for keep, value in asked if value is not None]
        return [row for row in rows if all(keep(context, row, value) for keep, value in tests)]

    def _shown(self, row: Row) -> Row:
        if self.only:
            return {key: row[key] for key in self.only}
        return without(row, self.without) if self.without else row


def content_source(shape: str, name: str) -> Source:
    """Takes what the organisation has by this name."""
    if shape == "object":
        return lambda context: content_named(context, name)
    return lambda context: rows_named(context, name)


def keep_by(path: str) -> Keep:
    """Keeps rows whose value at a dotted path is what the parameter says."""
    keys = path.split(".")

    def keep(context: Context, row: Row, wanted: str) -> bool:
        del context
        value: Any = row
        for key in keys:
            value = None if value is None else value[key]
        if isinstance(value, bool):
            return wanted == str(value).lower()
        return value is not None and wanted == str(value)

    return keep


def _in_order(context: Context, rows: list[Row]) -> list[Row]:
    # Of texts; rows without a value come last. Unless sort_order says so, the latest comes first.
    if "sort_by" not in context.params:
        return rows
    # Zoho spells the same key Modified_Time for webhooks and modified_time for the others.
    key = context.params["sort_by"].lower()
    known = [row for row in rows if row[key] is not None]
    down = context.params.get("sort_order", "desc") == "desc"
    known.sort(key=lambda row: str(row[key]), reverse=down)
    return [*known, *(row for row in rows if row[key] is None)]
