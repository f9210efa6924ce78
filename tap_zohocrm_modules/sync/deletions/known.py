"""What is known of one module's deletions: by STATE, at one moment of a run, and after a step."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import TypeAlias

from tap_zohocrm_modules.sync.state import SweepPosition
from tap_zohocrm_modules.zoho.records.deletions import RECYCLED, Deletion, TooManyDeletionsError
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

BinSnapshot: TypeAlias = Mapping[str, datetime]
"""When records got into the recycle bin, by their ids.

A restored record is in no list of deletions any more, nor need its `Modified_Time` have changed:
only who remembers the deletion can look whether it is back. So the lists are read whether or not
tombstones are emitted.
"""

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


EVER = datetime(1970, 1, 1, tzinfo=timezone.utc)
"""Tombstones of all that Zoho lists are due."""


@dataclasses.dataclass(frozen=True, slots=True)
class DeletionStart:
    """What STATE says of a module's deletions, in the keys of STATE."""

    # Every deletion before it has been emitted; None if no run has emitted a record that could be
    # deleted.
    deleted_until: datetime | None = None
    # From when on tombstones are due, where that is earlier: EVER for all that Zoho lists.
    tombstones_since: datetime | None = None
    recycled: BinSnapshot = dataclasses.field(default_factory=dict)
    # When records were deleted whose tombstones were emitted within the lookback, by id.
    recent: Mapping[str, datetime] = dataclasses.field(default_factory=dict)
    swept: datetime | None = None  # when the ids that exist were last compared
    is_bin_known: bool = False  # an earlier run has looked at all that is in the recycle bin
    # An earlier run found that more were deleted than Zoho lists, and its sweep goes on.
    has_surplus: bool = False
    # A read of everything could not look, and no sweep has found since what was in the bin.
    lacks_bin: bool = False


@dataclasses.dataclass(frozen=True, slots=True)
class Deleted:
    """What is known of a module's deletions at one moment of a run."""

    recycled: BinSnapshot  # what is in the bin, as far as it is remembered
    is_listed: bool  # Zoho lists the module's deletions, and somebody wants them
    # When records were deleted whose tombstones are emitted within the lookback, by id; None where
    # nobody has looked for them.
    recent: Mapping[str, datetime] | None = None
    is_bin_listed: bool = False  # this run has listed all that is in the bin
    # They may not be read, and are still to be emitted; or they are more than Zoho lists.
    obstacle: PermissionRefusedError | TooManyDeletionsError | None = None
    # They are more than Zoho lists since the lookback only: those since the bookmark are emitted.
    has_recent: bool = False
    later: Sequence[str] = ()  # the records that have been deleted since the run's cutoff

    @property
    def is_refused(self) -> bool:
        """Whether the deletions are still to be emitted, once there is permission to read them."""
        return isinstance(self.obstacle, PermissionRefusedError)

    @property
    def surplus(self) -> TooManyDeletionsError | None:
        """The error if more records were deleted than Zoho lists, and tombstones are wanted."""
        return self.obstacle if isinstance(self.obstacle, TooManyDeletionsError) else None

    @property
    def exceeded(self) -> TooManyDeletionsError | None:
        """The error if even those since the bookmark are more than Zoho lists."""
        return None if self.has_recent else self.surplus


@dataclasses.dataclass(frozen=True, slots=True)
class DeletionStep:
    """Records or tombstones to be emitted, and what is known of deletions after them."""

    records: Records
    known: Deleted
    # STATE has to have the bin's memory before what follows is emitted: the run may be killed, and
    # a record come back.
    remembers: bool = False
    is_last: bool = False  # no others follow it
    # So many records were never emitted that every record is to be read again.
    reads_again: bool = False
    sweep: SweepPosition | None = None  # how far a comparison of ids has come, if it has
