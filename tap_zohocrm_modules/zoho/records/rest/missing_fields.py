"""Adds to records what their read path does not deliver: fields, and whole rich texts.

https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
https://www.zoho.com/crm/developer/docs/api/v8/get-rich-text-fields.html
"""

from __future__ import annotations

import itertools
from collections.abc import Collection, Iterator, Sequence

from tap_zohocrm_modules.zoho.records.columnar import Columnar, column
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField
from tap_zohocrm_modules.zoho.records.projection import Record, columns
from tap_zohocrm_modules.zoho.records.reading import Executors, Source
from tap_zohocrm_modules.zoho.records.rest.field_slices import FieldSliceJoiner, merged
from tap_zohocrm_modules.zoho.records.rest.get_records import GetRecordsRequest
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

CUT_AT = 500
"""How many characters of a text lists of records hold."""

_MOST_FIELDS = 8
_MOST_IDS = 200


class MissingFieldFetcher:
    """Completes the records of one module, which lack some fields, by Get Records."""

    def __init__(
        self, source: Source, lacking: Sequence[RecordField], executors: Executors
    ) -> None:
        self._columns = columns(source.fields)
        self._rich = [f.column for f in source.fields if f.rich and f not in lacking]
        self._lacking = source.of_fields((*source.key_fields(), *lacking)) if lacking else None
        self._more = FieldSliceJoiner(self._lacking, executors.single) if self._lacking else None
        self._more_texts = RichTexts(self._lacking) if self._lacking else None
        self._whole = FieldSliceJoiner(source, executors.single)
        self._texts = RichTexts(source)

    def completed(
        self, records: Sequence[Record], ambiguous: Collection[str] = ()
    ) -> Sequence[Record]:
        """Return the records whole, but for those that are gone.

        Of those whose ids are `ambiguous`, more than the lacking fields has to be read. All have
        `Modified_Time` where the module has it.
        """
        ambiguous = {*ambiguous, *self._cut(records)}
        if not records or (self._more is None and not ambiguous):
            return records
        if isinstance(records, Columnar) and self._more is None:
            odd = records.of(ID, ambiguous)
            found = {record[ID]: record for record in self.completed(odd, ambiguous)}
            return records.replacing({record[ID]: found.get(record[ID]) for record in odd})
        whole: dict[str, Record] = {}
        torn: list[str] = [record[ID] for record in records if record[ID] in ambiguous]
        rest = [record for record in records if record[ID] not in ambiguous]
        if self._more is None:
            whole = {record[ID]: record for record in rest}
        else:
            found = self._more.of([record[ID] for record in rest], listed=True)
            for record in rest:
                more = found.get(record[ID])
                if more is None or more.get(MODIFIED_TIME) != record.get(MODIFIED_TIME):
                    torn.append(record[ID])
                else:
                    whole[record[ID]] = merged((record, more), self._columns)
            if self._more_texts:
                present = self._more_texts.completed(list(whole.values()))
                whole = {record[ID]: record for record in present}
        if torn:
            again = self._whole.of(torn, listed=True, there=next(iter(whole), None))
            present = self._texts.completed(list(again.values()))
            whole.update((record[ID], record) for record in present)
        return [whole[record[ID]] for record in records if record[ID] in whole]

    def _cut(self, records: Sequence[Record]) -> Iterator[str]:
        """Yield the ids of records whose texts are as long as those that Get Records cuts."""
        # No document says whether queries and bulk jobs send them whole.
        for name in self._rich:
            if isinstance(records, Columnar):
                lengths = records.lengths(name)
            else:
                lengths = [len(record.get(name) or "") for record in records]
            if CUT_AT in lengths:
                ids = column(records, ID)
                yield from (ids[at] for at, length in enumerate(lengths) if length == CUT_AT)


class RichTexts:
    """Completes the rich texts of one module's records."""

    def __init__(self, source: Source) -> None:
        self._source = source
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
                if any(len(record.get(field.column) or "") >= CUT_AT for field in fields)
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
        return {record[ID] for record in left} - there

    def _fetch(self, fields: Sequence[RecordField], records: Sequence[Record]) -> list[Record]:
        """Fetch the whole texts of records, and return those of which Zoho sent none."""
        if not records:
            return []
        call = self._source.call(
            f"{self._source.path}/actions/fetch_full_data",
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
                record[field.column] = text or None
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
            for row in keys.of(ids[begin : begin + size]).rows
        }
