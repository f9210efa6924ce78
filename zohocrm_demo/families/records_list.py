"""Get Records: `GET /crm/v8/{module}`, its pages and its page tokens.

Tokens are opaque to the client, bound to its user and to the exact call.
"""

from __future__ import annotations

import json
import operator
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from hashlib import sha256
from itertools import islice
from typing import Any

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import readable_module, record_test
from zohocrm_demo.families.records_shown import field_names, in_lists
from zohocrm_demo.families.rows import SINCE, modified_since
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.records.table import By, Record, SortKey, sort_key
from zohocrm_demo.organisation.records.times import seconds, written
from zohocrm_demo.organisation.references import Row

MOST_FIELDS = 50
MOST_PER_PAGE = 200
MOST_BY_PAGE = 2_000
MOST_BY_TOKEN = 100_000
_TOKEN_LIFETIME = 24 * 3_600
_TOKEN = re.compile(r"([0-9a-f]{32})((?:\.-?[0-9a-f]+){4})")
_SORTABLE: tuple[By, ...] = ("id", "Created_Time", "Modified_Time")
_UNBOUND = frozenset({"page", "page_token"})


def list_cost(context: Context) -> Cost:
    """One credit, three with a custom view; a view and a sort order take a costly slot, too."""
    by_view = "cvid" in context.params
    return Cost(3 if by_view else 1, sub_concurrent=by_view or "sort_by" in context.params)


def list_records(context: Context) -> Answer:
    """One page of records; 204 without any, 304 when none has changed since If-Modified-Since."""
    module = readable_module(context)
    store = context.organisation.records
    name = module["api_name"]
    fields = asked_fields(context, context.organisation.records.fields(name))
    refuse_ambiguity(context, ("page", "page_token"), ("cvid", "sort_by"))
    page = Page.from_context(context, context.most_rows)
    with store.lock:
        since = changed_since(context, name)
        records = _records(context, module, page, since)
        show = in_lists(store, name, fields)
        return answered(context, page, records, show, nothing_changed=since is not None)


def answered(
    context: Context,
    page: Page,
    records: Iterator[Record],
    show: Callable[[Record], Row],
    *,
    nothing_changed: bool,
) -> Answer:
    """A page out of its records and those after them; an empty first one may be a 304."""
    shown = list(islice(records, page.size + 1))
    if not shown:
        return NOT_MODIFIED if nothing_changed and page.served == 0 else NO_CONTENT
    more = len(shown) > page.size
    del shown[page.size :]
    rows = [show(record) for record in shown]
    return json_answer({"data": rows, "info": _info(context, page, shown, more=more)})


@dataclass(frozen=True, slots=True)
class Page:
    """Which records a page has: the order, how many, how many come before, after which key."""

    by: By
    descending: bool
    size: int
    served: int
    after: SortKey | None = None

    @classmethod
    def from_context(cls, context: Context, most: int | None = None) -> Page:
        """The page that a call asks for, with so many rows at most."""
        params = context.params
        size = min(int(params.get("per_page", MOST_PER_PAGE)), most or MOST_PER_PAGE)
        by = next(key for key in _SORTABLE if key == params.get("sort_by", "id"))
        descending = params.get("sort_order", "desc") == "desc"
        if "page_token" in params:
            after, served = _read_token(context)
            most_in_all = context.limits.rows_by_token or MOST_BY_TOKEN
            if served >= most_in_all:
                limits = {"param_name": "page_token", "limit": most_in_all}
                raise ZohoError("PAGINATION_LIMIT_EXCEEDED", **limits)
            return cls(by, descending, size, served, after)
        page = int(params.get("page", "1"))
        if not context.version.pages_are_endless:
            refuse_deep_pages(context, page, size)
        return cls(by, descending, size, (page - 1) * size)

    def of_records(self, records: Iterator[Record], *, positional: bool) -> Iterator[Record]:
        """The records of this page and all after it, out of all in its order."""
        if self.after is None or positional:
            return islice(records, self.served, None)
        after, beyond = self.after, operator.lt if self.descending else operator.gt
        return (record for record in records if beyond(sort_key(record, self.by), after))


