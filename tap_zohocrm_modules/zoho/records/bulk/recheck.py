"""Makes sure that Bulk Read has exported every record.

A job exports a page of a list in an order that Zoho does not document: a deletion between two jobs
can move a record from a page not yet exported to one that was, and some modules' exports are known
to lack records. What queries count is compared with what was exported, range of ids by range, and
what is missing is read by query.
"""

from __future__ import annotations

import bisect
import itertools
import logging
from array import array
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from tap_zohocrm_modules.zoho.records.bulk.reader import BulkReader
from tap_zohocrm_modules.zoho.records.deletions import (
    UNTRACKED,
    Deletion,
    Deletions,
    TooManyDeletionsError,
)
from tap_zohocrm_modules.zoho.records.get_records import GetRecordsRequest
from tap_zohocrm_modules.zoho.records.id_set import in_order
from tap_zohocrm_modules.zoho.records.model import MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.queries import WholeQueries
from tap_zohocrm_modules.zoho.records.reading import (
    IncompleteReadError,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)

_MARGIN = timedelta(minutes=1)
_SPLITTABLE = 2


class ExportCheck:
    """Finds and reads what the export of a module lacks.

    Args:
        source: The module, and what is wanted of it.
        window: What was wanted.
        queries: What can be asked about its records.
    """

    def __init__(self, source: Source, window: Window, queries: WholeQueries) -> None:
        self._source = source
        self._window = window
        self._limits = source.limits
        self._queries = queries
        self._keys = queries.keys

    def missing(self, reader: BulkReader) -> Iterator[Page]:
        """Yield the records that an export should have had, and had not.

        Args:
            reader: What has read it.

        Raises:
            ZohoError: a query failed, or nothing shows whether records are missing.
        """
        try:
            # Deletions that leave no trace shift what later jobs export, and counts may agree.
            is_blind = reader.jobs_read > 1 and self._source.module.kind in UNTRACKED
            # First: what changes after it is in what is gone, so that equal counts prove equal ids.
            count = None if is_blind else self._keys.count_unchanged(self._window)
            gone: set[int] = set()
            # Meanwhile one that was exported may have changed or gone, and another be missing.
            try:
                gone = self._gone()
            except (IncompleteReadError, PermissionRefusedError):
                # Counts prove nothing without them.
                is_blind = True
            # One that was away for the first count alone, and came back unchanged, is in none
            # of the lists: it would hide one that is missing.
            counts = [count, None if is_blind else self._keys.count_unchanged(self._window)]
            yield from self._lacking(reader.unchanged, gone, counts)
        except PathRefusedError as refused:
            if reader.jobs_read > 1 and self._has_changed():
                raise IncompleteReadError(
                    f"{self._source.stream}: records were changed or deleted while Bulk Read"
                    f" exported the module in {reader.jobs_read} parts, so that some may be"
                    f" missing, and queries cannot say which ({refused.error.refusal}). Allow the"
                    " scope ZohoCRM.coql.READ, or run again when there is less going on."
                ) from refused
            # However quiet it was: exports of some modules are known to lack records.
            logger.warning(
                "%s: whether Bulk Read exported every record is not known, since the module"
                " cannot be queried (%s).",
                self._source.stream,
                refused.error.refusal,
                extra=about(self._source.stream),
            )

    def _gone(self) -> set[int]:
        """Return the ids of records that were changed or deleted since the cutoff."""
        gone = self._changed()
        if self._source.module.kind not in UNTRACKED:
            gone.update(int(deletion.id) for deletion in self._deletions())
            # One that was restored in between was in neither list.
            gone |= self._changed()
        return gone

    def _changed(self) -> set[int]:
        if not self._source.has_modified_time:
            return set()
        return {int(changed) for changed in self._keys.changed_ids(self._window.until)}

    def _deletions(self) -> list[Deletion]:
        try:
            return Deletions.from_source(self._source).since(self._window.until - _MARGIN)
        except TooManyDeletionsError as error:
            raise IncompleteReadError(
                f"{self._source.stream}: {error} They hide whether an export lacks records: run"
                " again when there is less going on, and the export begins anew."
            ) from error

    def _has_changed(self) -> bool:
        source = self._source
        if not source.has_modified_time or source.module.kind in UNTRACKED or self._deletions():
            return True
        changes = GetRecordsRequest(
            source, source.key_fields(), sort_by=MODIFIED_TIME, since=self._window.until
        )
        return bool(changes.page().rows)

    def _lacking(
        self, exported: array[int], gone: Collection[int], counts: Sequence[int | None]
    ) -> Iterator[Page]:
        """Yield the records that are not among those exported.

        Args:
            exported: The ids of the exported records that have not changed since the cutoff.
            gone: Those of them that are gone.
            counts: How many records there are in all, counted before and after `gone` was read;
                None where equal counts prove nothing.
        """
        size = self._limits.sorted_ids
        # Almost always they are all there, and counting them takes no further memory.
        known = sum(1 for one in in_order(exported, size) if one not in gone)
        if all(count == known for count in counts):
            return
        ids = array("Q", (one for one in in_order(exported, size) if one not in gone))
        found = 0
        count = counts[-1]
        ranges = self._every_range(ids) if count is None else self._ranges(ids, gone, count)
        for above, upto in ranges:
            seen = set(_within(ids, above, upto))
            for records in self._queries.unchanged(
                self._window, _text(above), _text(upto), but=seen
            ):
                found += len(records)
                yield Page(records)
        if found:
            logger.warning(
                "%s: Bulk Read lacked %s, which queries have read.",
                self._source.stream,
                counted(found, "record"),
                extra=about(self._source.stream),
            )

    def _every_range(self, ids: array[int]) -> Iterator[tuple[int | None, int | None]]:
        """Yield ranges of ids (exclusive, inclusive] that hold all there are, a query each."""
        ends = [*ids[self._limits.recheck_rows - 1 : -1 : self._limits.recheck_rows]]
        yield from itertools.pairwise([None, *ends, None])

    def _ranges(
        self, ids: array[int], gone: Collection[int], count: int
    ) -> Iterator[tuple[int | None, int | None]]:
        """Yield the short ranges of ids (exclusive, inclusive] in which queries count others.

        Args:
            ids: The ids that are known.
            gone: Those that are left out of them, being gone.
            count: How many records there are in all.
        """
        most = self._limits.recheck_rows
        # None for no bound.
        ranges: list[tuple[int | None, int | None]] = [(None, None)]
        while ranges:
            equal = []
            while ranges:
                above, upto = ranges.pop()
                known = _within(ids, above, upto)
                if above is not None or upto is not None:
                    count = self._keys.count_unchanged(self._window, _text(above), _text(upto))
                if count == len(known):
                    equal.append((above, upto))
                elif max(count, len(known)) <= most or len(known) < _SPLITTABLE:
                    yield above, upto
                else:
                    middle = known[(len(known) - 1) // 2]
                    ranges += [(above, middle), (middle, upto)]
            # One that went before it was counted hides one that is missing.
            went = self._gone().difference(gone) if equal else set()
            ids = array("Q", (one for one in ids if one not in went))
            gone = {*gone, *went}
            ranges = [one for one in equal if _within(sorted(went), *one)]


def _within(ids: Sequence[int], above: int | None, upto: int | None) -> Sequence[int]:
    begin = 0 if above is None else bisect.bisect_right(ids, above)
    end = len(ids) if upto is None else bisect.bisect_right(ids, upto)
    return ids[begin:end]


def _text(record_id: int | None) -> str | None:
    return None if record_id is None else str(record_id)
