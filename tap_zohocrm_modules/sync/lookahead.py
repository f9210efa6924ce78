"""Reading the next streams while one is being emitted.

Singer streams are emitted one after the other. Most endpoints are a call or two, so that a stream
which only began to read in its turn would leave the organisation waiting most of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, EndpointReader, EndpointResult
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.edition import concurrency_of

ORG = "org"

_STREAMS_AHEAD = 12


class Lookahead:
    """Returns each stream its endpoint's results, and begins to read those of the next streams.

    Args:
        client: The organisation.
        reader: What reads the endpoints.
        order: The endpoints to be read, in the order of their streams.
        edition_known: Simultaneous calls are not to be found out by the organisation's edition.
    """

    def __init__(
        self,
        client: ZohoClient,
        reader: EndpointReader,
        order: Sequence[str],
        *,
        edition_known: bool,
    ) -> None:
        self._client = client
        self._order = tuple(order)
        self._edition_asked = edition_known
        self._reader = reader

    def parts(self, name: str) -> Iterator[EndpointResult]:
        """Yield the parts of an endpoint, and let go of them."""
        if name in self._order:
            position = self._order.index(name)
            for upcoming in self._order[position : position + _STREAMS_AHEAD]:
                self._reader.start(upcoming)
            self._ask_for_edition()
        yield from self._reader.parts(name)
        self._reader.forget(name)

    def _ask_for_edition(self) -> None:
        """Find out how many calls may be made at a time, if there are many to be made."""
        if self._edition_asked or (len(self._order) == 1 and not self._fans_out(self._order[0])):
            return
        self._edition_asked = True
        for part in self._reader.parts(ORG):
            for org in part.rows:
                self._client.allow(concurrency_of(org))

    @staticmethod
    def _fans_out(name: str) -> bool:
        return ENDPOINTS[name].for_each is not None or ENDPOINTS[name].detail is not None
