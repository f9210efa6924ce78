"""What one read path can be asked about a module, for the paths that cannot be asked."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator, Sequence
from datetime import datetime
from typing import Protocol

from tap_zohocrm_modules.zoho.records.completing.missing_fields import MissingFieldFetcher
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Executors, Page, Source, Window


class Queries(Protocol):
    """What can be asked about the records of a source, whose fields it delivers.

    Its methods raise PathRefusedError where the module, or a field, cannot be asked for, and
    ZohoError where a call failed. Each count costs a credit.
    """

    def count(self, window: Window) -> int:
        """Return how many records a first read of a window delivers."""
        ...

    def count_filled(self, window: Window, name: str) -> int:
        """Return how many of those have a value in the field of this API name."""
        ...

    def count_unchanged(
        self, window: Window, above: str | None = None, upto: str | None = None
    ) -> int:
        """Return how many records of a window, its end included, have ids in a range.

        The range begins above one id, and ends with another; None for no bound.
        """
        ...

    def unchanged(self, window: Window, above: str | None, upto: str | None) -> Iterator[Page]:
        """Yield the records of a window, its end included, with ids in such a range, by id."""
        ...

    def changed_ids(self, since: datetime) -> Iterator[str]:
        """Yield the ids of the records changed at an instant or later."""
        ...

    def next_change(self, since: datetime) -> datetime | None:
        """Return the first `Modified_Time` at an instant or later, None if there is none."""
        ...


class WholeQueries:
    """What can be asked about the records of one module, and what makes these whole.

    Args:
        ask: Makes what can be asked about a source.
        source: The module, and all that is wanted of it.
        fields: Those of its fields that answers hold.
        lacking: The others.
        executors: Where calls are made at the same time.
        usable: Whether the user allows to ask, and Zoho has not refused the module.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        ask: Callable[[Source], Queries],
        *,
        source: Source,
        fields: Sequence[RecordField],
        lacking: Sequence[RecordField],
        executors: Executors,
        usable: bool,
    ) -> None:
        self._ask = ask
        self._source = source
        self._fields = fields
        self._lacking = lacking
        self._executors = executors
        self.usable = usable

    @functools.cached_property
    def records(self) -> Queries:
        """What can be asked, with all the fields that answers hold."""
        return self._ask(self._source.of_fields(self._fields))

    @functools.cached_property
    def keys(self) -> Queries:
        """What can be asked, with the key fields only."""
        return self._ask(self._source.of_fields(self._source.key_fields()))

    def completed(self, page: Page) -> Sequence[Record]:
        """Return the records of an answer whole, but for those that are gone."""
        return self._fetcher.completed(page.records, page.ambiguous)

    @functools.cached_property
    def _fetcher(self) -> MissingFieldFetcher:
        return MissingFieldFetcher(self._source, self._lacking, self._executors)
