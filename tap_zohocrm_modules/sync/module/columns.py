"""The columns of a module: as fields are now, as STATE has them, and how the two differ."""

from __future__ import annotations

import dataclasses
import hashlib
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from tap_zohocrm_modules.sync.state import ModuleState
from tap_zohocrm_modules.zoho.records.field_type import FieldType
from tap_zohocrm_modules.zoho.records.model import (
    ADDITIONAL_PROPERTIES,
    ID,
    MODIFIED_TIME,
    RecordField,
    RecordModule,
    distinct,
    naming_note,
)
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

_FIXED = (ID, MODIFIED_TIME, ADDITIONAL_PROPERTIES)


@dataclasses.dataclass(frozen=True, slots=True)
class Columns:
    """Columns by the API names of their fields, in the keys of STATE."""

    columns: Mapping[str, str]  # Zoho's id of each field; empty where it has none
    types: Mapping[str, str]  # how the values look; without those that an older release loaded
    names: Mapping[str, str]  # the columns that are called otherwise than their fields

    @classmethod
    def from_fields(cls, fields: Iterable[RecordField]) -> Columns:
        """Return the columns of fields."""
        known = {field.api_name: field for field in fields}
        return cls(
            {name: field.field_id for name, field in known.items()},
            {name: type_text(field.type) for name, field in known.items()},
            {name: field.column for name, field in known.items() if field.column != name},
        )

    @classmethod
    def loaded(
        cls,
        columns: Mapping[str, str] | None,
        types: Mapping[str, str] | None,
        names: Mapping[str, str] | None,
    ) -> Columns | None:
        """Return the columns that are loaded, by the keys of STATE; None where it does not say."""
        if columns is None:
            return None
        there = {name: column for name, column in (names or {}).items() if name in columns}
        return cls(columns, types or {}, there)

    def some(self, wanted: Iterable[str]) -> Columns:
        """Return the same of some fields."""
        there = {*wanted}
        return Columns(
            *(
                {name: value for name, value in values.items() if name in there}
                for values in (self.columns, self.types, self.names)
            )
        )

    def same(self, name: str, now: Columns) -> bool:
        """Whether a field's column holds what it would hold now."""
        known = self.types.get(name)
        return self.columns.get(name) == now.columns[name] and (
            # An older release noted ids only.
            known is None
            or (known == now.types[name] and self.names.get(name) == now.names.get(name))
        )


@dataclasses.dataclass(frozen=True, slots=True)
class ColumnChanges:
    """How the selected columns of a module differ from those that are loaded."""

    loaded: Columns  # selected and loaded for every record
    new: tuple[str, ...] = ()  # selected and not loaded
    vanished: tuple[str, ...] = ()  # loaded, and Zoho has their fields no more, or hides them
    renamed: Mapping[str, str] = dataclasses.field(default_factory=dict)  # loaded, to the new names

    @classmethod
    def between(cls, before: Columns | None, wanted: Columns, now: Columns) -> ColumnChanges:
        """Compare the columns that are loaded with those selected, and with the module's now.

        Where it is not known which are loaded, all of them are.
        """
        if before is None:
            return cls(wanted)
        names = {field_id: name for name, field_id in now.columns.items() if field_id}
        gone = {name: one for name, one in before.columns.items() if name not in now.columns}
        loaded = [name for name in wanted.columns if before.same(name, wanted)]
        return cls(
            loaded=wanted.some(loaded),
            new=tuple(name for name in wanted.columns if name not in {*loaded}),
            vanished=tuple(name for name, field_id in gone.items() if field_id not in names),
            renamed={name: names[field_id] for name, field_id in gone.items() if field_id in names},
        )

    def explain(self, stream: str, private: Collection[str], *, fills: bool) -> None:
        """Say which columns of a stream have come and gone.

        Of these, `private` ones are said elsewhere; `fills` says whether new ones are filled.
        """
        vanished = [name for name in self.vanished if name not in private]
        for old, new in self.renamed.items():
            logger.warning(
                "%s: the field %s is called %s now; the destination keeps the column %s with its"
                " last values.",
                stream,
                old,
                new,
                old,
                extra=about(stream),
            )
        if vanished:
            logger.warning(
                "%s: Zoho has these fields no more, or hides them: %s. The destination keeps their"
                " last values.",
                stream,
                ", ".join(vanished),
                extra=about(stream),
            )
        if self.new and not fills:
            logger.warning(
                "%s: %s not loaded for records that have not changed since: %s. Set"
                " backfill_new_columns to true to fill them.",
                stream,
                "is" if len(self.new) == 1 else "are",
                ", ".join(self.new),
                extra=about(stream),
            )