def refuse_deep_pages(context: Context, page: int, size: int) -> None:
    """Without a token nothing beyond the first 2,000 records is to be had."""
    most = context.limits.rows_by_page or MOST_BY_PAGE
    if page * size > most:
        raise ZohoError("DISCRETE_PAGINATION_LIMIT_EXCEEDED", limit=most)


def asked_fields(context: Context, known: Iterable[str]) -> tuple[str, ...]:
    """The fields that `fields`, which is mandatory, names out of the known ones."""
    text = context.params.get("fields", "")
    if not text and context.version.fields_are_optional:
        return tuple(known)
    if not text:
        raise ZohoError("REQUIRED_PARAM_MISSING", param_name="fields")
    most = context.limits.fields or MOST_FIELDS
    if text.count(",") >= most:
        raise ZohoError("LIMIT_EXCEEDED", limit=most, param_name="fields")
    return field_names(context, text, known)


def refuse_ambiguity(context: Context, *pairs: tuple[str, str]) -> None:
    """Refuse a call that has both parameters of a pair."""
    for pair in pairs:
        if all(name in context.params for name in pair):
            message = f"Please use either {pair[0]} or {pair[1]}, not both"
            due_to = [{"param_name": name} for name in pair]
            raise ZohoError("AMBIGUITY_DURING_PROCESSING", message, ambiguity_due_to=due_to)


def _records(context: Context, module: Row, page: Page, since: int | None) -> Iterator[Record]:
    store = context.organisation.records
    table = store.table(module["api_name"])
    test = record_test(context, module)
    if since is None:
        bounds: dict[str, int] = {}
        # Only to get there sooner; rows without Modified_Time sort first: a bound would lose them.
        if page.after and page.by != "Modified_Time" and not store.positional_tokens:
            key = page.after[0]
            bounds = {"high": key + 1} if page.descending else {"low": key}
        found = table.scan(page.by, descending=page.descending, **bounds)
    else:
        found = table.changed_since(since, page.by, descending=page.descending)
    found = (record for record in found if test(record))
    return page.of_records(found, positional=store.positional_tokens)


def changed_since(context: Context, module: str) -> int | None:
    """If-Modified-Since, unless the module has no `Modified_Time` to hold against it."""
    since = modified_since(context)
    known = context.organisation.records.fields(module)
    return since if "Modified_Time" in known else None


def _info(context: Context, page: Page, shown: list[Record], *, more: bool) -> dict[str, Any]:
    expiry = token = None
    if more:
        ends = seconds(context.now) + _TOKEN_LIFETIME
        numbers = (*sort_key(shown[-1], page.by), page.served + len(shown), ends)
        payload = "".join(f".{number:x}" for number in numbers)
        token = f"{_signature(context, payload)}{payload}"
        expiry = written(ends, context.organisation.records.zone)
    if context.version.pages_are_endless:
        number = page.served // page.size + 1
        return {
            "per_page": page.size,
            "count": len(shown),
            "page": number,
            "more_records": more,
        }
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


def _read_token(context: Context) -> tuple[SortKey, int]:
    match = _TOKEN.fullmatch(context.params["page_token"])
    if match is None or match[1] != _signature(context, match[2]):
        raise ZohoError("TOKEN_BOUND_DATA_MISMATCH", param_name="page_token")
    key, record_id, served, expiry = (int(part, 16) for part in match[2][1:].split("."))
    if seconds(context.now) >= expiry:
        raise ZohoError("EXPIRED_VALUE", param_name="page_token")
    return (key, record_id), served


def _signature(context: Context, payload: str) -> str:
    bound = {name: value for name, value in context.params.items() if name not in _UNBOUND}
    user, header = context.organisation.users[0]["id"], context.headers.get(SINCE.lower())
    parts = [context.organisation.company["zgid"], user, dict(context.variables), header, bound]
    return sha256(f"{json.dumps(parts, sort_keys=True)}\n{payload}".encode()).hexdigest()[:32]
