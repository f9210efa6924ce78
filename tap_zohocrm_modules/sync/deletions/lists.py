"""Unfinished lists of all deletions, as STATE has them: at most some 4,000 deletions, packed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any

from tap_zohocrm_modules.sync.deletions.times import pack_times, unpack_times
from tap_zohocrm_modules.sync.state import ListPosition
from tap_zohocrm_modules.zoho.records.deletions import DeletionList, line_of
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.stable_scan import Scan
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339


def pack_lists(lists: Mapping[str, DeletionList]) -> dict[str, ListPosition]:
    """Return how far lists have been read, as STATE has it."""
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
        passes=scan.passes,
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
        passes=position.passes,
        pages=position.pages,
        token=str(position.pages + 1) if position.pages else None,
        is_whole=position.is_whole,
    )
    return DeletionList([*found], scan, has_surplus=position.has_surplus, is_taken_up=True)
