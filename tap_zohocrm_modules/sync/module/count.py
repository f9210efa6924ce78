"""Compares what was emitted with what Zoho counts, by the criteria of the read itself."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Sequence

from tap_zohocrm_modules.zoho.records.count import count_in, is_any_listed
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import IncompleteReadError, Source, Window
from tap_zohocrm_modules.zoho.transport.errors import OutOfCreditsError

logger = logging.getLogger(__name__)


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
    costs a credit; without one they are not counted. Where Zoho does not say, a read that had
    nothing is followed by a second look; where it counts more, those with a time are counted alone.
    At most `untimed` of those emitted are without one.

    RecordsMissingError: fewer were emitted. UntimedMissingError: of those without a time.
    """
    try:
        counted = count_in(paths, source, window)
        is_false = counted is None and not emitted and is_any_listed(source, window)
    except OutOfCreditsError:
        logger.info("%s: not counted at the end, for want of credits.", source.stream)
        return None
    if is_false:
        raise RecordsMissingError(
            "Zoho returned no records when the module was read, and lists some when asked again:"
            " run again, and the read begins anew."
        )
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


def _timed(paths: Sequence[ReadPath], source: Source, window: Window) -> int | None:
    """Return how many of a window's records have a time; None if all are wanted to have one."""
    if not (window.unstamped and source.has_modified_time):
        return None
    return count_in(paths, source, dataclasses.replace(window, unstamped=False))
