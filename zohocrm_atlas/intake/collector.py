"""Gathers the rows of a run, each brought down at once to what the atlas keeps of it."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Sequence
from pathlib import Path
from types import MappingProxyType
from typing import Any

import msgspec

from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.errors import InputError
from zohocrm_atlas.intake.calculations import formulas_of_layout, with_formulas
from zohocrm_atlas.intake.keys import Keys
from zohocrm_atlas.intake.listings import BY_STREAM, listing_of
from zohocrm_atlas.intake.loaded import table_of, tables_of_catalog
from zohocrm_atlas.intake.readers import (
    read_access,
    read_field,
    read_item,
    read_layout,
    read_module,
    read_picklist_value,
    read_profile,
    read_relationship,
)
from zohocrm_atlas.model.entities import AccessPattern, Formula
from zohocrm_atlas.model.loaded import LoadedTable
from zohocrm_atlas.model.snapshot import Run, Snapshot, StreamRead
from zohocrm_atlas.rows import Row, number, text
from zohocrm_atlas.usage.files import BatchError, blocks, rows
from zohocrm_atlas.usage.run import UsageOfRun

_ORGANISATION = read_beside(__file__, dict[str, dict[str, tuple[str, ...]]])["organisation"]
"""Titles of what is shown of the organisation, and the columns of `org` (`collector.json`)."""
_READERS = {
    "modules": read_module,
    "picklist_values": read_picklist_value,
    "relationships": read_relationship,
    "layouts": read_layout,
    "profiles": read_profile,
}
_NAMED_BY = {"modules": ("api_name",), "fields": ("api_name", "module_api_name")}
"""What each row of Zoho's has, by which it is told from another tap's stream of that name."""
_NOTHING: Row = MappingProxyType({})
USERS = "users"
RECORDS = "_records"
"""What the tap puts after a module's name that another stream has but for case."""
_REPORT = "sync_report"
UNLISTED = frozenset({"deleted_records", "audit_log"})
"""Streams of what happened to records: only counted."""
KNOWN_STREAMS = frozenset({"org", "fields", _REPORT, *_READERS, *BY_STREAM, *UNLISTED})
"""The streams that the atlas has a place for."""


