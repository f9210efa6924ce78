"""What the type of a field is: how its values look in each place, and which paths deliver them."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from typing import Any, TypeAlias

from tap_zohocrm_modules.zoho.records import conversions as to
from tap_zohocrm_modules.zoho.records.cell_splitter import CellSplitter
from tap_zohocrm_modules.zoho.records.conversions import Convert

AtOnce: TypeAlias = Callable[[Sequence[Any]], Sequence[Any]]
"""Makes the values of a column, null for null; ValueError for one that does not suit."""


@dataclasses.dataclass(frozen=True, slots=True, eq=False)
class FieldType:
    """How the values of a field look, whichever way they are read.

    Attributes:
        name: What the tap calls it.
        schema: The JSON Schema of a value.
        from_json: Makes a value of a JSON value that is not null, as REST and COQL send it.
        from_csv: Makes a value of a CSV cell that is not empty, as Bulk Read sends it.
        what: What a value is, for people.
        missing_on: The names of the read paths that cannot deliver it.
        separators: The signs of which one stands between several values in one CSV cell.
        json_at_once: Makes the values of a whole column of JSON values, if there is a faster way.
        csv_at_once: The same of a column of CSV cells.
        hashes: Makes what records hold in the place of a value, if not the value itself.
        hashes_read: The same of a value as it is read, which may be the beginning of a long text.
    """

    name: str
    schema: Mapping[str, Any]
    from_json: Convert
    from_csv: Convert
    what: str = ""
    missing_on: frozenset[str] = frozenset()
    separators: str = ""
    json_at_once: AtOnce | None = None
    csv_at_once: AtOnce | None = None
    hashes: Callable[[Any], str] | None = None
    hashes_read: Callable[[Any], str] | None = None

    @property
    def json_converter(self) -> Convert:
        """What makes a value of a JSON value that is not null."""
        return self.from_json if self.hashes_read is None else _hashing(self)

    def cell_converter(self, known: Callable[[], frozenset[str]]) -> Convert:
        """Return what makes a value of a CSV cell that is not empty.

        It raises TypeMismatchError for a cell of another type, AmbiguousValueError for one that
        another read path has to decide.

        Args:
            known: Returns the values that Zoho lists for the field, if it takes several.
        """
        if self.hashes_read is not None:
            plain = dataclasses.replace(self, hashes_read=None, from_json=self.from_csv)
            return _hashing(dataclasses.replace(self, from_json=plain.cell_converter(known)))
        if not self.separators:
            return self.from_csv
        # Values are chosen in few combinations.
        split = to.remembering(CellSplitter(self.separators, known).split)
        return lambda cell: list(split(cell))


def _hashing(kind: FieldType) -> Convert:
    """Return what makes hashes; what does not fit its type is hashed as it is, too."""
    convert, hashes = kind.from_json, kind.hashes_read

    def hashed(value: Any) -> str | None:
        try:
            found = convert(value)
        except to.TypeMismatchError:
            found = value
        return None if found is None or hashes is None else hashes(found)

    return hashed
