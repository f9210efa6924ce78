"""Joins slices of a record's fields: never half a record, nor one of two times."""

from __future__ import annotations

import functools
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from concurrent.futures import Executor
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.get_records import GetRecordsRequest
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES, ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record, columns
from tap_zohocrm_modules.zoho.records.reading import Source, slices
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch

Rows: TypeAlias = Sequence[Mapping[str, Any]]

_MOST_TRIES = 5


class FieldSliceJoiner:
    """Reads the records of certain ids whole, by Get Records, several slices at a time."""

    def __init__(
        self, source: Source, executor: Executor, absences: Absences | None = None
    ) -> None:
        self._source = source
        self._executor = executor
        self._absences = absences or Absences(source)
        self.field_slices = slices(source.fields, source.key_fields(), source.limits.list_fields)
        """The slices of fields in which records are read."""
        self._projections = [source.projection(part) for part in self.field_slices]
        self._columns = columns(source.fields)

    def at_once(self, reads: Iterable[Callable[[], Any]]) -> list[Any]:
        """Return what the calls return, made at the same time."""
        return list(Prefetch(self._executor, reads, len(self.field_slices)))

    def join(self, parts: Sequence[Rows]) -> list[Record]:
        """Return the records of one page from the rows of each slice.

        A record that is absent from a slice, or was changed between two of them, is read again;
        one that is gone by then is left out. Raises as `of` does.
        """
        first = self._first(parts[0])
        if len(parts) == 1:
            return first
        whole, torn = self._matched(first, parts)
        again = self.by_ids(torn, listed=True, there=next(iter(whole), None)) if torn else {}
        return [
            found
            for record in first
            if (found := whole.get(record[ID]) or again.get(record[ID])) is not None
        ]

    def completed(self, rows: Rows) -> list[Record]:
        """Return the whole records of those rows of the first slice that are there.

        Raises as `by_ids` does.
        """
        if len(self.field_slices) == 1:
            return self._first(rows)
        return list(self.by_ids([str(row[ID]) for row in rows], listed=True).values())

    def by_ids(
        self, ids: Sequence[str], *, listed: bool = False, there: str | None = None
    ) -> dict[str, Record]:
        """Return the records of these ids that are there.

        Args:
            ids: Of any number of records.
            listed: Zoho has just listed them, so that those which are not there must be gone.
            there: The id of a record that Zoho has just sent.

        Raises:
            ZohoError: Zoho refuses, a record keeps changing while it is read, or one that it has
                listed is neither sent nor gone.
        """
        found = self._read(ids)
        if listed and (absent := [one for one in ids if one not in found]):
            # One answer may lack what is there.
            found.update(self._read(absent))
            self._check_absent([one for one in absent if one not in found], found, there)
        return found

    def _read(self, ids: Sequence[str]) -> dict[str, Record]:
        found: dict[str, Record] = {}
        wanted = list(ids)
        size = self._source.limits.list_ids
        for _ in range(_MOST_TRIES):
            torn: list[str] = []
            for begin in range(0, len(wanted), size):
                some = wanted[begin : begin + size]
                parts = self._parts(some)
                whole, again = self._matched(self._first(parts[0]), parts)
                found.update(whole)
                torn += again
            if not torn:
                return found
            wanted = torn
        raise UnreadableAnswerError(
            f"{self._source.module.api_name}: {len(wanted)} records (such as {wanted[0]}) were"
            f" changed during each of {_MOST_TRIES} reads of their fields: run again."
        )

    def _parts(self, ids: Sequence[str]) -> list[Rows]:
        reads = [
            functools.partial(GetRecordsRequest(self._source, part).by_ids, ids)
            for part in self.field_slices
        ]
        return [listed.rows for listed in self.at_once(reads)]

    def _check_absent(
        self, absent: Sequence[str], found: Collection[str], there: str | None
    ) -> None:
        other = next(iter(found), there)
        self._absences.check(absent, lambda: other is not None and bool(self._parts([other])[0]))

    def _first(self, rows: Rows) -> list[Record]:
        records, _ = self._projections[0].from_rows(rows)
        return records

    def _matched(
        self, first: Sequence[Record], parts: Sequence[Rows]
    ) -> tuple[dict[str, Record], list[str]]:
        """Return the records all of whose slices agree, and the ids of the others."""
        others = [
            {record[ID]: record for record in projection.from_rows(rows)[0]}
            for projection, rows in zip(self._projections[1:], parts[1:], strict=True)
        ]
        whole: dict[str, Record] = {}
        torn: list[str] = []
        for record in first:
            rest = [found for other in others if (found := other.get(record[ID])) is not None]
            if len(rest) < len(others) or any(
                found.get(MODIFIED_TIME) != record.get(MODIFIED_TIME) for found in rest
            ):
                torn.append(record[ID])
            else:
                whole[record[ID]] = merged((record, *rest), self._columns) if rest else record
        return whole, torn


def merged(parts: Sequence[Record], names: Iterable[str]) -> Record:
    """Return one record of several parts of it, with these columns."""
    values: Record = {}
    extras: Record = {}
    for part in parts:
        values.update(part)
        extras.update(part[ADDITIONAL_PROPERTIES] or {})
    values[ADDITIONAL_PROPERTIES] = extras or None
    return {name: values[name] for name in names if name in values}
