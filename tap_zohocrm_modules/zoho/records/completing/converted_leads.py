"""Makes sure that converted leads are read, too.

Get Records returns them when asked; whether queries and Bulk Read do is documented nowhere.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta

from tap_zohocrm_modules.zoho.records.completing.field_slices import FieldSliceJoiner
from tap_zohocrm_modules.zoho.records.get_records import GetRecordsRequest
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.reading import Executors, Page, Source, Window, changed_at
from tap_zohocrm_modules.zoho.records.records import Records

logger = logging.getLogger(__name__)


class ConvertedLeads:
    """Looks out for some converted leads of a window, and reads all of them if need be.

    Args:
        source: The module, whose records may be converted leads, and what is wanted of it.
        window: Which records are wanted.
        executors: Where calls are made at the same time.
        read_all: Yields all converted leads of the window.
    """

    def __init__(
        self,
        source: Source,
        window: Window,
        executors: Executors,
        read_all: Callable[[], Iterator[Page]],
    ) -> None:
        self._read_all = read_all
        self._source = source
        self._window = window
        self._executors = executors
        # One that Zoho has just sent.
        self._there: str | None = None
        # The first page is read meanwhile.
        self._found = executors.single.submit(self._look_out)

    @functools.cached_property
    def _awaited(self) -> dict[str, datetime | None]:
        """When the ones that are looked out for were changed, by their ids."""
        return self._found.result()[0]

    @property
    def _is_unsure(self) -> bool:
        """Whether it is not known that there are any."""
        return self._found.result()[1]

    def _look_out(self) -> tuple[dict[str, datetime | None], bool]:
        since = self._window.since
        listing = GetRecordsRequest(
            self._source,
            self._source.key_fields(),
            sort_by=MODIFIED_TIME,
            # Should the header exclude its own second.
            since=None if since is None else since - timedelta(seconds=1),
            converted=True,
        )
        page = listing.page()
        keys = self._source.projection(self._source.key_fields())
        records, _ = keys.from_rows(page.rows)
        awaited = {
            record[ID]: changed
            for record in records
            if self._window.holds(changed := changed_at(record))
        }
        return awaited, page.more and not awaited

    def note(self, records: Records) -> None:
        """Note that records have been read."""
        if self._awaited and records:
            ids = records.values(ID)
            self._there = ids[-1]
            for record_id in ids:
                self._awaited.pop(record_id, None)

    def reached(self, watermark: datetime | None) -> datetime | None:
        """Return up to when all records have been read, where unconverted ones have up to then."""
        if watermark is None or self._is_unsure or None in self._awaited.values():
            return None
        return min([watermark, *filter(None, self._awaited.values())])

    def missing(self) -> Iterator[Page]:
        """Yield all converted leads of the window, if one that was awaited has not been read."""
        if not self._is_unsure and not self._are_missing():
            return
        logger.info(
            "%s: converted leads are read by Get Records, which alone returns them.",
            self._source.stream,
        )
        yield from self._read_all()

    def _are_missing(self) -> bool:
        """Whether one that was awaited is there, and has neither been read nor changed since."""
        if not self._awaited:
            return False
        keys = self._source.of_fields(self._source.key_fields())
        joiner = FieldSliceJoiner(keys, self._executors.single)
        found = joiner.by_ids(sorted(self._awaited), listed=True, there=self._there)
        return any(self._window.holds(changed_at(record)) for record in found.values())
