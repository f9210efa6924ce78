"""Compares what was emitted with what Zoho counts, by the criteria of the read itself."""

from __future__ import annotations

import logging
from collections.abc import Iterable

from tap_zohocrm_modules.zoho.records.count import count_in, is_any_listed
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import IncompleteReadError, Source, Window
from tap_zohocrm_modules.zoho.transport.errors import OutOfCreditsError

logger = logging.getLogger(__name__)


class RecordsMissingError(IncompleteReadError):
    """Zoho counts more records than were read."""


def compare_with_zoho(
    paths: Iterable[ReadPath], source: Source, window: Window, emitted: int
) -> int | None:
    """Return how many records of a window Zoho counts, None where it does not say.

    They are those unchanged since the window's end, every one of which was there to be read. It
    costs a credit; without one they are not counted. Where Zoho does not say, a read that had
    nothing is followed by a second look.

    RecordsMissingError: fewer were emitted.
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
        raise RecordsMissingError(
            f"Zoho counts {counted:,} records{since} unchanged since"
            f" {window.until:%Y-%m-%dT%H:%M:%SZ}, and {emitted:,} were read: some are missing. Run"
            " again; if it stays so, report it, and load the stream anew by another read_path."
        )
    return counted
