"""Reading the next streams while one is being emitted.

Singer streams are emitted one after the other. Most families are a call or two, so that a stream
which only began to read in its turn would leave the organisation waiting most of the time.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

from tap_zohocrm_modules.zoho.client import ZohoClient
from tap_zohocrm_modules.zoho.edition import MOST_CONCURRENCY, concurrency_of
from tap_zohocrm_modules.zoho.families import Family, FamilyReader, Part

ORG = "org"

_STREAMS_AHEAD = 12


class Lookahead:
    """Gives each stream its family's parts, and begins to read the families of those after it.

    Args:
        client: The organisation.
        families: The table of families, by name.
        order: The families to be read, in the order of their streams.
        concurrency: Simultaneous calls; None for what the organisation's edition allows.
    """

    def __init__(
        self,
        client: ZohoClient,
        families: Mapping[str, Family],
        order: Sequence[str],
        *,
        concurrency: int | None,
    ) -> None:
        self._client = client
        self._order = tuple(order)
        self._edition_asked = concurrency is not None
        self._reader = FamilyReader(client, families, concurrency=concurrency or MOST_CONCURRENCY)

    def close(self) -> None:
        """Begin no further call."""
        self._reader.close()

    def parts(self, name: str) -> Iterator[Part]:
        """Yield the parts of a family, and let go of them."""
        if name in self._order:
            position = self._order.index(name)
            for upcoming in self._order[position : position + _STREAMS_AHEAD]:
                self._reader.start(upcoming)
            self._ask_for_edition()
        yield from self._reader.parts(name)
        self._reader.forget(name)

    def _ask_for_edition(self) -> None:
        """Find out how many calls may be made at a time, if there are many to be made."""
        if self._edition_asked or len(self._order) == 1:
            return
        self._edition_asked = True
        for part in self._reader.parts(ORG):
            for org in part.rows:
                self._client.allow(concurrency_of(org))
