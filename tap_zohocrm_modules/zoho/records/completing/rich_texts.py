"""Whole rich texts, of which lists of records hold the beginnings.

https://www.zoho.com/crm/developer/docs/api/v8/get-rich-text-fields.html
"""

from __future__ import annotations

import itertools
from collections.abc import Callable, Sequence
from typing import Any

from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.get_records import GetRecordsRequest
from tap_zohocrm_modules.zoho.records.model import ID, RecordField
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import SCOPE, Source
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

_CUT_AT = 500
# Of the character that a cut would split, both halves may be left out.
_CUT = frozenset({_CUT_AT - 1, _CUT_AT})
_CUT_MARK = "~"
"""Follows the hash of a text that may be cut."""
_MOST_FIELDS = 8
_MOST_IDS = 200


def may_be_cut(text: str | None) -> bool:
    """Whether a text is as long as those of which lists of records hold the beginnings.

    Zoho says "500 characters" and not of which kind: they may be UTF-16 units, as in Java, of which
    an emoji has two. Nor does a document say whether queries and bulk jobs send texts whole.
    """
    return text is not None and _length(text) in _CUT


def is_perhaps_cut(field: RecordField, value: str | None) -> bool:
    """Whether the text of a field, or the one that it is the hash of, may be a beginning."""
    if field.type.hashes is not None:
        return value is not None and value.endswith(_CUT_MARK)
    return may_be_cut(value)


def marking_cuts(of_text: Callable[[Any], str]) -> Callable[[Any], str]:
    """Return what hashes texts, and marks the hashes of those that may be cut."""

    def hashed(text: Any) -> str:
        return f"{of_text(text)}{_CUT_MARK if may_be_cut(str(text)) else ''}"

    return hashed


def _length(text: str) -> int:
    """Return how many UTF-16 units a text has; of one that is long anyway, its characters."""
    if len(text) >= _CUT_AT or 2 * len(text) < _CUT_AT - 1 or text.isascii():
        return len(text)
    return len(text.encode("utf-16-le", "surrogatepass")) // 2


class RichTexts:
    """Completes the rich texts of one module's records."""

    def __init__(self, source: Source, absences: Absences | None = None) -> None:
        self._source = source
        self._absences = absences or Absences(source)
        rich = [field for field in source.fields if field.rich]
        self._groups = [
            rich[begin : begin + _MOST_FIELDS] for begin in range(0, len(rich), _MOST_FIELDS)
        ]

    def completed(self, records: Sequence[Record]) -> list[Record]:
        """Return the records that are still there, with the whole of each text a list may cut."""
        gone: set[str] = set()
        for fields in self._groups:
            cut = [
                record
                for record in records
                if any(_is_long(field, record.get(field.column)) for field in fields)
            ]
            for begin in range(0, len(cut), _MOST_IDS):
                gone |= self._complete(fields, cut[begin : begin + _MOST_IDS])
        return [record for record in records if record[ID] not in gone]

    def _complete(self, fields: Sequence[RecordField], records: Sequence[Record]) -> set[str]:
        """Fetch the whole texts of records, and return the ids of those that are gone."""
        left = self._fetch(fields, records)
        if not left:
            return set()
        there = self._there([record[ID] for record in left])
        again = self._fetch(fields, [record for record in left if record[ID] in there])
        if again:
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: Zoho lists the record {again[0][ID]}, but does"
                f" not send the whole text of its {fields[0].api_name} (fetch_full_data): run"
                " again."
            )
        gone = {record[ID] for record in left} - there
        self._absences.check(sorted(gone), lambda: len(gone) < len(records))
        return gone

    def _fetch(self, fields: Sequence[RecordField], records: Sequence[Record]) -> list[Record]:
        """Fetch the whole texts of records, and return those of which Zoho sent none."""
        if not records:
            return []
        call = Call(
            f"{self._source.path}/actions/fetch_full_data",
            SCOPE,
            stream=self._source.stream,
            params=(
                ("fields", ",".join(field.api_name for field in fields)),
                ("ids", ",".join(record[ID] for record in records)),
            ),
        )
        data = (self._source.client.call(call).body or {}).get("data")
        known = data if isinstance(data, list) else []
        rows = {row.get(ID): row for row in known if isinstance(row, dict)}
        for record, field in itertools.product(records, fields):
            if (row := rows.get(record[ID])) is None:
                continue
            text = row.get(field.api_name)
            if isinstance(text, str):
                hashes = field.type.hashes
                record[field.column] = (hashes(text) if hashes else text) if text else None
            elif record.get(field.column) is not None:
                raise UnreadableAnswerError(
                    f"{call}: no whole text of {field.api_name} for the record {record[ID]}."
                )
        return [record for record in records if record[ID] not in rows]

    def _there(self, ids: Sequence[str]) -> set[str]:
        keys = GetRecordsRequest(self._source, self._source.key_fields())
        size = self._source.limits.list_ids
        return {
            str(row.get(ID))
            for begin in range(0, len(ids), size)
            for row in keys.by_ids(ids[begin : begin + size]).rows
        }


def _is_long(field: RecordField, value: str | None) -> bool:
    if field.type.hashes is not None:
        return is_perhaps_cut(field, value)
    return _length(value or "") >= min(_CUT)
