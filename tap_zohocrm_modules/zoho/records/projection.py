"""Compiles a module's fields into the function that makes records out of rows."""

from __future__ import annotations

import operator
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records.column import Column, are_ids, by_value, column_converter
from tap_zohocrm_modules.zoho.records.conversions import Convert
from tap_zohocrm_modules.zoho.records.field_traits import SE_MODULE
from tap_zohocrm_modules.zoho.records.field_types import DATE_TIME, TAGS
from tap_zohocrm_modules.zoho.records.model import (
    ADDITIONAL_PROPERTIES,
    ID,
    MODIFIED_TIME,
    RecordField,
    request_names,
)
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

Record: TypeAlias = dict[str, Any]

_SECONDS = len("2025-04-24T17:32:20")


def columns(fields: Sequence[RecordField]) -> tuple[str, ...]:
    """Return the columns of a record of these fields, in their order."""
    return (*(field.column for field in fields), ADDITIONAL_PROPERTIES)


class Projection:
    """Makes records of some fields, each with every column, in the fields' order.

    Args:
        module: The module's API name, for errors.
        fields: What to make, `id` first.
        mismatches: Receives the columns of which a value does not fit, and `$` keys left out.
        tag_names: Returns the names of the module's tags.
        private: API names of fields of which nothing may show that is not asked for.
    """

    def __init__(
        self,
        module: str,
        fields: Sequence[RecordField],
        mismatches: set[str],
        tag_names: Callable[[], frozenset[str]] = frozenset,
        private: frozenset[str] = frozenset(),
    ) -> None:
        self.mismatches = mismatches
        self._module = module
        self.columns = columns(fields)
        """The columns of a record, in their order."""
        self._tag_names = tag_names
        self._fields = tuple(fields)
        self._by_column = [
            column_converter(f.type.json_at_once, by_value(_whole(f, f.type.json_converter)))
            for f in fields
        ]
        self._names = set(request_names(fields))
        self._private = private

    def from_rows(self, rows: Sequence[Mapping[str, Any]]) -> tuple[list[Record], frozenset[str]]:
        """Return the records of rows as Get Records and COQL send them, and the unclear ones' ids.

        What a row holds beside the fields is kept in `additional_properties`, but for the `$` keys:
        they concern the asking user's rights and the screen, and other read paths have none. A
        record lacks the columns of keys that its row lacks, which are not nulls. It is unclear if
        another read path has to decide a value, or may have what is lacking.

        Raises:
            UnreadableAnswerError: a row has no id.
        """
        if not rows:
            return [], frozenset()
        cells, absent = self._values_of(rows), {}
        if cells is None:
            cells, absent = self._values_there(rows), self._absent(rows)
        columns, unclear = self._converted(rows, cells)
        records = [dict(zip(self.columns, row, strict=True)) for row in zip(*columns, strict=True)]
        for at, lacking in absent.items():
            for column in lacking:
                del records[at][column]
        return records, unclear.union(records[at][ID] for at in absent)

    def in_columns(
        self, rows: Sequence[Mapping[str, Any]]
    ) -> tuple[Sequence[Sequence[Any]], frozenset[str]] | None:
        """Return the values of each column, and the ids of unclear records, as `from_rows` does.

        None if a row lacks a key: in columns that would be a null.
        """
        cells = self._values_of(rows)
        return None if cells is None else self._converted(rows, cells)

    def _converted(
        self, rows: Sequence[Mapping[str, Any]], cells: Sequence[Sequence[Any]]
    ) -> tuple[list[Sequence[Any]], frozenset[str]]:
        """Return the values of each column of rows with these values, and the unclear ones' ids."""
        columns = [convert(values) for convert, values in zip(self._by_column, cells, strict=True)]
        found = [column.values for column in columns]
        beside: list[Record | None] = [None] * len(rows)
        odd = {at for one in columns for at in (*one.mismatches, *one.ambiguous)}
        ids: Sequence[Any] = found[0]
        if not odd and are_ids(ids) and all(row.keys() <= self._names for row in rows):
            return [*found, beside], frozenset()
        unclear: set[str] = set()
        for at, row in enumerate(rows):
            self.check_id(ids[at])
            aside, is_clear = self._settled(row, columns, at) if at in odd else (None, True)
            beside[at] = self._beside(row, aside)
            if not is_clear:
                unclear.add(ids[at])
        return [*found, beside], frozenset(unclear)

    def _absent(self, rows: Sequence[Mapping[str, Any]]) -> dict[int, list[str]]:
        """Return the columns of which a row lacks the key, by the row's place; most lack none."""
        wanted = {f.request_name: f.column for f in self._fields if not _may_lack(f)}
        names = wanted.keys()
        return {
            at: [wanted[name] for name in names - row.keys()]
            for at, row in enumerate(rows)
            if not row.keys() >= names
        }

    def _settled(
        self, row: Mapping[str, Any], columns: Iterable[Column], at: int
    ) -> tuple[Record | None, bool]:
        """Return which values of a row do not fit, and whether all others are clear by now."""
        aside: Record | None = None
        is_clear = True
        for name, column in zip(self.columns, columns, strict=False):
            if at in column.mismatches:
                aside = self._set_aside(aside, name, column.mismatches[at])
            elif at in column.ambiguous:
                # Activities have the module beside the lookup.
                beside = row.get(SE_MODULE)
                is_named = isinstance(beside, str) and beside != ""
                column.values[at] = beside if is_named else None
                is_clear = is_clear and is_named
        return aside, is_clear

    def _values_of(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Sequence[Any]] | None:
        """Return the rows' values of each field; None if a row lacks some."""
        names = [field.request_name for field in self._fields]
        try:
            # Twice as fast as name by name.
            return list(zip(*map(_picker(names), rows), strict=True))
        except KeyError:
            return None

    def _values_there(self, rows: Sequence[Mapping[str, Any]]) -> Sequence[Sequence[Any]]:
        """Return the rows' values of each field, with nulls for what a row lacks."""
        return [[row.get(field.request_name) for row in rows] for field in self._fields]

    def places(self, header: Sequence[str]) -> list[int]:
        """Return where a CSV file with this header has each field.

        Raises:
            UnreadableAnswerError: it lacks a field.
        """
        places = {("id" if name == "Id" else name): place for place, name in enumerate(header)}
        if missing := [name for name in request_names(self._fields) if name not in places]:
            raise UnreadableAnswerError(
                f"{self._module}: the result of Bulk Read lacks {', '.join(missing)}."
            )
        return [places[field.request_name] for field in self._fields]

    def cell_converters(self) -> list[Convert]:
        """Return what makes a value of a CSV cell that is not empty, for each field."""
        return [_whole(f, f.type.cell_converter(self._known(f))) for f in self._fields]

    def set_aside(self, mismatches: Iterable[Mapping[int, Any]]) -> Mapping[int, Record]:
        """Return what does not fit its column, by the number of its row.

        `mismatches` has the same for each column, in their order.
        """
        aside: dict[int, Record] = {}
        for name, of_column in zip(self.columns, mismatches, strict=False):
            if of_column:
                self.mismatches.add(name)
            for row, cell in of_column.items():
                aside.setdefault(row, {})[name] = cell
        return aside

    def _beside(self, row: Mapping[str, Any], aside: Record | None) -> Record | None:
        """Return what a row holds beside the fields, added to values of other types."""
        if row.keys() <= self._names:
            return aside
        for name, value in row.items():
            if name in self._names or name in self._private or value is None:
                continue
            if name.startswith("$"):
                self.mismatches.add(name)
            else:
                aside = self._set_aside(aside, name, value)
        return aside

    def check_id(self, record_id: str | None) -> None:
        """Raise UnreadableAnswerError if this is not an id."""
        if not are_ids([record_id]):
            shown = "without an id" if record_id is None else f"with the id {record_id[:40]!r}"
            raise UnreadableAnswerError(f"{self._module}: Zoho sent a record {shown}.")

    def _known(self, field: RecordField) -> Callable[[], frozenset[str]]:
        return self._tag_names if field.type.name == TAGS.name else lambda: field.choices

    def _set_aside(self, aside: Record | None, column: str, value: Any) -> Record:
        self.mismatches.add(column)
        return {**(aside or {}), column: value}


def _may_lack(field: RecordField) -> bool:
    """Whether a row without the field's key says that it has no value."""
    return field.api_name in {ID, MODIFIED_TIME} or field.request_name.startswith("$")


def _picker(places: Sequence[Any]) -> Callable[[Any], Sequence[Any]]:
    """Return what takes the values at these places, or of these names, out of a row."""
    if len(places) == 1:
        return lambda row: (row[places[0]],)
    return operator.itemgetter(*places)


def _whole(field: RecordField, convert: Convert) -> Convert:
    """Return what makes Modified_Time a whole second, whatever Zoho sends: reads compare it."""
    if field.api_name != MODIFIED_TIME or field.type is not DATE_TIME:
        return convert

    def to_second(value: Any) -> str | None:
        time: str | None = convert(value)
        return f"{time[:_SECONDS]}Z" if time else None

    return to_second
