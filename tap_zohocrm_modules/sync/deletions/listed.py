"""Zoho's lists of deletions, each read once for all streams of a run."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import Executor
from datetime import datetime
from typing import Any

from tap_zohocrm_modules.sync.deletions.times import pack_times, unpack_times
from tap_zohocrm_modules.sync.state import ListPosition
from tap_zohocrm_modules.zoho.records.deletions import (
    Deletion,
    DeletionList,
    Deletions,
    TooManyDeletionsError,
    line_of,
)
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.stable_scan import Scan
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339


class DeletionLists:
    """The deletions of all modules, as far as a run has read them.

    Args:
        client: Returns the organisation.
        limits: The sizes in which they are read.
        executor: Returns where pages are read at the same time.
    """

    def __init__(
        self, client: Callable[[], ZohoClient], limits: Limits, executor: Callable[[], Executor]
    ) -> None:
        self._client = client
        self._limits = limits
        self._executor = executor
        self._binned: dict[str, int] = {}
        self._known: dict[str, tuple[datetime | None, list[Deletion]]] = {}

    def since(self, module: str, instant: datetime | None, stream: str) -> list[Deletion]:
        """Return a module's deletions, those before the run's cutoff at least.

        Args:
            module: The module's API name.
            instant: Only those from this instant on; None for all that Zoho lists.
            stream: The stream that the credits are counted for.

        Raises:
            ZohoError: they cannot be read.
        """
        known = self._known.get(module)
        if known is None or (known[0] is not None and (instant is None or instant < known[0])):
            known = instant, self.until_now(module, instant, stream)
        return [one for one in known[1] if instant is None or one.deleted_time >= instant]

    def until_now(self, module: str, instant: datetime | None, stream: str) -> list[Deletion]:
        """Return a module's deletions up to this moment, as `since` does those before the cutoff.

        Whoever has read records asks for what was in the bin meanwhile.
        """
        found = self._listed(module, stream).since(instant)
        self._known[module] = instant, found
        return found

    def everything(
        self, module: str, stream: str, lists: dict[str, DeletionList]
    ) -> tuple[list[Deletion], TooManyDeletionsError | None]:
        """Return all that Zoho lists of a module, and the error if there is more.

        `lists` are gone on with, and kept up. Raises as `since` does.
        """
        # What is in the bin is part of it.
        pages = -(-self._binned.get(module, 0) // self._limits.page_rows)
        listed = dataclasses.replace(self._listed(module, stream), pages=pages, lists=lists)
        found, surplus = listed.listed(None)
        if surplus is None:
            self._known[module] = None, found
        return found, surplus

    def bin(
        self, module: str, stream: str, lists: dict[str, DeletionList] | None = None
    ) -> list[Deletion]:
        """Return what is in a module's recycle bin, as of now where no list is gone on with.

        Raises as `since` does.
        """
        listed = dataclasses.replace(self._listed(module, stream), lists=lists)
        found = listed.since(None, recycled_only=True)
        self._binned[module] = len(found)
        return found

    def are_binned(self, module: str, stream: str, ids: Collection[str]) -> bool:
        """Whether a module's recycle bin holds these records and no others; see `since`."""
        return self._listed(module, stream).are_binned(ids)

    def _listed(self, module: str, stream: str) -> Deletions:
        return Deletions(self._client(), module, stream, self._limits, self._executor())


def pack_lists(lists: Mapping[str, DeletionList]) -> dict[str, ListPosition]:
    """Return how far lists have been read, as STATE has it: some 4,000 deletions at most."""
    return {kind: _packed(found) for kind, found in lists.items()}


def unpack_lists(packed: Mapping[str, ListPosition], stream: str) -> dict[str, DeletionList]:
    """Return how far lists have been read by earlier runs; StateError: STATE has something else."""
    return {kind: _unpacked(position, stream) for kind, position in packed.items()}


def _packed(found: DeletionList) -> ListPosition:
    scan = found.scan
    goes_on = not (scan.is_whole or found.has_surplus)
    by_line = {line_of(row): row for row in found.rows}

    def packed(lines: Iterable[str]) -> dict[str, str]:
        return _by_kind(by_line[line] for line in lines)

    return ListPosition(
        rows=_by_kind(found.rows),
        before=packed(scan.before) if goes_on and scan.before is not None else None,
        met=packed(scan.met) if goes_on else {},
        pages=scan.pages if goes_on else 0,
        is_whole=scan.is_whole,
        has_surplus=found.has_surplus,
    )


def _by_kind(rows: Iterable[Mapping[str, Any]]) -> dict[str, str]:
    times: dict[str, dict[str, datetime]] = {}
    for row in rows:
        times.setdefault(str(row["type"]), {})[str(row[ID])] = parse(str(row["deleted_time"]))
    packed = {kind: pack_times(found) for kind, found in times.items()}
    return {kind: text for kind, text in packed.items() if text is not None}


def _unpacked(position: ListPosition, stream: str) -> DeletionList:
    def rows(packed: Mapping[str, str]) -> list[Mapping[str, Any]]:
        return [
            {ID: one, "type": kind, "deleted_time": rfc3339(time)}
            for kind, text in packed.items()
            for one, time in unpack_times(text, stream).items()
        ]

    def lines(packed: Mapping[str, str]) -> set[str]:
        return {*map(line_of, rows(packed))}

    found = rows(position.rows)
    scan = Scan(
        known={*map(line_of, found)},
        before=None if position.before is None else lines(position.before),
        met=lines(position.met),
        pages=position.pages,
        token=str(position.pages + 1) if position.pages else None,
        is_whole=position.is_whole,
    )
    return DeletionList([*found], scan, has_surplus=position.has_surplus, is_taken_up=True)
