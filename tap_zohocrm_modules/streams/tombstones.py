"""Deleted records as rows of their module's stream, and those that come back from the bin."""

from __future__ import annotations

import logging
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any

from tap_zohocrm_modules.schema import DELETED_AT
from tap_zohocrm_modules.streams.run import Run
from tap_zohocrm_modules.zoho.errors import PermissionRefusedError, UnavailableError
from tap_zohocrm_modules.zoho.instants import parse
from tap_zohocrm_modules.zoho.records.deleted import RECYCLED, UNTRACKED
from tap_zohocrm_modules.zoho.records.fields import ID
from tap_zohocrm_modules.zoho.records.joining import Joiner
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Source
from tap_zohocrm_modules.zoho.records.rich_text import RichTexts

logger = logging.getLogger(__name__)

_RECYCLED = "recycled"
# Zoho empties the bin of what is older.
_KEPT = timedelta(days=60)
_MOST_REMEMBERED = 2_000


class Tombstones:
    """The deletions of one module, and a memory of those that can be undone.

    A record that is restored has neither a line in Zoho's list of deletions any more, nor need its
    `Modified_Time` have changed: only who remembers the deletion can look whether it is back.

    Args:
        run: The run.
        source: The module.
        memory: The stream's part of STATE.
    """

    def __init__(self, run: Run, source: Source, memory: dict[str, Any]) -> None:
        self._run = run
        self._source = source
        self._memory = memory
        self._wanted = run.settings.emit_tombstones and source.module.kind not in UNTRACKED

    def since(self, since: datetime | None, *, first: bool) -> Iterator[Record]:
        """Yield the deletions up to the run's cut; on a first read, only remember them.

        Raises:
            ZohoError: Zoho's list of them cannot be read.
        """
        if not self._wanted:
            return
        module = self._source.module.api_name
        try:
            # What is gone for good before a first read can never be in anybody's way.
            found = self._run.deletions(
                module, None if first else since, self._source.stream, recycled_only=first
            )
        except (PermissionRefusedError, UnavailableError) as error:
            logger.info("%s: deleted records are not to be had: %s", self._source.stream, error)
            return
        remembered: dict[str, str] = self._memory.setdefault(_RECYCLED, {})
        for deletion in found:
            remembered.pop(deletion.id, None)
            if deletion.kind == RECYCLED:
                remembered[deletion.id] = deletion.deleted_time
            if not first:
                yield {ID: deletion.id, DELETED_AT: deletion.deleted_time}
        self._forget(remembered)

    def restored(self) -> Iterator[Record]:
        """Yield the records, whole, that were in the bin and are back.

        Raises:
            ZohoError: they cannot be read.
        """
        remembered: dict[str, str] = self._memory.get(_RECYCLED, {})
        if not self._wanted or not remembered:
            return
        keys = self._source.of_fields(self._source.key_fields())
        back = Joiner(keys, self._run.executor).of(sorted(remembered))
        if not back:
            return
        records = Joiner(self._source, self._run.executor).of(sorted(back))
        yield from RichTexts(self._source).completed(list(records.values()))
        for record_id in records:
            remembered.pop(record_id, None)

    def _forget(self, remembered: dict[str, str]) -> None:
        oldest = self._run.cut - _KEPT
        for record_id, time in list(remembered.items()):
            if parse(time) < oldest:
                del remembered[record_id]
        surplus = len(remembered) - _MOST_REMEMBERED
        if surplus > 0:
            logger.warning(
                "%s: %d deletions are too many to be remembered: should these records be restored"
                " unchanged, load the module anew to see them.",
                self._source.stream,
                surplus,
            )
            for record_id in sorted(remembered, key=lambda one: remembered[one])[:surplus]:
                del remembered[record_id]
