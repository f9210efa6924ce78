"""Deleted records as rows of their module's stream, and those that come back from the bin."""

from __future__ import annotations

import logging
from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta

from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.deletions import RECYCLED, UNTRACKED, Deletion
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID, RecordModule
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.rest.field_slices import FieldSliceJoiner
from tap_zohocrm_modules.zoho.records.rest.rich_text import RichTexts
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError, UnavailableError
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339

logger = logging.getLogger(__name__)

# Zoho empties the bin of what is older.
_KEPT = timedelta(days=60)
_MOST_REMEMBERED = 2_000
# It forgets deletions that are older.
_TOLD = timedelta(days=120)


def emits_tombstones(run: Run, module: RecordModule) -> bool:
    """Whether a module's deletions are wanted, and told by Zoho."""
    return run.settings.emit_tombstones and module.kind not in UNTRACKED


class Tombstones:
    """The deletions of one module, and a memory of those that can be undone.

    A record that is restored has neither a line in Zoho's list of deletions any more, nor need its
    `Modified_Time` have changed: only who remembers the deletion can look whether it is back.

    Args:
        run: The run.
        source: The module.
        remembered: The times of earlier deletions that can be undone, by id; None where nothing
            is to be remembered, since everything is read each time.
        whole: Whether everything is read this time.
    """

    def __init__(
        self, run: Run, source: Source, remembered: Mapping[str, str] | None, *, whole: bool
    ) -> None:
        self._run = run
        self._whole = whole
        self._source = source
        self._wanted = emits_tombstones(run, source.module)
        self._remembers = remembered is not None
        self.remembered = dict(remembered or {}) if self._wanted else {}
        """The deletions that can be undone."""
        self.refused = False
        """Whether the deletions are still to be given, once there is permission to read them."""

    def noticed(self, since: datetime | None, *, first: bool) -> Mapping[str, str] | None:
        """Return what is to be remembered before STATE passes what is in the bin, unread.

        Args:
            since: As for `since`.
            first: As for `since`.

        Raises:
            ZohoError: Zoho's list of deletions cannot be read.
        """
        if self._whole or not self._wanted:
            return None
        self._told(since, first=first)
        return None if self.refused else dict(self.remembered)

    def since(self, since: datetime | None, *, first: bool) -> list[Record]:
        """Return the deletions from an instant to the run's cut, and remember them.

        To be asked for after the records have been read: whoever was in the bin by then, and was
        not read, is in the list, unless it has come back in between.

        Args:
            since: The instant; None if nothing has been given before that could be deleted.
            first: All that is in the bin is to be remembered.

        Raises:
            ZohoError: Zoho's list of them cannot be read.
        """
        cut = rfc3339(self._run.cut)
        return [
            {ID: deletion.id, DELETED_AT: deletion.deleted_time}
            for deletion in self._told(since, first=first)
            if deletion.deleted_time < cut
        ]

    def _told(self, since: datetime | None, *, first: bool) -> list[Deletion]:
        """Return the deletions since an instant, and remember those that can be undone."""
        if not self._wanted or self.refused:
            return []
        try:
            # What is gone for good before a first read can never be in anybody's way.
            binned = self._found(None) if first and not self._whole else []
            found = [] if since is None else self._found(since)
        except PermissionRefusedError as error:
            logger.warning(
                "%s: without its deletions, which will be given once they may be read: %s",
                self._source.stream,
                error,
            )
            self.refused = True
            return []
        except UnavailableError as error:
            logger.info("%s: deleted records are not to be had: %s", self._source.stream, error)
            self._wanted = False
            return []
        for deletion in (*binned, *found) if self._remembers else ():
            self.remembered.pop(deletion.id, None)
            if deletion.kind == RECYCLED:
                self.remembered[deletion.id] = deletion.deleted_time
        self._forget()
        return found

    def _found(self, since: datetime | None) -> list[Deletion]:
        if since is not None and since < self._run.cut - _TOLD:
            logger.warning(
                "%s: Zoho tells deletions for 120 days, and those since %s are wanted: load the"
                " module anew to be rid of records that were deleted before.",
                self._source.stream,
                rfc3339(since),
            )
        return self._run.deletions(
            self._source.module.api_name,
            since,
            self._source.stream,
            recycled_only=since is None,
            # What was in the bin while the records were read must be among them.
            anew=True,
        )

    def restored(self) -> Iterator[Record]:
        """Yield the records, whole, that were in the bin and are back; and forget them.

        Raises:
            ZohoError: they cannot be read.
        """
        if self._whole or not self.remembered:
            return
        single = self._run.calls.single
        keys = self._source.of_fields(self._source.key_fields())
        back = FieldSliceJoiner(keys, single).of(sorted(self.remembered))
        if back:
            records = FieldSliceJoiner(self._source, single).of(sorted(back))
            yield from RichTexts(self._source).completed(list(records.values()))
            for record_id in records:
                self.remembered.pop(record_id, None)

    def _forget(self) -> None:
        oldest = self._run.cut - _KEPT
        for record_id, time in list(self.remembered.items()):
            if parse(time) < oldest:
                del self.remembered[record_id]
        surplus = len(self.remembered) - _MOST_REMEMBERED
        if surplus > 0:
            logger.warning(
                "%s: %d deletions are too many to be remembered: should these records be restored"
                " unchanged, load the module anew to see them.",
                self._source.stream,
                surplus,
            )
            for record_id in sorted(self.remembered, key=self.remembered.__getitem__)[:surplus]:
                del self.remembered[record_id]
