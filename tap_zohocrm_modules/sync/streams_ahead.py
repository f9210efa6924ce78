"""Reads the next streams while one is being emitted.

Singer streams are emitted one after the other. One that began to read in its turn only would leave
the organisation waiting most of the time. What is read ahead and not emitted is read again by the
next run.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Generic, TypeVar

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, EndpointReader, EndpointResult
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.edition import concurrency_of

T = TypeVar("T")

ORG = "org"

_ENDPOINTS_AHEAD = 12


class StreamsAhead(Generic[T]):
    """Returns what a stream reads, and begins to read the streams after it.

    Args:
        order: The streams' names, in the order of their emission.
        begin: Begins to read a stream, and returns what it yields.
        most: How many streams are begun before their turn.
    """

    def __init__(self, order: Sequence[str], begin: Callable[[str], T], most: int) -> None:
        self._order = order
        self._begin = begin
        self._most = most
        self._begun: dict[str, T] = {}

    def take(self, name: str) -> T:
        """Return what a stream yields, for its only reader."""
        place = self._order.index(name) if name in self._order else len(self._order)
        for upcoming in (name, *self._order[place + 1 : place + 1 + self._most]):
            if upcoming not in self._begun:
                self._begun[upcoming] = self._begin(upcoming)
        return self._begun.pop(name)


class EndpointsAhead:
    """Returns each stream of metadata its endpoint's results.

    Args:
        order: The endpoints to be read, in the order of their streams.
        is_edition_known: The edition need not be asked for how many calls may be simultaneous.
    """

    def __init__(
        self,
        client: ZohoClient,
        reader: EndpointReader,
        order: Sequence[str],
        *,
        is_edition_known: bool,
    ) -> None:
        self._client = client
        self._reader = reader
        endpoints = [ENDPOINTS[name] for name in order]
        # For a few calls it does not matter.
        is_much = len(endpoints) > 1 or any(one.for_each or one.detail for one in endpoints)
        self._asks_for_edition = is_much and not is_edition_known
        self._ahead = StreamsAhead(order, reader.results, _ENDPOINTS_AHEAD)

    def results(self, name: str) -> Iterator[EndpointResult]:
        """Yield an endpoint's results, and forget them."""
        results = self._ahead.take(name)
        if self._asks_for_edition:
            self._asks_for_edition = False
            for result in self._reader.results(ORG):
                for org in result.rows:
                    self._client.allow(concurrency_of(org))
        yield from results
        self._reader.forget(name)