class Collector:
    """What has come of the input so far.

    A stream may repeat a key: the last row counts.
    """

    def __init__(self) -> None:
        self._tables: dict[str, LoadedTable] = {}
        self._values: dict[str, dict[Any, Any]] = {}
        self._patterns: dict[str, AccessPattern] = {}
        self._organisation: dict[str, str] = {}
        self._rows: dict[str, int] = {}
        self._completed: set[str] = set()
        self._incremental: set[str] = set()
        self._bookmarked: set[str] = set()
        self._report: list[Row] = []
        self._formulas: dict[str, Formula] = {}
        self.usage = UsageOfRun()

    def begin(self, stream: str, schema: Row = _NOTHING, keys: Iterable[str] = ()) -> None:
        """The input has a schema of this stream."""
        self._rows.setdefault(stream, 0)
        self._tables[stream] = table_of(stream, schema, keys)
        if self._is_counted(stream):
            self.usage.begin(self._tables[stream])

    def complete(self, stream: str) -> None:
        """The tap has read this stream to its end."""
        self._completed.add(stream)
        self.usage.complete(stream)

    def note_state(self, state: Any) -> None:
        """Notes which streams have been read, and which of them by increments."""
        bookmarks = state.get("bookmarks") if isinstance(state, dict) else None
        for stream, bookmark in bookmarks.items() if isinstance(bookmarks, dict) else ():
            self._bookmarked.add(stream)
            if isinstance(bookmark, dict) and bookmark.get("replication_key"):
                self._incremental.add(stream)

    def add(self, stream: str, row: Row) -> None:
        """Takes a row in.

        Raises:
            LookupError: The stream has not begun.
        """
        if stream not in self._rows:
            raise LookupError(f"a row of {stream} comes before its schema")
        self._rows[stream] += 1
        _check_columns(stream, row)
        if stream == "org":
            self._organisation = {
                title: value
                for title, paths in _ORGANISATION.items()
                if (value := text(row, *paths))
            }
        elif stream == _REPORT:
            self._report.append(row)
        elif stream == "fields":
            self._keep(stream, read_field(row, self._access(row)))
        elif reader := _READERS.get(stream):
            self._keep(stream, reader(row))
            if stream == "layouts":
                self._formulas.update(formulas_of_layout(row))
        elif self._is_counted(stream):
            self.usage.add(stream, row)
        elif stream in BY_STREAM or not (stream in UNLISTED or is_of_records(stream, ())):
            listing = listing_of(stream, self._tables[stream].keys)
            if self._rows[stream] <= listing.limit:
                self._keep(stream, read_item(row, listing))

    def add_files(self, stream: str, manifest: Sequence[str], kind: str) -> None:
        """Takes the rows of BATCH files in.

        Raises:
            LookupError: The stream has not begun.
            InputError: They cannot be read, and are not of records.
        """
        if stream not in self._rows:
            raise LookupError(f"files of {stream} come before its schema")
        if self._is_counted(stream):
            self._rows[stream] += self.usage.add_files(stream, manifest, kind)
            return
        try:
            for row in (row for block in blocks(manifest, kind) for row in rows(block)):
                self.add(stream, row)
        except BatchError as error:
            raise InputError(
                f"The rows of {stream} cannot be read: {error}. The atlas is left as it was; take"
                " batch_config out of the tap's settings for this run."
            ) from error

    def _is_counted(self, stream: str) -> bool:
        plain = stream in KNOWN_STREAMS or stream == USERS
        table = self._tables[stream]
        return not plain and bool(table.keys) and (table.is_child or is_of_records(stream, ()))

    def snapshot(self, read_at: str, catalog: Path | None = None) -> Snapshot:
        """All of it; what is loaded is what the catalog says, if there is one.

        Raises:
            InputError: Nothing in the input is a stream of the tap.
        """
        if not (KNOWN_STREAMS & self._rows.keys() or any(map(self._is_counted, self._rows))):
            found = ", ".join(sorted(self._rows)[:5]) or "no stream at all"
            raise InputError(
                f"The input has no stream that the atlas knows, but {found}. Select the metadata"
                " streams of tap-zohocrm-modules, above all modules, fields and relationships."
            )
        modules, layouts = self._all("modules"), self._all("layouts")
        fields = with_formulas(self._all("fields"), self._formulas)
        names = {module.api_name for module in modules}
        listed = [*BY_STREAM, *(each for each in self._values if each not in _READERS)]
        streams = [each for each in dict.fromkeys(listed) if each not in names and each != "fields"]
        items = [item for stream in streams for item in self._all(stream)]
        keys = Keys(modules, fields, self._all("picklist_values"))
        keys.add_ids(layouts, self._all("profiles"), items)
        return Snapshot(
            read_at=read_at,
            organisation=self._organisation,
            streams={name: self._stream_read(name, read_at) for name in sorted(self._rows)},
            run=self._run(),
            records=self._counts(),
            modules=modules,
            fields=keys.resolve(fields),
            picklist_values=self._all("picklist_values"),
            relationships=self._all("relationships"),
            layouts=keys.resolve(layouts),
            profiles=self._all("profiles"),
            access_patterns=tuple(self._patterns.values()),
            items=keys.resolve(items),
            tables=self._loaded(catalog),
            by_catalog=catalog is not None,
        )

    def _loaded(self, catalog: Path | None) -> tuple[LoadedTable, ...]:
        """The tables of records, and of users."""
        modules = {module.api_name for module in self._all("modules")}

        def is_kept(table: LoadedTable) -> bool:
            name = table.name
            return table.is_child or name == USERS or is_of_records(name, modules)

        if catalog is None:
            return tuple(table for table in self._tables.values() if is_kept(table))
        found = [(each, chosen) for each, chosen in tables_of_catalog(catalog) if is_kept(each)]
        # A catalog as discovery makes it selects no records: it counts whole.
        every = not any(chosen for each, chosen in found if each.name != USERS)
        return tuple(table for table, chosen in found if chosen or every)

    def _keep(self, stream: str, value: Any) -> None:
        self._values.setdefault(stream, {})[key_of(value)] = value

    def _all(self, stream: str) -> tuple[Any, ...]:
        return tuple(self._values.get(stream, {}).values())

    def _access(self, row: Row) -> str:
        profiles = read_access(row)
        if not profiles:
            return ""
        encoded = msgspec.json.encode(profiles)
        key = hashlib.blake2b(encoded, digest_size=8).hexdigest()
        self._patterns.setdefault(key, AccessPattern(key, profiles))
        return key

    def _stream_read(self, stream: str, read_at: str) -> StreamRead:
        problem = self._problem(stream)
        # A tap that ends streams with ACTIVATE_VERSION does so for each that it has read whole.
        complete = stream in self._completed if self._completed else None
        return StreamRead(
            rows=self._rows[stream],
            complete=False if problem else complete,
            shown=stream in KNOWN_STREAMS or stream in self._values,
            read_at=read_at,
            problem=problem,
        )

    def _problem(self, stream: str) -> str:
        if stream in self._incremental and stream not in self._completed:
            return "It is read by increments, so that only changed rows came: read it FULL_TABLE."
        if self._bookmarked and stream not in self._bookmarked | self._completed:
            return "The tap did not come to its end: see the tap's log."
        return ""

    def _counts(self) -> dict[str, int]:
        """How many records there are, as Zoho counts them or as were read in a whole read."""
        modules = {module.api_name for module in self._all("modules")}
        found = {}
        for row in self._report:
            name = text(row, "stream").removesuffix(RECORDS)
            counted = number(row, "counted")
            count = number(row, "records") if counted is None else counted
            if name in modules and count is not None:
                found[name] = count
        return found

    def _run(self) -> Run:
        def total(column: str) -> int | None:
            return _total(number(row, column) for row in self._report)

        return Run(calls=total("calls"), credits=total("credits"), retries=total("retries"))


def _check_columns(stream: str, row: Row) -> None:
    if lacks := [column for column in _NAMED_BY.get(stream, ()) if not text(row, column)]:
        raise InputError(
            f"The stream {stream} is not that of tap-zohocrm-modules: a row of it has no"
            f" {lacks[0]}. The atlas is left as it was; send it that tap's streams alone."
        )


def is_of_records(stream: str, modules: Collection[str]) -> bool:
    """Whether a stream is a module's records; all others are called in lower case."""
    return stream != stream.lower() or stream.removesuffix(RECORDS) in modules


def key_of(value: Any) -> Any:
    """What identifies a value within its kind: the key of the stream that it is from."""
    match type(value).__name__:
        case "Relationship":
            return value.source, value.field_id, value.target
        case "PicklistValue":
            return value.field_id, value.id
        case _:
            return value.id


def _total(numbers: Iterable[int | None]) -> int | None:
    known = [each for each in numbers if each is not None]
    return sum(known) if known else None
