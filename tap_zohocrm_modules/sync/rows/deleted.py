"""The deletions in all modules, as rows.

https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html
"""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Iterator, Mapping
from datetime import datetime
from types import MappingProxyType
from typing import Any

from tap_zohocrm_modules.sync.rows.column import column
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.deletions import Deletion, TooManyDeletionsError
from tap_zohocrm_modules.zoho.records.private import Privacy
from tap_zohocrm_modules.zoho.transport.edition import LEAST_CONCURRENCY
from tap_zohocrm_modules.zoho.transport.errors import (
    PermissionRefusedError,
    UnavailableError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

DELETED_RECORDS = "deleted_records"
DELETED_TIME = "deleted_time"

SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": (
        "One row a deletion. Zoho lists those in the recycle bin for 60 days, permanent ones for"
        " 120. https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html"
    ),
    "properties": {
        "module_api_name": column("string", "The module, by its API name.", is_key=True),
        "id": column("string", "The record's id.", is_key=True),
        "type": column("string", "recycle: in the recycle bin; permanent: for good.", is_key=True),
        DELETED_TIME: column("string", "When it was deleted.", format="date-time"),
        "deleted_by": column("string", "The id of the user who deleted it."),
        "display_name": column("string", "The record's name; null for permanent deletions."),
        "created_by": column("string", "The id of the user who created the record."),
        "additional_properties": column("object", "What else Zoho returns."),
    },
}


@dataclasses.dataclass(eq=False)
class DeletedRows:
    """Reads the deletions of modules, several at a time."""

    run: Run
    refused: dict[str, PermissionRefusedError] = dataclasses.field(default_factory=dict)
    """Why the deletions of some modules may not be read."""
    _failed: list[ZohoError] = dataclasses.field(default_factory=list, init=False)
    _read: int = dataclasses.field(default=0, init=False)

    def found(
        self,
        since: Mapping[str, datetime | None],
        due: Mapping[str, datetime | None] = MappingProxyType({}),
    ) -> Iterator[tuple[str, list[Deletion]]]:
        """Yield the deletions of each module since an instant, None for all that Zoho lists.

        Where they are more than Zoho lists, those that are `due` do: since later instants, before
        which they have been emitted. Modules that cannot be read are left out; `check` says which.
        """
        reads = [functools.partial(self._of, name, since[name], due.get(name)) for name in since]
        reading = Prefetch(self.run.executors.pages, reads, LEAST_CONCURRENCY)
        for module, found in zip(since, reading, strict=True):
            if isinstance(found, UnavailableError):
                logger.info("Zoho lists no deletions of %s: %s", module, found)
            elif isinstance(found, PermissionRefusedError):
                self.refused[module] = found
            elif isinstance(found, ZohoError):
                self._failed.append(found)
            else:
                self._read += 1
                yield module, found

    def check(self) -> None:
        """Raise a ZohoError if a module could not be read; warn of those that may not be."""
        if len(self._failed) > 1:
            raise self._failed[0].adding(
                f"Nor could {len(self._failed) - 1} other modules be read."
            )
        if self._failed:
            raise self._failed[0]
        self._warn_of_refused()

    def _warn_of_refused(self) -> None:
        """Warn of modules that may not be read, which nobody has chosen; raise if none may."""
        if not self.refused:
            return
        error = next(iter(self.refused.values()))
        if not self._read:
            raise error
        logger.warning(
            "Stream %s: read without the deletions of %s, for want of permission; they will be"
            " emitted once they may be read: %s",
            DELETED_RECORDS,
            ", ".join(self.refused),
            error,
            extra=about(DELETED_RECORDS),
        )

    def _of(
        self, module: str, since: datetime | None, due: datetime | None
    ) -> list[Deletion] | ZohoError:
        try:
            return self.run.deletions.since(module, since, DELETED_RECORDS)
        except TooManyDeletionsError as error:
            if since is not None and due is not None and since < due:
                logger.warning(
                    "Stream %s: more records of %s were deleted within the lookback than Zoho"
                    " lists: deletions that became visible late may be missing.",
                    DELETED_RECORDS,
                    module,
                    extra=about(DELETED_RECORDS),
                )
                return self._of(module, due, None)
            return error.adding(
                "Those before are lost to this stream: remove bookmarks."
                f"{DELETED_RECORDS} from STATE to go on with what Zoho lists."
            )
        except ZohoError as error:
            return error


def deleted_row(module: str, deletion: Deletion, privacy: Privacy | None) -> dict[str, Any]:
    """Return the row of a deletion in a module.

    A record's name may consist of private fields, which are not known of every module.
    """
    name = deletion.display_name
    return {
        "module_api_name": module,
        "id": deletion.id,
        "type": deletion.kind,
        DELETED_TIME: rfc3339(deletion.deleted_time),
        "deleted_by": deletion.deleted_by,
        "display_name": name if privacy is None else privacy.in_place_of(name),
        "created_by": deletion.created_by,
        "additional_properties": None,
    }
