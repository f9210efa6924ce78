"""The report of the tap's `--verify … --verify-format json`: how far a warehouse is like Zoho."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from pathlib import Path

import msgspec

from zohocrm_atlas.errors import AtlasError


class Fault(msgspec.Struct, frozen=True):
    """A row that differs: missing, surplus, stale, doubled or different."""

    kind: str


class VerifiedStream(msgspec.Struct, frozen=True):
    """What was found of one stream's table; a `problem` says why it could not be compared."""

    stream: str
    faults: tuple[Fault, ...]
    zoho: int | None = None
    newest: str | None = None
    problem: str | None = None

    @property
    def kinds(self) -> Mapping[str, int]:
        """How many faults of each kind there are."""
        return Counter(fault.kind for fault in self.faults)


class Verified(msgspec.Struct, frozen=True):
    """A report."""

    equal: bool
    streams: tuple[VerifiedStream, ...]


def read_report(path: Path) -> Verified:
    """The report of this file.

    Raises:
        AtlasError: It is none.
    """
    try:
        return msgspec.json.decode(path.read_bytes(), type=Verified)
    except (OSError, msgspec.DecodeError) as error:
        raise AtlasError(
            f"verified is {path}, which cannot be read as a report of the tap's --verify"
            f" ({type(error).__name__}: {error}): make one with --verify-format json."
        ) from error
