"""A snapshot with its cross-references: what the pages, the map and the models are made from."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from functools import cached_property
from typing import Any, TypeVar

from zohocrm_atlas.dialects import DIALECTS
from zohocrm_atlas.intake.collector import RECORDS
from zohocrm_atlas.intake.listings import BY_STREAM, LISTINGS, Listing, listing_of
from zohocrm_atlas.intake.verified import Verified
from zohocrm_atlas.model.entities import (
    Field,
    Item,
    Layout,
    Module,
    PicklistValue,
    Relationship,
)
from zohocrm_atlas.model.loaded import LoadedTable
from zohocrm_atlas.model.snapshot import Snapshot, StreamRead
from zohocrm_atlas.model.usage import TableUsage
from zohocrm_atlas.words import free

_T = TypeVar("_T")
USERS = "users"
"""What relationships to users lead to, in place of a module."""
TO_USERS = frozenset({"owner", "user", "multi_user_lookup"})
"""Kinds of relationships that lead to users."""


class Atlas:
    """The organisation at one read, with ways from each part to the others."""

    def __init__(
        self, snapshot: Snapshot, loader: str = "duckdb", verified: Verified | None = None
    ) -> None:
        self.snapshot = snapshot
        self.verified = verified
        """How far the warehouse is like Zoho, if somebody has compared them."""
        self.dialect = DIALECTS[loader]
        self.modules: Sequence[Module] = sorted(
            snapshot.modules, key=lambda each: (each.label.casefold(), each.api_name)
        )
        self._by_name = {module.api_name: module for module in self.modules}
        self._fields = _grouped(snapshot.fields, "module")
        self._fields_by_id = {field.id: field for field in snapshot.fields}
        self._values = _grouped(
            sorted(snapshot.picklist_values, key=lambda each: each.position or 0), "field_id"
        )
        self._layouts = _grouped(snapshot.layouts, "module")
        self._outgoing = _grouped(snapshot.relationships, "source")
        self._incoming = _grouped(snapshot.relationships, "target")
        self._items = _grouped(snapshot.items, "stream", "module")
        self._items_by_stream = _grouped(snapshot.items, "stream")
        self._patterns = {each.key: each.profiles for each in snapshot.access_patterns}

    @property
    def name(self) -> str:
        """The organisation's name."""
        return self.snapshot.organisation.get("Name") or "Zoho CRM"

    def module(self, api_name: str) -> Module | None:
        """The module of this API name."""
        return self._by_name.get(api_name)

    def label(self, api_name: str) -> str:
        """What people call the module; its API name if it is not known."""
        if api_name == USERS:
            return "Users"
        module = self._by_name.get(api_name)
        return module.label if module else api_name

    def fields(self, module: str) -> Sequence[Field]:
        """The module's fields, as Zoho orders them."""
        return self._fields.get((module,), ())

    def field(self, id_: str) -> Field | None:
        """The field of this id."""
        return self._fields_by_id.get(id_)

    def values(self, field_id: str) -> Sequence[PicklistValue]:
        """The values of a picklist field, in their order."""
        return self._values.get((field_id,), ())

    def layouts(self, module: str) -> Sequence[Layout]:
        """The module's layouts."""
        return self._layouts.get((module,), ())

    def outgoing(self, module: str) -> Sequence[Relationship]:
        """The ways from this module to others."""
        return self._outgoing.get((module,), ())

    def incoming(self, module: str) -> Sequence[Relationship]:
        """The ways from other modules to this one."""
        return self._incoming.get((module,), ())

    def items(self, stream: str, module: str | None = None) -> Sequence[Item]:
        """The rows of a stream that is shown as a list; of one module, if it is named."""
        if module is None:
            return self._items_by_stream.get((stream,), ())
        return self._items.get((stream, module), ())

    @cached_property
    def listings(self) -> Sequence[Listing]:
        """The lists of this atlas: those that are described, and what else came."""
        others = dict.fromkeys(item.stream for item in self.snapshot.items)
        return (*LISTINGS, *(listing_of(each) for each in others if each not in BY_STREAM))

    def access(self, field: Field) -> Mapping[str, Sequence[str]]:
        """Permission types, and the names of the profiles that have them."""
        return self._patterns.get(field.access, {})

    @cached_property
    def tables(self) -> Mapping[str, LoadedTable]:
        """What is loaded, by the API name of the module or, of other tables, by their names."""
        found = {}
        for table in self.snapshot.tables:
            module = table.name.removesuffix(RECORDS)
            found[module if module in self._by_name else table.name] = table
        return found

    @cached_property
    def tables_by_name(self) -> Mapping[str, LoadedTable]:
        """What is loaded, by the tables' names."""
        return {table.name: table for table in self.snapshot.tables}

    def usage(self, module: str) -> TableUsage | None:
        """How full the fields of this module's table are; None if its records did not pass by."""
        table = self.tables.get(module)
        return self.snapshot.usage.get(table.name) if table else None

    def children(self, module: str) -> Sequence[LoadedTable]:
        """The loaded lists of this module's records: related lists, e-mails, shares ..."""
        return [
            table
            for name, table in self.tables.items()
            if name.startswith(f"{module}_") and name not in self._by_name and table.is_child
        ]

    @cached_property
    def required_by_layout(self) -> frozenset[str]:
        """Ids of fields that some layout requires."""
        return frozenset(id_ for each in self.snapshot.layouts for id_ in each.required)

    @cached_property
    def layout_names(self) -> Mapping[str, tuple[str, ...]]:
        """For each field's id: the names of the layouts that show it."""
        shown: defaultdict[str, list[str]] = defaultdict(list)
        for layout in self.snapshot.layouts:
            for id_ in dict.fromkeys(layout.fields):
                shown[id_].append(layout.name)
        return {id_: tuple(names) for id_, names in shown.items()}

    @cached_property
    def pages(self) -> Mapping[str, str]:
        """For each module's API name: its page's file name without the ending."""
        pages: dict[str, str] = {}
        taken: set[str] = set()
        for module in sorted(self.modules, key=lambda each: each.id):
            slug = re.sub(r"[^A-Za-z0-9_-]+", "-", module.api_name)[:80].strip("-") or "module"
            pages[module.api_name] = free(slug, taken, "-")
        return pages

    def read(self, stream: str) -> StreamRead | None:
        """How a stream of the input went; None if it was not in the input."""
        return self.snapshot.streams.get(stream)

    def gap(self, stream: str) -> str:
        """Why a list made from this stream may lack rows; empty if it lacks none."""
        read = self.read(stream)
        if read is None:
            return f"The stream {stream} was not in this read, so this is not known."
        if read.complete is False:
            why = read.problem or "The token may not see it, or the read failed: see the tap's log."
            return f"The stream {stream} was not read to its end. {why}"
        if read.complete is None and not read.rows:
            return (
                f"The stream {stream} brought no rows: there are none, or the token may not see"
                " them. With emit_activate_version_messages the tap says which."
            )
        return ""


def _grouped(values: Iterable[_T], *attributes: str) -> Mapping[tuple[str, ...], list[_T]]:
    groups: defaultdict[tuple[Any, ...], list[_T]] = defaultdict(list)
    for value in values:
        groups[tuple(getattr(value, attribute) for attribute in attributes)].append(value)
    return dict(groups)
