"""Makes sure that Bulk Read has given every record.

A job gives a page of a list in an order that Zoho does not document: a deletion between two jobs
can move a record from a page not yet exported to one that was, and some modules' exports are known
to lack records. What queries count is compared with what was given, range of ids by range, and
what is missing is read by query.
"""

from __future__ import annotations

import bisect
import heapq
import logging
from array import array
from collections.abc import Collection, Iterator, Sequence
from datetime import timedelta

from tap_zohocrm_modules.zoho.records.bulk.reader import BulkReader
from tap_zohocrm_modules.zoho.records.coql.reader import CoqlReader
from tap_zohocrm_modules.zoho.records.deletions import UNTRACKED, Deletion, deleted_since
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.reading import Page, PathRefusedError, Source, Window
from tap_zohocrm_modules.zoho.records.rest.get_records import GetRecordsRequest
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

logger = logging.getLogger(__name__)

_MARGIN = timedelta(minutes=1)
_READ_AT_ONCE = 2_000
_SPLITTABLE = 2
_SORTED_AT_ONCE = 50_000


def missing(
    queries: CoqlReader, reader: BulkReader, window: Window, source: Source
) -> Iterator[Page]:
    """Yield the records that Bulk Read should have given, and did not.

    Args:
        queries: Queries the module.
        reader: What has read it.
        window: What was wanted.
        source: The module.

    Raises:
        ZohoError: a query failed, or nothing tells whether records are missing.
    """
    try:
        # Meanwhile one that was exported may have gone, and another have come back.
        has_aged = reader.jobs_read > 1 or reader.took_up
        gone = _gone(queries, window, source) if has_aged else set()
        yield from _lacking(queries, reader.settled, gone, window, source.stream)
    except PathRefusedError as refused:
        if reader.jobs_read == 1:
            logger.info(
                "%s: whether Bulk Read gave every record is not known, since the module cannot be"
                " queried (%s).",
                source.stream,
                refused.error.refusal,
            )
        elif _changed(source, window):
            raise ZohoError(
                f"{source.stream}: records were changed or deleted while Bulk Read exported the"
                f" module in {reader.jobs_read} parts, so that some may be missing, and queries"
                f" cannot tell which ({refused.error.refusal}). Allow the scope ZohoCRM.coql.READ,"
                " or run again when there is less going on."
            ) from refused


def _gone(queries: CoqlReader, window: Window, source: Source) -> set[int]:
    """Return the ids of records that were changed or deleted since the cut."""
    gone: set[int] = set()
    if source.has_modified_time:
        gone.update(int(changed) for changed in queries.changed_ids(rfc3339(window.until)))
    if source.module.kind not in UNTRACKED:
        gone.update(int(deletion.id) for deletion in _deletions(source, window))
    return gone


def _deletions(source: Source, window: Window) -> list[Deletion]:
    since = window.until - _MARGIN
    return deleted_since(source.client, source.module.api_name, since, source.stream)


def _changed(source: Source, window: Window) -> bool:
    if (
        not source.has_modified_time
        or source.module.kind in UNTRACKED
        or _deletions(source, window)
    ):
        return True
    changes = GetRecordsRequest(
        source, source.key_fields(), sort_by=MODIFIED_TIME, since=window.until
    )
    return bool(changes.page().rows)


def _lacking(
    reader: CoqlReader, given: array[int], gone: Collection[int], window: Window, name: str
) -> Iterator[Page]:
    _sort(given)
    # Almost always they are all there, and counting them takes no further memory.
    count = reader.count_settled(window, None, None)
    if count == sum(1 for _ in _distinct(given, gone)):
        return
    ids = array("Q", _distinct(given, gone))
    found = 0
    for above, upto in _ranges(reader, ids, window, count):
        seen = set(_within(ids, above, upto))
        for page in reader.settled(window, _text(above), _text(upto)):
            records = [record for record in page.records if int(record[ID]) not in seen]
            found += len(records)
            yield Page(records)
    if found:
        logger.warning(
            "%s: Bulk Read lacked %d records, which have been read by queries.", name, found
        )


def _ranges(
    reader: CoqlReader, ids: array[int], window: Window, count: int
) -> Iterator[tuple[int | None, int | None]]:
    """Yield the short ranges of ids (exclusive, inclusive] in which queries count others.

    Args:
        reader: Queries the module.
        ids: The ids that are known.
        window: What was wanted.
        count: How many records there are in all.
    """
    # None for no bound.
    ranges: list[tuple[int | None, int | None]] = [(None, None)]
    while ranges:
        above, upto = ranges.pop()
        known = _within(ids, above, upto)
        if above is not None or upto is not None:
            count = reader.count_settled(window, _text(above), _text(upto))
        if count == len(known):
            continue
        if max(count, len(known)) <= _READ_AT_ONCE or len(known) < _SPLITTABLE:
            yield above, upto
            continue
        middle = known[len(known) // 2]
        ranges += [(above, middle), (middle, upto)]


def _sort(ids: array[int]) -> None:
    """Sort the ids in place, part by part."""
    for begin in range(0, len(ids), _SORTED_AT_ONCE):
        part = slice(begin, begin + _SORTED_AT_ONCE)
        ids[part] = array("Q", sorted(ids[part]))


def _distinct(ids: array[int], gone: Collection[int]) -> Iterator[int]:
    """Yield ids of which each part is sorted, each once, without those that are gone."""
    view = memoryview(ids)
    parts = (view[begin : begin + _SORTED_AT_ONCE] for begin in range(0, len(ids), _SORTED_AT_ONCE))
    last = None
    for record_id in heapq.merge(*parts):
        if record_id != last and record_id not in gone:
            yield record_id
        last = record_id


def _within(ids: Sequence[int], above: int | None, upto: int | None) -> Sequence[int]:
    begin = 0 if above is None else bisect.bisect_right(ids, above)
    end = len(ids) if upto is None else bisect.bisect_right(ids, upto)
    return ids[begin:end]


def _text(record_id: int | None) -> str | None:
    return None if record_id is None else str(record_id)
