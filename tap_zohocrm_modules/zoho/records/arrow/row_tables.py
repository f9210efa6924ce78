"""Makes tables of rows of JSON, as Get Records and COQL send them.

A column's values are made Arrow's at once, as long as they are at hand: to take them out of records
again takes as long as all the rest.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.zoho.records.arrow.record_table import RecordTable
from tap_zohocrm_modules.zoho.records.arrow.values import arrow_type, encode
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.projection import Projection


class RowTables:
    """Makes tables of the rows of one module.

    Args:
        fields: The fields to make, `id` first.
        projection: Makes values of them.
    """

    def __init__(self, fields: Sequence[RecordField], projection: Projection) -> None:
        self._projection = projection
        # What is beside the fields is JSON text.
        self._kinds = [*(arrow_type(field.type.schema) for field in fields), pa.string()]

    def table(self, rows: Sequence[Mapping[str, Any]]) -> tuple[RecordTable, frozenset[str]] | None:
        """Return the records of rows, and the unclear ones' ids.

        None if a table would not have the values that records have: where a row lacks a key, or a
        value does not fit the type of its column.

        Raises:
            UnreadableAnswerError: a row has no id.
        """
        found = self._projection.in_columns(rows) if rows else None
        if found is None:
            return None
        values, unclear = found
        columns = list(map(encode, values, self._kinds))
        if [column.type for column in columns] != self._kinds:
            return None
        names = list(self._projection.columns)
        return RecordTable(pa.RecordBatch.from_arrays(columns, names=names)), unclear
