"""Compares what was emitted with what Zoho counts, by the criteria of the read itself."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence
from concurrent.futures import Executor

from tap_zohocrm_modules.sync.deletions.listing import records_of
from tap_zohocrm_modules.zoho.records.count import count_in, listed_last
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import IncompleteReadError, Source, Window
from tap_zohocrm_modules.zoho.records.records import Records

logger = logging.getLogger(__name__)

_LOOKS = 3
# To ask for more of a list that several runs have read would be a second read of it.
_MOST_PAGES = 25


class RecordsMissingError(IncompleteReadError):
    """Zoho counts more records than were read."""


class UntimedMissingError(RecordsMissingError):
    """Of those without `Modified_Time` alone Zoho counts more than were read.

    They may be made at any time, and no condition leaves out those made since a read began.
    """

    def __init__(self, message: str, counted: int) -> None:
        super().__init__(message)
        self.counted = counted  # how many records Zoho counts


def compare_with_zoho(
    paths: Sequence[ReadPath], source: Source, window: Window, emitted: int, untimed: int
) -> int | None:
    """Return how many records of a window Zoho counts, None where it does not say.

    They are those unchanged since the window's end, every one of which was there to be read. It
    costs a credit. Where Zoho counts more, those with a time are counted alone. At most `untimed`
    of those emitted are without one.

    RecordsMissingError: fewer were emitted. UntimedMissingError: of those without a time.
    OutOfCreditsError: there is no credit for it, and the read has not ended.
    """
    counted = count_in(paths, source, window)
    if counted is not None and counted > emitted:
        since = "" if window.since is None else f" modified since {window.since:%Y-%m-%d} and"
        message = (
            f"Zoho counts {counted:,} records{since} unchanged since"
            f" {window.until:%Y-%m-%dT%H:%M:%SZ}, and {emitted:,} were read: some are missing. Run"
            " again; if it stays so, report it, and load the stream anew by another read_path."
        )
        timed = _timed(paths, source, window)
        if timed is not None and timed <= emitted - untimed:
            raise UntimedMissingError(message, counted)
        raise RecordsMissingError(message)
    return counted


def look_again(
    source: Source, window: Window, read: IdSet, executor: Executor, *, in_one: bool
) -> Records:
    """Return the records of a window that were not read, where Zoho does not count them.

    A list that ends too early lacks what comes last: so it is asked for from its end on, until a
    record comes that was read, mostly for one credit. Lists that several runs have read are asked
    for whole, up to some thousands of records.

    Args:
        source: The module.
        window: What was to be read.
        read: The ids of all that was read.
        executor: What makes calls beside one another.
        in_one: Whether one run has read all of it.

    RecordsMissingError: some still are. OutOfCreditsError: as of `compare_with_zoho`.
    """
    read.ordered()
    lacking: list[str] = []
    for _ in range(_LOOKS):
        lacking = _unread(source, window, read, in_one=in_one)
        found = records_of(source, lacking, executor)
        if len(found) == len(lacking):
            return found
        # Some may have been deleted meanwhile.
    raise RecordsMissingError(
        f"Zoho lists records, such as {lacking[0]}, that were not among those it returned when the"
        " module was read, and are not there when asked for by id: run again, and the read begins"
        " anew."
    )


def _unread(source: Source, window: Window, read: IdSet, *, in_one: bool) -> list[str]:
    lacking: list[str] = []
    for number, page in enumerate(listed_last(source, window)):
        if number == _MOST_PAGES and not in_one:
            logger.info("%s: too many records to be compared at the end.", source.stream)
            return []
        new = {*read.lacks(id_numbers([*page]))}
        lacking += [record_id for record_id in page if int(record_id) in new]
        known = [time for record_id, time in page.items() if int(record_id) not in new]
        # Those without a time may come first.
        if in_one and known and (any(known) or not any(page.values())):
            break
    return lacking


def _timed(paths: Sequence[ReadPath], source: Source, window: Window) -> int | None:
    """Return how many of a window's records have a time; None if all are wanted to have one."""
    if not (window.unstamped and source.has_modified_time):
        return None
    return count_in(paths, source, dataclasses.replace(window, unstamped=False))
