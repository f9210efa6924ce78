"""The deletions in all modules.

https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html
"""

from __future__ import annotations

import functools
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import Any

from singer_sdk import Tap
from typing_extensions import override

from tap_zohocrm_modules.streams.base import ZohoStream, column
from tap_zohocrm_modules.sync.deletions.times import pack_times, unpack_times
from tap_zohocrm_modules.sync.record_modules import tracked_modules
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import VERSION, DeletionsState, StatePart, check_bookmark
from tap_zohocrm_modules.zoho.records.deletions import Deletion, TooManyDeletionsError
from tap_zohocrm_modules.zoho.transport.edition import LEAST_CONCURRENCY
from tap_zohocrm_modules.zoho.transport.errors import (
    PermissionRefusedError,
    UnavailableError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch

DELETED_RECORDS = "deleted_records"
_TIME = "deleted_time"

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": (
        "One row a deletion. Zoho lists those in the recycle bin for 60 days, permanent ones for"
        " 120. https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html"
    ),
    "properties": {
        "module_api_name": column("string", "The module, by its API name.", is_key=True),
        "id": column("string", "The record's id.", is_key=True),
        "type": column("string", "recycle: in the recycle bin; permanent: for good.", is_key=True),
        _TIME: column("string", "When it was deleted.", format="date-time"),
        "deleted_by": column("string", "The id of the user who deleted it."),
        "display_name": column("string", "The record's name; null for permanent deletions."),
        "created_by": column("string", "The id of the user who created the record."),
        "additional_properties": column("object", "What else Zoho returns."),
    },
}


class DeletedRecordsStream(ZohoStream):
    """The deletions in every module that keeps track of them."""

    selected_by_default = False

    def __init__(self, tap: Tap, run: Run) -> None:
        super().__init__(tap, run, name=DELETED_RECORDS, schema=_SCHEMA)
        self.primary_keys = ("module_api_name", "id", "type")
        self.replication_key = _TIME

    @override
    def emitted_parts(self) -> Iterator[Sequence[dict[str, Any]]]:
        cutoff = self.run.cutoff
        part = StatePart(self.whole_state, self.name, DeletionsState)
        state = part.read()
        bookmark = check_bookmark(state, self.name, self.replication_key, lambda: cutoff)
        start = self.run.settings.start_date
        if bookmark is not None:
            start = bookmark - self.run.lookback
        known = {name: unpack_times(text, self.name) for name, text in state.recent.items()}
        recent: dict[str, dict[str, datetime]] = {}
        modules = tracked_modules(self.run)
        since = {module: state.pending.get(module, start) for module in modules}
        reads = [functools.partial(self._of, module, since[module]) for module in modules]
        failed: list[ZohoError] = []
        refused: dict[str, PermissionRefusedError] = {}
        read = 0
        reading = Prefetch(self.run.executors.pages, reads, LEAST_CONCURRENCY)
        with self.run.progress.stream(self.name) as progress:
            for module, found in zip(modules, progress.awaited(reading), strict=True):
                if isinstance(found, UnavailableError):
                    self.logger.info("Zoho lists no deletions of %s: %s", module, found)
                elif isinstance(found, PermissionRefusedError):
                    refused[module] = found
                elif isinstance(found, ZohoError):
                    failed.append(found)
                else:
                    read += 1
                    ended = [one for one in found if one.deleted_time < cutoff]
                    for one in ended:
                        if one.deleted_time >= cutoff - self.run.lookback:
                            of_kind = recent.setdefault(f"{module} {one.kind}", {})
                            of_kind[one.id] = one.deleted_time
                    rows = [_row(module, one) for one in ended if not _is_in(known, module, one)]
                    yield from ([row] for row in rows)
                    progress.add(len(rows))
        self.run.report.outcome(self.name).records = progress.records
        if len(failed) > 1:
            raise failed[0].adding(f"Nor could {len(failed) - 1} other modules be read.")
        if failed:
            raise failed[0]
        self._warn_of_refused(refused, read)
        self.announce_batches()
        part.write(
            DeletionsState(
                version=VERSION,
                replication_key=self.replication_key,
                replication_key_value=max(cutoff, bookmark or cutoff),
                # The one bookmark passes them.
                pending={module: since[module] for module in refused},
                recent={
                    name: text
                    for name, times in recent.items()
                    if (text := pack_times(times)) is not None
                },
            )
        )

    def _warn_of_refused(self, refused: Mapping[str, PermissionRefusedError], read: int) -> None:
        """Warn of modules that may not be read, which nobody has chosen; raise if none may."""
        if not refused:
            return
        error = next(iter(refused.values()))
        if not read:
            raise error
        self.logger.warning(
            "Stream %s: read without the deletions of %s, for want of permission; they will be"
            " emitted once they may be read: %s",
            self.name,
            ", ".join(refused),
            error,
        )

    def _of(self, module: str, since: datetime | None) -> list[Deletion] | ZohoError:
        try:
            return self.run.deletions.since(module, since, self.name)
        except TooManyDeletionsError as error:
            return error.adding(
                f"Those before are lost to this stream: remove bookmarks.{self.name} from STATE to"
                " go on with what Zoho lists."
            )
        except ZohoError as error:
            return error


def _is_in(known: Mapping[str, Mapping[str, datetime]], module: str, one: Deletion) -> bool:
    """Whether the row of a deletion has been emitted by an earlier run."""
    emitted = known.get(f"{module} {one.kind}", {}).get(one.id)
    return emitted is not None and one.deleted_time <= emitted


def _row(module: str, deletion: Deletion) -> dict[str, Any]:
    return {
        "module_api_name": module,
        "id": deletion.id,
        "type": deletion.kind,
        _TIME: rfc3339(deletion.deleted_time),
        "deleted_by": deletion.deleted_by,
        "display_name": deletion.display_name,
        "created_by": deletion.created_by,
        "additional_properties": None,
    }
