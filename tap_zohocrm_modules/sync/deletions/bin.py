"""A memory of what is in the recycle bin, from which records come back without a trace.

A restored record is in no list of deletions any more, nor need its `Modified_Time` have changed:
only who remembers the deletion can look whether it is back. So the lists are read whether or not
tombstones are emitted.
"""

from __future__ import annotations

import logging
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta
from typing import TypeAlias

from tap_zohocrm_modules.zoho.records.deletions import RECYCLED, Deletion
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

BinSnapshot: TypeAlias = Mapping[str, datetime]
"""When records got into the recycle bin, by their ids."""

# Zoho empties the bin of what is older.
_KEPT = timedelta(days=60)
_MOST_REMEMBERED = 2_000


def remembering(
    known: BinSnapshot, deletions: Iterable[Deletion], cutoff: datetime, stream: str
) -> BinSnapshot:
    """Return what is in the bin by these later deletions, without what Zoho has purged by then."""
    found = dict(known)
    for deletion in deletions:
        found.pop(deletion.id, None)
        if deletion.kind == RECYCLED:
            found[deletion.id] = deletion.deleted_time
    kept = {one: time for one, time in found.items() if time >= cutoff - _KEPT}
    surplus = len(kept) - _MOST_REMEMBERED
    if surplus > 0:
        logger.warning(
            "%s: %d deletions are too many to be remembered: should these records be restored"
            " unchanged, set delete_sweep_days to find them.",
            stream,
            surplus,
            extra=about(stream),
        )
        for record_id in sorted(kept, key=kept.__getitem__)[:surplus]:
            del kept[record_id]
    return kept


def without(known: BinSnapshot, ids: Iterable[str]) -> BinSnapshot:
    """Return what is in the bin without the records of these ids, which are back."""
    gone = {*ids}
    return {one: time for one, time in known.items() if one not in gone}
