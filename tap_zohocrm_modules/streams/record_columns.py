"""The columns of a module's records: as its fields are now, and as a catalog has them.

A catalog may be older than Zoho's fields.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Iterable, Mapping
from typing import Any

from singer_sdk.singerlib import CatalogEntry, SelectionMask

from tap_zohocrm_modules.zoho.records.model import (
    DELETED_AT,
    ID,
    MODIFIED_TIME,
    RecordField,
    RecordModule,
)
from tap_zohocrm_modules.zoho.records.private import PRIVATE
from tap_zohocrm_modules.zoho.records.records import Shape
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

REDISCOVER = "run discovery again (under Meltano: with --refresh-catalog)"


def rename_columns(
    entry: CatalogEntry,
    fields: Iterable[RecordField],
    emitted: RecordModule,
    kept: Mapping[str, str],
    now: Mapping[str, Mapping[str, Any]],
) -> bool:
    """Let columns of a catalog take the names by which they are emitted.

    Return whether one has been renamed.

    Args:
        entry: The catalog's, which is changed.
        fields: The fields of its columns, or those that discovery has, which knows no STATE.
        emitted: The module with the columns that are emitted.
        kept: What columns have been called that were emitted, by the API names of their fields.
        now: The columns as they are.
    """
    columns = entry.schema.properties or {}
    # Those whose fields are gone keep theirs as well.
    names = {(name, ""): column for name, column in kept.items()}
    names |= {(field.api_name, field.asked_as): field.column for field in emitted.fields}
    moved = {
        field.column: name
        for field in fields
        if (name := names.get((field.api_name, field.asked_as), field.column)) != field.column
    }
    # A catalog without notes that lacks one of them is older, and may have these names already.
    if not moved or not columns.keys() >= moved.keys():
        return False
    taken = {*moved.values()} - moved.keys()
    entry.schema.properties = {
        moved.get(name, name): one for name, one in columns.items() if name not in taken
    }
    for name in now.keys() & moved.values():
        entry.schema.properties[name].description = now[name]["description"]
    moved_metadata = {
        ("properties", name): entry.metadata.pop(("properties", column))
        for column, name in moved.items()
        if ("properties", column) in entry.metadata
    }
    for breadcrumb, metadata in moved_metadata.items():
        entry.metadata[breadcrumb] = metadata
    return True


@dataclasses.dataclass(eq=False)
class CatalogColumns:
    """Which columns of a module are emitted, and in which order."""

    stream: str
    module: RecordModule  # as it is now
    now: Mapping[str, Mapping[str, Any]]  # the columns of its records as they are now
    catalog: Mapping[str, Mapping[str, Any]]  # the columns of the catalog
    mask: SelectionMask  # which of those are chosen

    @functools.cached_property
    def names(self) -> tuple[str, ...]:
        """The chosen columns in the catalog's order, but for those whose fields have vanished.

        A null would overwrite a value that Zoho has not changed.
        """
        return tuple(
            column for column in self.catalog if column in self.now and self._is_chosen(column)
        )

    def fields(self) -> tuple[RecordField, ...]:
        """Return the fields of the chosen columns, the id and the time of change among them."""
        return tuple(
            field
            for field in self.module.fields
            if field.api_name in {ID, MODIFIED_TIME}
            or (field.column in self.catalog and self._is_chosen(field.column))
        )

    @functools.cached_property
    def shape(self) -> Shape:
        """The chosen columns, in the catalog's order."""
        # A whole record has the columns of its fields, and one for the rest.
        return Shape(dict.fromkeys(self.names), len(self.fields()) + 1)

    def check(self) -> None:
        """Say how the catalog differs from the fields.

        Raises:
            ZohoError: a type has changed, so that loaders would get values of another type.
        """
        changed = [
            f"{name} ({_shown(self.catalog[name])}, now {_shown(column)})"
            for name, column in self.now.items()
            if name in self.catalog and _type_of(self.catalog[name]) != _type_of(column)
        ]
        if changed:
            raise ZohoError(
                f"The catalog is older than the fields {', '.join(changed)}, whose types have"
                f" changed since: {REDISCOVER}, and let the destination's columns take the new"
                " type."
            )
        if newer := [name for name in self.now if name not in self.catalog]:
            logger.warning(
                "Stream %s: not read, being newer than the catalog: %s; %s.",
                self.stream,
                ", ".join(newer),
                REDISCOVER,
                extra=about(self.stream),
            )
        gone = [
            name
            for name in self.catalog
            # Without tombstones their column is missing, which is not a field of Zoho's.
            if name not in self.now and name != DELETED_AT and self._is_chosen(name)
        ]
        private = [name for name in gone if self.module.left_out.get(name) == PRIVATE]
        if private:
            logger.warning(
                "Stream %s: columns of the catalog that are left out, since Zoho marks their fields"
                " as private and private_fields is omit: %s; %s.",
                self.stream,
                ", ".join(private),
                REDISCOVER,
                extra=about(self.stream),
            )
        gone = [name for name in gone if name not in private]
        if gone:
            logger.warning(
                "Stream %s: Zoho has these fields of the catalog no more, or hides them: %s. They"
                " are left out of the records, and the destination keeps their last values; %s.",
                self.stream,
                ", ".join(gone),
                REDISCOVER,
                extra=about(self.stream),
            )

    def _is_chosen(self, column: str) -> bool:
        return column == ID or self.mask.get(("properties", column), True)


def _type_of(column: Mapping[str, Any]) -> tuple[frozenset[str], Any]:
    kinds = column.get("type", [])
    names = [kinds] if isinstance(kinds, str) else kinds
    return frozenset(names) - {"null"}, column.get("format")


def _shown(column: Mapping[str, Any]) -> str:
    names, form = _type_of(column)
    return " or ".join(sorted(map(str, names))) + (f", {form}" if form else "")
