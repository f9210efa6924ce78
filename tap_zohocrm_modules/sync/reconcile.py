"""Compares what a read of a whole module has emitted with what Zoho counts."""

from __future__ import annotations

import logging

from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.count import count_at
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.transport.errors import OutOfCreditsError, ZohoError

logger = logging.getLogger(__name__)


def count_after(
    run: Run, source: Source, emitted: int, expected: int | None, *, resumed: bool
) -> int | None:
    """Return how many records Zoho counts, None if it was not asked or does not say.

    The count that chose the read path is taken where it agrees, and one call that had all of them
    needs none, unless it had nothing, which a broken answer may have, too. Otherwise Zoho is asked
    once more, for a credit: it then counts the records unchanged since the cutoff, every one of
    which was there to be read.

    Args:
        run: The run.
        source: The module.
        emitted: How many distinct records were emitted.
        expected: How many there were when the read began; None where that was not asked.
        resumed: Whether an earlier run began the read, so that nobody has counted.

    Raises:
        ZohoError: records are missing that have not changed since.
    """
    is_one_page = expected is None and 0 < emitted <= source.limits.page_rows
    is_settled = not resumed and (is_one_page or expected == emitted)
    if is_settled or run.settings.start_date is not None:
        return expected
    try:
        counted = count_at(source, run.cutoff)
    except OutOfCreditsError:
        logger.info("%s: not counted at the end, for want of credits.", source.stream)
        return None
    if counted is not None and counted > emitted:
        raise ZohoError(
            f"Zoho counts {counted:,} records unchanged since {run.cutoff:%Y-%m-%dT%H:%M:%SZ}, and"
            f" {emitted:,} were read: some are missing. Run again; if it stays so, report it, and"
            " load the stream anew by another read_path."
        )
    return counted
