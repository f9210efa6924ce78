"""What one read path can be asked about a module, for the paths that cannot be asked."""

from __future__ import annotations

import dataclasses
import functools
from collections.abc import Callable, Collection, Iterator, Sequence
from datetime import datetime
from typing import NamedTuple, Protocol

from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.completing.missing_fields import MissingFieldFetcher
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField
from tap_zohocrm_modules.zoho.records.reading import (
    Executors,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.records.records import Records, Rows


class Place(NamedTuple):
    """Where a list of the newest records has come to: its last record."""

    changed: datetime | None  # its time of change
    id: str


class Queries(Protocol):
    """What can be asked about the records of a source, whose fields it delivers.

    Its methods raise PathRefusedError where the module, or a field, cannot be asked for, and
    ZohoError where a call failed. Each count costs a credit.
    """

    def count(self, window: Window) -> int:
        """Return how many records a first read of a window delivers."""
        ...

    def count_filled(self, window: Window, names: Sequence[str]) -> int:
        """Return how many of those have a value in one of the fields of these API names."""
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

    def changed_ids(
        self, since: datetime, until: datetime | None = None, by: str = MODIFIED_TIME
    ) -> Iterator[str]:
        """Yield the ids of the records changed at an instant or later, by a field with a time.

        Those that changed at `until` or later are left out, if there is such an instant.
        """
        ...

    def present(self, ids: Sequence[str]) -> set[str]:
        """Return which of these ids records have."""
        ...

    def by_ids(self, ids: Sequence[str]) -> Iterator[Page]:
        """Yield those of the records of these ids that are there."""
        ...

    def newest_first(
        self, after: Place | None, most: Callable[[], int | None], until: datetime
    ) -> Iterator[Page]:
        """Yield all records, the newest first, then those without `Modified_Time`, each by id.

        They begin after a place, None for the first record. `most` returns how many more will be
        wanted, None for all that there are. IncompleteReadError: Zoho counts more than it lists,
        among those that were changed before `until`.
        """
        ...

    def count_older(self, after: Place, until: datetime) -> int:
        """Return how many records `newest_first` has after a place, changed before an instant."""
        ...

    def next_change(self, since: datetime) -> datetime | None:
        """Return the first `Modified_Time` at an instant or later, None if there is none."""
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class QueriedFields:
    """Which fields of records answers hold, and which they lack."""

    held: Sequence[RecordField]
    lacking: Sequence[RecordField]


class WholeQueries:
    """What can be asked about the records of one module, and what makes these whole.

    A field that Zoho refuses is left out of the answers, and added like the other lacking ones.

    Args:
        ask: Makes what can be asked about a source.
        source: The module, and all that is wanted of it.
        fields: Returns which of its fields answers hold.
        refuse: Takes note of a refusal, and returns which fields are refused now, and were not.
        executors: Where calls are made at the same time.
        usable: Whether the user allows to ask, and Zoho has not refused the module.
    """

    def __init__(  # noqa: PLR0913 - each by its name
        self,
        ask: Callable[[Source], Queries],
        *,
        source: Source,
        fields: Callable[[], QueriedFields],
        refuse: Callable[[PathRefusedError], Collection[str]],
        executors: Executors,
        usable: bool,
    ) -> None:
        self._ask = ask
        self._source = source
        self._fields = fields
        self._refuse = refuse
        self._executors = executors
        self.usable = usable

    @functools.cached_property
    def keys(self) -> Queries:
        """What can be asked, with the key fields only."""
        return self._ask(self._source.of_fields(self._source.key_fields()))

    def unchanged(
        self,
        window: Window,
        above: str | None = None,
        upto: str | None = None,
        *,
        but: Collection[int] = (),
    ) -> Iterator[Records]:
        """Yield the records of a window and a range of ids, as `Queries` does, but whole.

        Those of the ids `but` are left out. Raises PathRefusedError where Zoho refuses the
        module.
        """
        records, fetcher = self._records
        try:
            for page in records.unchanged(window, above, upto):
                wanted = Rows(one for one in page.records if int(one[ID]) not in but)
                yield fetcher.completed(wanted, page.ambiguous)
                above = page.records[-1][ID] if page.records else above
        except PathRefusedError as refused:
            if not refused.fields or not self._refuse(refused):
                raise
            del self._records
            yield from self.unchanged(window, above, upto, but=but)

    @property
    def is_cheaper_by_id(self) -> bool:
        """Whether records of some ids take fewer credits than by lists of them."""
        limits, lacking = self._source.limits, self._fields().lacking
        more = limits.slices(len(lacking)) if lacking else 0
        return 1 + more < limits.slices(len(self._source.fields))

    def by_ids(self, ids: Sequence[str]) -> Iterator[Records]:
        """Yield those of the records of these ids that are there, whole.

        Raises PathRefusedError where Zoho refuses the module, or a field.
        """
        records, fetcher = self._records
        for page in records.by_ids(ids):
            yield fetcher.completed(page.records, page.ambiguous)

    @functools.cached_property
    def _records(self) -> tuple[Queries, MissingFieldFetcher]:
        fields = self._fields()
        absences = Absences(self._source, self.still_listed)
        return (
            # They are looked at, or completed, record by record.
            self._ask(dataclasses.replace(self._source.of_fields(fields.held), columnar=False)),
            MissingFieldFetcher(self._source, fields.lacking, self._executors, absences),
        )

    @property
    def still_listed(self) -> Callable[[Sequence[str]], Collection[str]] | None:
        """What returns which of some ids queries list now, None where they do not say."""
        return self._still_listed if self.usable else None

    def _still_listed(self, ids: Sequence[str]) -> Collection[str]:
        try:
            return self.keys.present(ids)
        except PathRefusedError:
            # Nothing else could show that they are gone.
            return ids
