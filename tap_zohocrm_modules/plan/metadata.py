"""What metadata streams cost: calls per page, per parent row and per row.

Of lists that many calls depend on the rows are counted, for a credit each.
"""

from __future__ import annotations

import dataclasses
import itertools
import logging
from collections.abc import Collection, Iterable, Iterator, Mapping

from singer_sdk import Stream

from tap_zohocrm_modules.definitions.endpoint import Endpoint, Row
from tap_zohocrm_modules.plan.report import StreamPlan
from tap_zohocrm_modules.streams.metadata import MetadataStream
from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)

DEFAULT = (
    *("modules", "fields", "picklist_values", "relationships"),
    *("users", "roles", "profiles", "org"),
)
"""The streams that the documentation recommends."""

# From here on a run says its price.
_DEAR = 400
_USUAL_MODULES = 50
_USERS = "users"
# The longest lists first.
_ORDER = (_USERS, "profiles")
# How many rows a list has where nobody has counted them: a medium organisation's.
_USUAL_ROWS = 8
_LONGER_LISTS: Mapping[str, int] = {
    "users": 100,
    "profiles": 20,
    "email_templates": 30,
    "inventory_templates": 20,
}
# How many rows a list has for each parent, where that is not about one.
_USUAL_ROWS_PER_PARENT: Mapping[str, float] = {"custom_views": 6, "map_dependencies": 0.2}


