"""The records whose children are read: those that changed, or all, the newest first."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime, timezone

from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import Walk
from tap_zohocrm_modules.zoho.children.composite import MOST_PARTS
from tap_zohocrm_modules.zoho.records.count import count_by_api
from tap_zohocrm_modules.zoho.records.engine import RecordEngine
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordModule
from tap_zohocrm_modules.zoho.records.queries import Place, WholeQueries
from tap_zohocrm_modules.zoho.records.reading import (
    IncompleteReadError,
    Page,
    PathRefusedError,
    Source,
    Window,
    changed_at,
)
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

# An id has 64 bits; a time in front of it orders by time, and a record without one comes first.
_ID_BITS = 64
_MOST_AT_A_TIME = 50
_ID_MASK = (1 << _ID_BITS) - 1


@dataclasses.dataclass(frozen=True, slots=True)
class Parent:
    """One record whose children are read."""

    id: str
    changed: datetime | None  # its time of change
    is_empty: bool = False  # it is known to have no children, and is not asked


@dataclasses.dataclass(frozen=True, slots=True)
class Parents:
    """The records of one module, by their ids and times of change."""

    run: Run
    stream: str  # the stream of children that the credits are counted for
    module: RecordModule

    def changed(self, since: datetime, until: datetime, triggers: Sequence[str]) -> list[Parent]:
        """Return the records changed in a window of time, by `Modified_Time` and id.

        Before them come those that have changed since by another of the triggers alone.
        """
        found = sorted(self._numbers(Window(since, until, unstamped=False)))
        known = {number & _ID_MASK for number in found}
        others: set[int] = set()
        for trigger in {*triggers} - {MODIFIED_TIME}:
            if any(field.api_name == trigger for field in self.module.fields):
                others |= self._changed_by(trigger, since, until) - known
        return [*(Parent(str(one), None) for one in sorted(others)), *map(_parent, found)]

    def _changed_by(self, trigger: str, since: datetime, until: datetime) -> set[int]:
        ids = self._engine().changed_ids(since, until, trigger)
        if ids is None:
            logger.warning(
                "%s: %s of %s cannot be asked for without queries (ZohoCRM.coql.READ): what only"
                " moves it is found by child_sweep_days.",
                self.stream,
                trigger,
                self.module.api_name,
                extra=about(self.stream),
            )
        return {*map(int, ids or ())}

    def newest_first(self, walk: Walk) -> Iterator[Parent]:
        """Yield all records that a walk has yet to read, the newest first, then those without time.

        Where they can be asked for in this order, no more are than the budget reads. Records that
        changed after the walk began come as well, unless it has passed their place: they belong to
        the changes of a later run.

        Raises:
            IncompleteReadError: Zoho counts more records than it lists.
        """
        last = None if walk.parent is None else Place(walk.before, walk.parent)
        if (queries := self.queries) is not None:
            try:
                for page in queries.keys.newest_first(last, self._affordable, walk.cutoff):
                    for record in page.records:
                        last = Place(changed_at(record), str(record[ID]))
                        yield Parent(last.id, last.changed)
            except PathRefusedError as refused:
                logger.info("%s: listed otherwise: %s", self.stream, refused.error)
            else:
                return
        # Numbers take a quarter of what objects would.
        found = sorted(self._numbers(Window(None, walk.cutoff, unstamped=True)), reverse=True)
        if last is None and not found:
            self._refuse_none()
        end = None if last is None else _number(last.id, last.changed)
        yield from (_parent(one) for one in found if end is None or one < end)

    def count_left(self, walk: Walk) -> int | None:
        """Return how many records a walk has yet to read; None where nobody tells for a credit.

        Raises:
            ZohoError: Zoho refuses to count them.
        """
        if walk.parent is None or (queries := self.queries) is None:
            return None
        try:
            return queries.keys.count_older(Place(walk.before, walk.parent), walk.cutoff)
        except PathRefusedError:
            return None

    @property
    def queries(self) -> WholeQueries | None:
        """What records can be asked for in the order of their change; None if they cannot."""
        return None if self.source.converts else self._engine().queries

    def _affordable(self) -> int | None:
        left = self.run.client.credits.left
        return None if left is None else left * MOST_PARTS

    def _refuse_none(self) -> None:
        # A count lags, so that only nothing at all is worth to be compared.
        if counted := count_by_api(self.source):
            raise IncompleteReadError(
                f"{self.stream}: no record of {self.module.api_name} is listed, and Zoho counts"
                f" {counted:,}. Run again."
            )

    def _numbers(self, window: Window) -> Iterator[int]:
        for page in self._pages(window):
            yield from (_number(record[ID], changed_at(record)) for record in page.records)

    def _pages(self, window: Window) -> Iterator[Page]:
        return self._engine().pages(window)

    @property
    def source(self) -> Source:
        """The module, of which ids and times are wanted."""
        run = self.run
        fields = tuple(f for f in self.module.fields if f.api_name in {ID, MODIFIED_TIME})
        return Source(run.client, self.module, fields, self.stream, run.limits)

    def _engine(self) -> RecordEngine:
        return RecordEngine(self.source, self.run.read_paths, self.run.executors)


def _number(record_id: str, changed: datetime | None) -> int:
    seconds = 0 if changed is None else int(changed.timestamp()) + 1
    return max(seconds, 0) << _ID_BITS | int(record_id)


def _parent(number: int) -> Parent:
    seconds = number >> _ID_BITS
    changed = datetime.fromtimestamp(seconds - 1, timezone.utc) if seconds else None
    return Parent(str(number & _ID_MASK), changed)


def batches(parents: Iterator[Parent], width: int) -> Iterator[Sequence[Parent]]:
    """Yield parents, so many that are asked at a time, and those between them that are not."""
    batch: list[Parent] = []
    asked = 0
    for parent in parents:
        batch.append(parent)
        asked += not parent.is_empty
        if asked == width or len(batch) == _MOST_AT_A_TIME:
            yield batch
            batch, asked = [], 0
    if batch:
        yield batch
