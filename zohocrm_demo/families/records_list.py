"""Get Records: `GET /crm/v8/{module}`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from itertools import islice
from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer
from zohocrm_demo.errors import ZohoError, limit_exceeded, required_param_missing
from zohocrm_demo.families.modified_since import HEADER, modified_since
from zohocrm_demo.families.records_access import readable_module
from zohocrm_demo.families.records_filters import record_test
from zohocrm_demo.families.records_shown import field_names, in_lists
from zohocrm_demo.families.records_tokens import Position, page_token, read_page_token
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.records.json_text import exact_json_answer
from zohocrm_demo.organisation.records.table import By, sort_key
from zohocrm_demo.organisation.records.times import seconds, written

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zohocrm_demo.organisation.records import Record
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

MOST_FIELDS = 50
MOST_PER_PAGE = 200
MOST_BY_PAGE = 2_000
MOST_BY_TOKEN = 100_000
_SORTABLE: tuple[By, ...] = ("id", "Created_Time", "Modified_Time")
_UNBOUND = frozenset({"page", "page_token"})


def list_cost(context: Context) -> Cost:
    """One credit, three with a custom view; a view and a sort order take a costly slot, too."""
    by_view = "cvid" in context.params
    return Cost(3 if by_view else 1, sub_concurrent=by_view or "sort_by" in context.params)


def list_records(context: Context) -> Answer:
    """One page of records; 204 without any, 304 when none has changed since If-Modified-Since.

    Raises:
        ZohoError: 400 INVALID_MODULE, REQUIRED_PARAM_MISSING, LIMIT_EXCEEDED, INVALID_DATA,
            AMBIGUITY_DURING_PROCESSING, DISCRETE_PAGINATION_LIMIT_EXCEEDED,
            PAGINATION_LIMIT_EXCEEDED, TOKEN_BOUND_DATA_MISMATCH, EXPIRED_VALUE; 403 NO_PERMISSION.
    """
    module = readable_module(context)
    store = context.organisation.records
    name = module["api_name"]
    fields = _asked_fields(context, name)
    _refuse_ambiguity(context)
    page = _Page.of(context)
    with store.lock:
        found = _records(context, module, page)
        shown = list(islice(found, page.size + 1))
        if not shown:
            unchanged = _since(context, module) is not None and page.served == 0
            return NOT_MODIFIED if unchanged else NO_CONTENT
        more = len(shown) > page.size
        del shown[page.size :]
        show = in_lists(store, name, fields)
        rows = [show(record) for record in shown]
    return exact_json_answer({"data": rows, "info": _info(context, page, shown, more=more)})


@dataclass(frozen=True, slots=True)
class _Page:
    by: By
    descending: bool
    size: int
    served: int
    position: Position | None

    @classmethod
    def of(cls, context: Context) -> _Page:
        params = context.params
        size = int(params.get("per_page", MOST_PER_PAGE))
        by = next(key for key in _SORTABLE if key == params.get("sort_by", "id"))
        descending = params.get("sort_order", "desc") == "desc"
        if "page_token" in params:
            position = read_page_token(params["page_token"], _call(context), context.now)
            if position.served >= MOST_BY_TOKEN:
                raise ZohoError(
                    400,
                    "PAGINATION_LIMIT_EXCEEDED",
                    "Pagination limit exceeded: at most 100000 records can be fetched",
                    {"param_name": "page_token", "limit": MOST_BY_TOKEN},
                )
            return cls(by, descending, size, position.served, position)
        page = int(params.get("page", "1"))
        refuse_deep_pages(page, size)
        return cls(by, descending, size, (page - 1) * size, None)


def refuse_deep_pages(page: int, size: int) -> None:
    """Without a token nothing beyond the first 2,000 records is to be had.

    Raises:
        ZohoError: 400 DISCRETE_PAGINATION_LIMIT_EXCEEDED; `details.limit`.
    """
    if page * size > MOST_BY_PAGE:
        raise ZohoError(
            400,
            "DISCRETE_PAGINATION_LIMIT_EXCEEDED",
            "You can only get the first 2000 records without using page_token param.",
            {"limit": MOST_BY_PAGE},
        )


def _asked_fields(context: Context, module: str) -> tuple[str, ...]:
    text = context.params.get("fields", "")
    if not text:
        raise required_param_missing("fields")
    if text.count(",") >= MOST_FIELDS:
        raise limit_exceeded("fields", MOST_FIELDS)
    return field_names(text, context.organisation.records.fields(module))


def _refuse_ambiguity(context: Context) -> None:
    for pair in (("page", "page_token"), ("cvid", "sort_by")):
        if all(name in context.params for name in pair):
            raise ZohoError(
                400,
                "AMBIGUITY_DURING_PROCESSING",
                f"Please use either {pair[0]} or {pair[1]}, not both",
                {"ambiguity_due_to": [{"param_name": name} for name in pair]},
            )


def _records(context: Context, module: Row, page: _Page) -> Iterator[Record]:
    store = context.organisation.records
    table = store.table(module["api_name"])
    test = record_test(context, module)
    since = _since(context, module)
    if since is None:
        bounds = {} if store.positional_tokens else _bounds(page)
        found = table.scan(page.by, descending=page.descending, **bounds)
    else:
        found = table.changed_since(since, page.by, descending=page.descending)
    found = (record for record in found if test(record))
    if page.position is None or store.positional_tokens:
        return islice(found, page.served, None)
    return _after(found, page, page.position)


def _bounds(page: _Page) -> dict[str, int | None]:
    # Only to get there sooner; rows without Modified_Time sort first, so a bound would lose them.
    if page.position is None or page.by == "Modified_Time":
        return {}
    key = page.position.after[0]
    return {"high": key + 1} if page.descending else {"low": key}


def _after(found: Iterator[Record], page: _Page, position: Position) -> Iterator[Record]:
    for record in found:
        key = sort_key(record, page.by)
        if key < position.after if page.descending else key > position.after:
            yield record


def _since(context: Context, module: Row) -> int | None:
    # A module without Modified_Time has nothing to hold against the header.
    since = modified_since(context)
    known = context.organisation.records.fields(module["api_name"])
    return None if since is None or "Modified_Time" not in known else seconds(since)


def _call(context: Context) -> str:
    bound = {name: value for name, value in context.params.items() if name not in _UNBOUND}
    user = context.organisation.users[0]["id"]
    header = context.headers.get(HEADER.lower())
    parts = [id(context.organisation.records), user, context.variables["module"], header, bound]
    return json.dumps(parts, sort_keys=True)


def _info(context: Context, page: _Page, shown: list[Record], *, more: bool) -> dict[str, Any]:
    expiry = token = None
    if more:
        position = Position(sort_key(shown[-1], page.by), page.served + len(shown))
        token, ends = page_token(position, _call(context), context.now)
        expiry = written(ends, context.organisation.records.zone)
    return {
        "per_page": page.size,
        "count": len(shown),
        "page": page.served // page.size + 1,
        "sort_by": page.by,
        "sort_order": "desc" if page.descending else "asc",
        "more_records": more,
        "next_page_token": token,
        # Nothing is documented that would tell what it is good for.
        "previous_page_token": None,
        "page_token_expiry": expiry,
    }