@dataclasses.dataclass(eq=False)
class MetadataPrices:
    """The price of each metadata stream."""

    endpoints: Mapping[str, Endpoint]  # all, by name
    modules: tuple[Row, ...]  # the organisation's
    counted: Mapping[str, int]  # the number of rows of other endpoints, as far as it is known

    def __post_init__(self) -> None:
        self.counted = {**self.counted, MODULES.name: len(self.modules)}

    def plan(self, name: str, latency: float, width: int) -> StreamPlan:
        """Return what a stream costs by `width` calls at a time, its parents' lists not counted."""
        endpoint = self.endpoints[name]
        calls, is_estimate = self._calls(endpoint)
        records, rows_known = self._rows(endpoint)
        return StreamPlan(
            stream=name,
            records=records if rows_known else None,
            why="by its list" if not is_estimate else "by the usual number of rows",
            credits=calls,
            seconds=latency * -(-calls // width),
            is_estimate=is_estimate,
        )

    def _calls(self, endpoint: Endpoint) -> tuple[int, bool]:
        if not endpoint.path:
            return 0, False
        parents, is_known = self._parents(endpoint)
        calls = parents * (max(len(endpoint.variants), 1) + len(endpoint.years))
        if endpoint.per_page and endpoint.name in self.counted:
            calls += (self.counted[endpoint.name] - 1) // endpoint.per_page
        if endpoint.detail is None:
            return calls, not is_known
        rows, rows_known = self._rows(endpoint)
        return calls + rows, not (is_known and rows_known)

    def _parents(self, endpoint: Endpoint) -> tuple[int, bool]:
        for_each = endpoint.for_each
        if for_each is None:
            return 1, True
        parent = self.endpoints[for_each.endpoint]
        if for_each.endpoint == MODULES.name:
            chosen = [
                row
                for row in self.modules
                if parent.is_parent(row)
                and all(row.get(name) == value for name, value in for_each.where.items())
            ]
            return len(chosen), True
        if parent.for_each is not None and not for_each.where.keys().isdisjoint(
            parent.for_each.columns
        ):
            # The rows of one of the parent's own parents.
            return 1, False
        return self._rows(parent)

    def _rows(self, endpoint: Endpoint) -> tuple[int, bool]:
        """Return about how many rows a stream has, and whether that is known."""
        if endpoint.name in self.counted:
            return self.counted[endpoint.name], True
        if endpoint.for_each is None:
            return _LONGER_LISTS.get(endpoint.name, _USUAL_ROWS), False
        parents, _ = self._parents(endpoint)
        return round(parents * _USUAL_ROWS_PER_PARENT.get(endpoint.name, 1)), False


def with_parents(endpoints: Mapping[str, Endpoint], names: Collection[str]) -> frozenset[str]:
    """Return the streams, and those whose lists are read for them."""
    needed = set(names)
    for name in names:
        if others := endpoints[name].others:
            needed |= with_parents(endpoints, others)
    return frozenset(needed)


def count_rows(run: Run, needed: Collection[str], spare: int) -> dict[str, int]:
    """Return the number of rows of lists that have a call for each of their rows.

    The run reads the endpoints `needed`; counting may take `spare` credits.
    """
    chosen = itertools.islice(long_lists(run.endpoints, needed), spare)
    counts = {endpoint.name: _count(run.client, endpoint) for endpoint in chosen}
    return {name: rows for name, rows in counts.items() if rows is not None}


def long_lists(endpoints: Mapping[str, Endpoint], needed: Collection[str]) -> Iterator[Endpoint]:
    """Yield the lists with a call for each of their rows, that one call has; the longest first."""
    parents = {
        for_each.endpoint for name in needed if (for_each := endpoints[name].for_each) is not None
    }
    rank = {name: place for place, name in enumerate(_ORDER)}
    longest_first = sorted(needed, key=lambda name: (rank.get(name, len(rank)), name))
    for endpoint in (endpoints[name] for name in longest_first if name != MODULES.name):
        has_calls_for_rows = endpoint.detail is not None or endpoint.name in parents
        is_one_call = endpoint.name == _USERS or not endpoint.per_page
        if has_calls_for_rows and is_one_call and endpoint.for_each is None:
            yield endpoint


def _count(client: ZohoClient, endpoint: Endpoint) -> int | None:
    """Return the length of a list, None if Zoho does not say.

    https://www.zoho.com/crm/developer/docs/api/v8/get-users-count.html
    """
    by_count = endpoint.name == _USERS
    path = f"{endpoint.path}/actions/count" if by_count else endpoint.path
    params = {"type": "AllUsers"} if by_count else endpoint.params
    call = Call(path, endpoint.scope, tuple(params.items()))
    try:
        if not by_count:
            return len(read_rows(client, call, endpoint.rows))
        count = (client.call(call).body or {}).get("count")
    except ZohoError as error:
        # An estimate has to do, and the run will say what is wrong with the list.
        logger.debug("%s: not counted: %s", endpoint.name, error)
        return None
    return count if isinstance(count, int) else None


def opening_line(run: Run, streams: Iterable[Stream]) -> str | None:
    """Return about what a run of many streams costs, which takes no call of its own.

    None if that is little, or if it reads records only.
    """
    selected = [stream for stream in streams if stream.selected]
    names = [stream.name for stream in selected if isinstance(stream, MetadataStream)]
    needed = with_parents(run.endpoints, names)
    usual = MetadataPrices(run.endpoints, ({},) * _USUAL_MODULES, {})
    if MODULES.name not in needed or _price(usual, needed) < _DEAR:
        return None
    # The run reads these lists anyway; if it cannot, their streams say so.
    modules = tuple(row for part in run.reader.results(MODULES.name) for row in part.rows)
    if not modules:
        return None
    lists = [endpoint.name for endpoint in long_lists(run.endpoints, needed)]
    prices = MetadataPrices(run.endpoints, modules, run.reader.list_ahead(lists))
    records = sum(isinstance(stream, RecordStream) for stream in selected)
    more = f", besides the records of {counted(records, 'module')}" if records else ""
    return (
        f"This run reads {counted(len(names), 'stream')} of metadata for about"
        f" {_price(prices, needed):,} API credits{more}. To know the price first, run it with"
        f" --plan; {', '.join(DEFAULT)} alone cost about {_price(prices, DEFAULT):,}."
    )


def _price(prices: MetadataPrices, names: Iterable[str]) -> int:
    return sum(prices.plan(name, 0, 1).credits for name in names)
