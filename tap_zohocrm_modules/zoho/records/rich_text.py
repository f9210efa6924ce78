"""Whole rich texts in place of those that lists of records cut.

https://www.zoho.com/crm/developer/docs/api/v8/get-rich-text-fields.html
"""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import quote

from tap_zohocrm_modules.zoho.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.records.fields import ID, RecordField
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Source

_CUT_AT = 500
_MOST_FIELDS = 8
_MOST_IDS = 200


class RichTexts:
    """Completes the rich texts of one module's records.

    Args:
        source: The module, and what is wanted of it.
    """

    def __init__(self, source: Source) -> None:
        self._source = source
        rich = [field for field in source.fields if field.rich]
        self._groups = [
            rich[begin : begin + _MOST_FIELDS] for begin in range(0, len(rich), _MOST_FIELDS)
        ]

    def completed(self, records: list[Record]) -> list[Record]:
        """Return the records, with the whole of each text that a list may have cut.

        Raises:
            ZohoError: Zoho refuses to give one.
        """
        for fields in self._groups:
            cut = [
                record
                for record in records
                if any(len(record[field.column] or "") >= _CUT_AT for field in fields)
            ]
            for begin in range(0, len(cut), _MOST_IDS):
                self._complete(fields, cut[begin : begin + _MOST_IDS])
        return records

    def _complete(self, fields: Sequence[RecordField], records: Sequence[Record]) -> None:
        name = self._source.module.api_name
        call = self._source.call(
            f"/{quote(name, safe='')}/actions/fetch_full_data",
            params=(
                ("fields", ",".join(field.api_name for field in fields)),
                ("ids", ",".join(record[ID] for record in records)),
            ),
        )
        answer = self._source.client.call(call)
        data = (answer.body or {}).get("data", [])
        rows = {row.get(ID): row for row in data if isinstance(row, dict)}
        for record in records:
            row = rows.get(record[ID])
            if row is None:
                # Deleted since: what is left of it is said by the deletion.
                continue
            for field in fields:
                text = row.get(field.api_name)
                if not isinstance(text, str):
                    if record[field.column] is None:
                        continue
                    raise UnreadableAnswerError(
                        f"{call}: no whole text of {field.api_name} for the record {record[ID]}."
                    )
                record[field.column] = text or None
