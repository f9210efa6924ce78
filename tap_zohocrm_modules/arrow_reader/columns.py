"""Which columns are read, and how blocks of them keep to one schema."""

from __future__ import annotations

import difflib
import json
import logging
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal
from typing import Any

import pyarrow as pa

from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.zoho.records.arrow.values import Blocks
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.json_text import json_text
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

Columns = Mapping[str, Mapping[str, Any]]
"""The JSON Schema of each column, in the columns' order."""


def chosen(
    stream: str, columns: Columns, fields: Iterable[str] | None, always: Collection[str]
) -> Columns:
    """Return the columns that are wanted, in the schema's order.

    Args:
        stream: The stream's name, for errors.
        columns: All columns.
        fields: The names of the wanted ones; None for all.
        always: Those that come in any case.

    Raises:
        SettingsError: there is no such column.
    """
    if fields is None:
        return columns
    names = _names(fields)
    problems = []
    for name in names:
        if not isinstance(name, str) or name not in columns:
            close = difflib.get_close_matches(str(name), columns, n=1, cutoff=0.5)
            hint = f": did you mean {close[0]}?" if close else ""
            problems.append(f"fields has {name!r}, and {stream} has no such column{hint}")
    if problems:
        raise SettingsError(problems)
    wanted = {*names, *always}
    return {name: schema for name, schema in columns.items() if name in wanted}


def _names(fields: object) -> list[Any]:
    if isinstance(fields, (str, bytes)) or not isinstance(fields, Iterable):
        raise SettingsError([f"fields is {fields!r}, which must be a list of names"])
    return list(fields)  # It may be an iterator.


class OneSchema:
    """Makes blocks of one schema, whatever the values are.

    A value that does not fit its column's Arrow type goes to `additional_properties`, as values of
    other types do; a file would have a column of texts.

    Args:
        stream: The stream's name, for errors.
        columns: Its columns.
        metadata: What the schema says besides.
    """

    def __init__(self, stream: str, columns: Columns, metadata: Mapping[str, str]) -> None:
        self._stream = stream
        self._blocks = Blocks(columns)
        self.schema: pa.Schema = self._blocks.schema.with_metadata(dict(metadata))
        """The schema of all blocks."""

    def batch(self, rows: Records) -> pa.RecordBatch:
        """Return a block of rows; UnreadableAnswerError: a value has no place."""
        columns = rows.arrow
        block = self._blocks.of_rows(rows) if columns is None else self._blocks.of_columns(columns)
        if block.schema != self._blocks.schema:
            block = self._set_aside(block)
        return pa.RecordBatch.from_arrays(block.columns, schema=self.schema)

    def _set_aside(self, block: pa.RecordBatch) -> pa.RecordBatch:
        """Return a block whose values all fit, those that do not beside the columns."""
        wanted, found = self._blocks.schema, block.schema
        odd = [field.name for field in wanted if found.field(field.name) != field]
        if ADDITIONAL_PROPERTIES not in found.names:
            raise UnreadableAnswerError(
                f"{self._stream}: a value of {', '.join(odd)} does not fit"
                f" {wanted.field(odd[0]).type}: name {ADDITIONAL_PROPERTIES} in fields, where such"
                " values go, or leave the column out."
            )
        logger.warning(
            "Stream %s: values that do not fit Arrow's types, and so kept in %s: %s.",
            self._stream,
            ADDITIONAL_PROPERTIES,
            ", ".join(odd),
            extra=about(self._stream),
        )
        rows: list[dict[str, Any]] = block.to_pylist()
        asides = [
            json.loads(row[ADDITIONAL_PROPERTIES] or "{}", parse_float=Decimal) for row in rows
        ]
        arrays = dict(zip(block.schema.names, block.columns, strict=True))
        for name in odd:
            kind = wanted.field(name).type
            fitting: list[Any] = []
            for row, aside in zip(rows, asides, strict=True):
                text = row[name]
                one = _fitting(text, kind)
                if one is None and text is not None:
                    aside[name] = text
                fitting.append(one)
            arrays[name] = pa.array(fitting, kind)
        texts = [json_text(aside) if aside else None for aside in asides]
        arrays[ADDITIONAL_PROPERTIES] = pa.array(texts, pa.string())
        return pa.RecordBatch.from_arrays(list(arrays.values()), names=list(arrays))


def _fitting(text: str | None, kind: pa.DataType) -> Any:
    """Return the value of a text in a type, None where it does not fit."""
    try:
        return pa.array([text], pa.string()).cast(kind)[0].as_py()
    # Some types cannot be cast to from texts at all; the text goes to additional_properties then.
    except (pa.ArrowException, NotImplementedError):
        return None