@dataclasses.dataclass(frozen=True, slots=True)
class Selection:
    """What is read of a module, as short names that STATE keeps beside a checkpoint."""

    now: str  # of the fields, their ids and types, and the beginning
    before: str  # of the fields' names and the beginning, as earlier releases had it

    @classmethod
    def from_fields(cls, fields: Sequence[RecordField], start: datetime | None) -> Selection:
        """Return the names of what is read."""
        begin = "" if start is None else rfc3339(start)
        names = sorted(field.api_name for field in fields)
        kinds = sorted(
            f"{field.api_name} {field.field_id} {type_text(field.type)} {field.column}"
            for field in fields
        )
        return cls(_digest("2;" + ",".join(kinds), begin), _digest(",".join(names), begin))

    def is_of(self, kept: str) -> bool:
        """Whether what STATE keeps is of the same."""
        return kept in {self.now, self.before}


def names_kept(
    columns: Mapping[str, str] | None, names: Mapping[str, str] | None
) -> dict[str, str]:
    """Return what columns that have been emitted are called, by the API names of their fields.

    They stay so, be they loaded or not. The arguments are the keys of STATE.
    """
    return {**{name: name for name in columns or ()}, **(names or {})}


def loaded_keys(state: ModuleState, columns: Columns) -> dict[str, Any]:
    """Return the keys of STATE for the columns that are loaded, and for what others were called."""
    former = names_kept(state.columns, state.names)
    names = {name: column for name, column in former.items() if name not in columns.columns}
    return {
        "columns": dict(columns.columns),
        "types": dict(columns.types),
        "names": {**names, **columns.names} or None,
    }


def keeping_names(module: RecordModule, kept: Mapping[str, str]) -> RecordModule:
    """Return a module whose columns are called as they were when they were emitted.

    Of fields whose names are equal but for case, one would else take the other's column as soon as
    that is gone, hidden, not selected, or there again.
    """
    if not kept:
        return module
    columns: dict[str, str] = {}
    taken = {column.lower() for column in (*kept.values(), *_FIXED)}
    for field in module.fields:
        name, lookup = field.api_name, columns.get(field.asked_as)
        beside = None if lookup is None else f"{lookup}_module"
        if name in kept or name in _FIXED:
            column = kept.get(name, name)
        elif beside in kept.values():
            column = str(beside)
        else:
            column = distinct(beside or name, taken)
        taken.add(column.lower())
        columns[name] = column
    fields = tuple(_called(field, columns[field.api_name]) for field in module.fields)
    return module if fields == module.fields else dataclasses.replace(module, fields=fields)


def _called(field: RecordField, column: str) -> RecordField:
    if column == field.column:
        return field
    note = naming_note(field.api_name)
    notes = [one for one in field.note.split("; ") if one not in {"", note}]
    if column != field.api_name and not field.asked_as:
        notes.insert(0, note)
    return dataclasses.replace(field, column=column, note="; ".join(notes))


def type_text(kind: FieldType) -> str:
    """Return how the values of a type look, as STATE has it."""
    names = kind.schema.get("type", [])
    kinds = sorted({*([names] if isinstance(names, str) else names)} - {"null"})
    hashes = "hash" if kind.hashes is not None else None
    return " ".join([*kinds, *filter(None, [kind.schema.get("format"), hashes])])


def _digest(fields: str, begin: str) -> str:
    return hashlib.sha256(f"{fields};{begin}".encode()).hexdigest()[:12]
