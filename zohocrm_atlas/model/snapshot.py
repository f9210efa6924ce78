"""One read of an organisation, as it is kept in `data/`."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

import msgspec

from zohocrm_atlas.model.entities import (
    AccessPattern,
    Field,
    Item,
    Layout,
    Module,
    PicklistValue,
    Profile,
    Relationship,
)
from zohocrm_atlas.model.loaded import LoadedTable
from zohocrm_atlas.model.usage import TableUsage


class StreamRead(msgspec.Struct, frozen=True, omit_defaults=True):
    """How a stream of the input went.

    Attributes:
        rows: How many rows came.
        complete: Whether the tap read it to its end; None where the input does not say.
        shown: Whether the atlas has a place for it.
        read_at: When its rows were read; earlier than the snapshot when they are carried over.
        problem: Why it is not complete, as far as the input says.
    """

    rows: int = 0
    complete: bool | None = None
    shown: bool = True
    read_at: str = ""
    problem: str = ""

    @property
    def reliable(self) -> bool:
        """Whether what is not among the rows does not exist."""
        return self.complete is True or (self.complete is None and self.rows > 0)


class Run(msgspec.Struct, frozen=True, omit_defaults=True):
    """What the tap says of its run in `sync_report`: calls and credits; None without it."""

    calls: int | None = None
    credits: int | None = None
    retries: int | None = None


class Snapshot(msgspec.Struct, frozen=True, omit_defaults=True):
    """An organisation at one read.

    Attributes:
        read_at: When, in UTC (RFC 3339).
        organisation: Titles and texts from the stream `org`.
        streams: What came of each stream.
        records: How many records each module has, by the tap's `sync_report`.
        tables: What is loaded of records, and the users whom these lead to.
        usage: How full the fields of tables are, by the tables' names.
        by_catalog: Whether a catalog says what is loaded, and not what has passed by.
    """

    read_at: str
    organisation: dict[str, str] = {}
    streams: dict[str, StreamRead] = {}
    run: Run = Run()
    records: dict[str, int] = {}
    modules: tuple[Module, ...] = ()
    fields: tuple[Field, ...] = ()
    picklist_values: tuple[PicklistValue, ...] = ()
    relationships: tuple[Relationship, ...] = ()
    layouts: tuple[Layout, ...] = ()
    profiles: tuple[Profile, ...] = ()
    access_patterns: tuple[AccessPattern, ...] = ()
    items: tuple[Item, ...] = ()
    tables: tuple[LoadedTable, ...] = ()
    by_catalog: bool = False
    usage: dict[str, TableUsage] = {}

    @property
    def counted(self) -> Mapping[str, int]:
        """How many records each module has, by `sync_report` or as counted on their way."""
        passed = {name.removesuffix("_records"): each.records for name, each in self.usage.items()}
        return {**passed, **self.records}

    def streams_shown(self) -> Iterator[tuple[str, StreamRead]]:
        """The streams that the atlas has a place for."""
        return ((name, read) for name, read in self.streams.items() if read.shown)
