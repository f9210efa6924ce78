"""Rows and pages of them, and the handler that answers what the table of calls says.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any, TypeAlias, TypeVar

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.organisation.records.times import read_instant
from zohocrm_demo.organisation.references import Row

T = TypeVar("T")

SINCE = "If-Modified-Since"
_ROWS_ON_A_PAGE = 200


def content_named(context: Context, name: str) -> Any:
    """The list or object of this name; where there is one for each thing, that of the one named."""
    content = context.organisation.content(name)
    named = [context.variables[variable] for variable in context.known]
    key = named[-1] if named else context.module_name
    return content.get(key) if isinstance(content, dict) and key is not None else content


def rows_named(context: Context, name: str) -> list[Row]:
    """The rows of that list; of the call's module alone, if the call names one."""
    content = content_named(context, name) or []
    rows: list[Row] = content if isinstance(content, list) else [content]
    of_one_module = bool(rows) and "module" in rows[0]
    if (
        context.module is None
        or not of_one_module
        or isinstance(context.organisation.content(name), dict)
    ):
        return rows
    return [row for row in rows if row["module"]["api_name"] == context.module_name]


def page(
    context: Context,
    key: str,
    rows: list[Row],
    size: int | None = None,
    *,
    total: bool = False,
    **more: Any,
) -> Answer:
    """The page that `page` and `per_page` ask for; 204 if it is empty."""
    return page_of(context, key, rows, lambda row: row, size, total=total, **more)


def page_of(  # noqa: PLR0913 (what `page` takes, and how rows are shown)
    context: Context,
    key: str,
    found: Sequence[T],
    shown: Callable[[T], Row],
    size: int | None = None,
    *,
    total: bool = False,
    **more: Any,
) -> Answer:
    """The same of what becomes rows as `shown` says, which is asked for this page alone."""
    number = int(context.params.get("page", "1"))
    size = int(context.params.get("per_page", size or _ROWS_ON_A_PAGE))
    rows = [shown(one) for one in found[(number - 1) * size : number * size]]
    info = {"per_page": size, "count": len(rows), "page": number}
    info |= {"more_records": number * size < len(found), **more}
    told = {"total_count": len(found)} if total else info
    return json_answer({key: rows, "info": told}) if rows else NO_CONTENT


def pick(rows: Iterable[Row], wanted: str, *by: str) -> Row | None:
    """The row with this id, or with this value of another key, or None."""
    return next((row for row in rows for key in by or ("id",) if row[key] == wanted), None)


def existing(rows: Iterable[Row], wanted: str, path_index: int, *by: str) -> Row:
    """The row with this id; 400 INVALID_DATA with this `resource_path_index` if there is none."""
    row = pick(rows, wanted, *by)
    if row is None:
        message = "the id given seems to be invalid"
        raise ZohoError("INVALID_DATA", message, resource_path_index=path_index)
    return row


def known_param(context: Context, name: str, rows: Iterable[Row]) -> str | None:
    """The id in a parameter; None if the call doesn't have it."""
    wanted = context.params.get(name)
    if wanted is not None and pick(rows, wanted) is None:
        what = "layout id" if name == "layout_id" else "id"
        raise ZohoError("INVALID_DATA", f"the {what} given seems to be invalid", param_name=name)
    return wanted


def modified_since(context: Context) -> int | None:
    """If-Modified-Since in seconds since 1970; 400 INVALID_DATA, None without such a header."""
    text = context.headers.get(SINCE.lower())
    since = None if text is None else read_instant(text)
    if text is not None and since is None:
        raise ZohoError("INVALID_DATA", header_name=SINCE)
    return since


def without(row: Mapping[str, Any], keys: Iterable[str]) -> Row:
    """The row less some keys."""
    dropped = frozenset(keys)
    return {key: value for key, value in row.items() if key not in dropped}


Keep: TypeAlias = "Callable[[Context, Row, str], bool]"


@dataclass(frozen=True, slots=True, kw_only=True)
class GenericHandler:
    """Answers one call; the head of `data/routes.yaml` says what the other attributes do."""

    shape: str  # `all`, `page`, `object` or `count`
    key: str
    name: str  # the organisation's list, or object
    source: Callable[[Context], Any] | None  # makes the rows, or the object
    keeps: Mapping[str, Keep]  # the parameters that rows are kept by
    path: str
    known: Mapping[str, str]  # lists (and keys) by the variables in the path
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
            rows = [
                row for row, at in timed if at and datetime.fromisoformat(at).timestamp() >= since
            ]
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
        value = value_at(row, path)
        return value is not None and wanted == (
            str(value).lower() if isinstance(value, bool) else str(value)
        )

    return keep


def value_at(row: Row, path: str) -> Any:
    """The value at a dotted path; None where the way there ends."""
    value: Any = row
    for key in path.split("."):
        value = None if value is None else value[key]
    return value


def is_among(context: Context, row: Row, ids: str) -> bool:
    """Whether the comma list of a call's parameter has the row's id."""
    del context
    return row["id"] in ids.split(",")
