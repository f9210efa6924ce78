"""How far the export of a module has come."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import msgspec


class BulkCheckpoint(msgspec.Struct, frozen=True):
    """Where an export goes on.

    Attributes:
        bulk_jobs: The ids of its jobs, page by page.
        bulk_pages_given: How many of their results have been emitted.
        bulk_rows_given: How many records of the next result have been emitted.
    """

    bulk_jobs: tuple[str, ...]
    bulk_pages_given: int = 0
    bulk_rows_given: int = 0

    def to_state(self) -> dict[str, Any]:
        """Return what STATE keeps."""
        kept: dict[str, Any] = msgspec.to_builtins(self)
        return {**kept, "bulk_jobs": list(self.bulk_jobs)}

    @classmethod
    def from_state(cls, kept: Mapping[str, Any]) -> BulkCheckpoint | None:
        """Return what STATE keeps; None if this is not what an export has written."""
        try:
            found = msgspec.convert(kept, cls)
        except msgspec.ValidationError:
            return None
        is_sound = 0 <= found.bulk_pages_given <= len(found.bulk_jobs) and all(
            job.isdecimal() for job in found.bulk_jobs
        )
        return found if is_sound and found.bulk_rows_given >= 0 else None
