"""Makes sure that converted leads are read, too.

Get Records gives them when asked; whether queries and Bulk Read do is documented nowhere.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import logging
from collections.abc import Iterator, Sequence

from tap_zohocrm_modules.zoho.instants import rfc3339, utc
from tap_zohocrm_modules.zoho.records.fields import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.joining import Joiner
from tap_zohocrm_modules.zoho.records.lists import Listing
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Calls, Page, Source, Window
from tap_zohocrm_modules.zoho.records.rest import RestReader

logger = logging.getLogger(__name__)


class ConvertedLeads:
    """Looks out for some converted leads among the records of a window, and reads all if need be.

    Args:
        source: The module.
        window: What is wanted.
        calls: Where calls are made at the same time.
    """

    def __init__(self, source: Source, window: Window, calls: Calls) -> None:
        self._source = source
        self._window = window
        self._calls = calls
        self._awaited: set[str] = set()
        if source.converts:
            listing = Listing(
                source,
                source.key_fields(),
                sort_by=MODIFIED_TIME,
                since=window.since,
                converted=True,
            )
            times = {str(row.get(ID)): row.get(MODIFIED_TIME) for row in listing.page().rows}
            self._awaited = {
                record_id for record_id, time in times.items() if self._is_wanted(time)
            }

    def note(self, records: Sequence[Record]) -> None:
        """Note that records have been read."""
        if self._awaited:
            self._awaited.difference_update(record[ID] for record in records)

    def missing(self) -> Iterator[Page]:
        """Yield all converted leads of the window, if one that was awaited has not been read.

        Raises:
            ZohoError: they cannot be read.
        """
        if not self._awaited:
            return
        keys = self._source.of_fields(self._source.key_fields())
        found = Joiner(keys, self._calls.single).of(sorted(self._awaited), listed=True)
        if not any(self._is_wanted(record.get(MODIFIED_TIME)) for record in found.values()):
            # Deleted or changed since.
            return
        logger.info(
            "%s: converted leads are read by Get Records, which alone gives them.",
            self._source.stream,
        )
        yield from RestReader(self._source, self._calls, converted=True).pages(self._window)

    def _is_wanted(self, time: str | None) -> bool:
        if time is None:
            return self._window.unstamped
        since = rfc3339(self._window.since) if self._window.since else ""
        return since <= utc(time) < rfc3339(self._window.until)
