"""A small organisation with children, read by the tap as often as a test wants."""

from __future__ import annotations

import dataclasses
import json
from collections.abc import Mapping
from typing import Any

from support.demo import read
from support.run import Run
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.clock import Clock

Key = tuple[str, str]
Row = Mapping[str, Any]
SIZES = {"Deals": 40, "Contacts": 400, "Leads": 500, "Campaigns": 6}
DELETED_AT = "_sdc_deleted_at"
ROLES, MEMBERS, EMAILS = "Deals.Contact_Roles", "Campaigns.Leads", "Contacts.Emails"
TIMELINE, SHARES, BLUEPRINT = "Deals.Timeline", "Deals.Shares", "Deals.Blueprint"
EVERY = (ROLES, MEMBERS, EMAILS, TIMELINE, SHARES, BLUEPRINT)


def small_demo(**options: Any) -> DemoOrganisation:
    """The sample organisation with few records, whose clock stands still."""
    organisation = awkward_sample()
    demo = DemoOrganisation(organisation, clock=Clock(), **options)
    # Behind this machine's clock, so that a test can let a day pass.
    demo.settable_clock.advance(-80_000)
    for module, count in SIZES.items():
        organisation.records.resize(module, count)
    return demo


@dataclasses.dataclass
class Warehouse:
    """What a destination that merges by key has of some lists, and the STATE of the last run."""

    demo: DemoOrganisation
    lists: tuple[str, ...]
    state: dict[str, Any] | None = None
    tables: dict[str, dict[Key, Row]] = dataclasses.field(default_factory=dict)

    def load(
        self,
        *also: str,
        full_table: bool = False,
        keep_state: bool = True,
        arrives: float = 1,
        **more: Any,
    ) -> Run:
        """Run the tap, and merge what it emits; a run of its own moves the clock on.

        Streams of other kinds may be read `also`. Of a run that is killed only the first part of
        the messages `arrives`.
        """
        settings = self.settings(**more)
        catalog = self.catalog(settings, *also, full_table=full_table)
        self.demo.settable_clock.advance(60)
        run = read(self.demo, catalog=catalog, state=self.state, **settings)
        for message in run.messages[: round(arrives * len(run.messages))]:
            self.merge(message)
            if keep_state and message["type"] == "STATE":
                self.state = message["value"]
        return run

    def settings(self, **more: Any) -> dict[str, Any]:
        return {"record_modules": [], "child_lists": [*self.lists], "cutoff_lag": 0, **more}

    def catalog(
        self, settings: Mapping[str, Any], *also: str, full_table: bool = False
    ) -> dict[str, Any]:
        """What discovery finds of the lists, and of streams of other kinds, all chosen."""
        found = json.loads(read(self.demo, "--discover", catalog=None, **settings).stdout)
        names = {*self.streams, *also}
        wanted = [entry for entry in found["streams"] if entry["tap_stream_id"] in names]
        for entry in wanted:
            (root,) = [one for one in entry["metadata"] if not one["breadcrumb"]]
            root["metadata"]["selected"] = True
            if full_table:
                root["metadata"]["replication-method"] = "FULL_TABLE"
        return {"streams": wanted}

    @property
    def streams(self) -> list[str]:
        return [entry.replace(".", "_") for entry in self.lists]

    def merge(self, message: Mapping[str, Any]) -> None:
        """Take a message, as a destination does."""
        if message.get("stream") not in self.streams:
            return
        if message["type"] == "SCHEMA":
            self.tables.setdefault(message["stream"], {})
        if message["type"] != "RECORD":
            return
        record, table = message["record"], self.tables[message["stream"]]
        key = record["parent_id"], record.get("message_id") or record["id"]
        if record.get(DELETED_AT):
            table.pop(key, None)
        else:
            table[key] = record

    def keys(self, entry: str) -> set[Key]:
        return {*self.tables[entry.replace(".", "_")]}

    def truth(self, entry: str) -> set[Key]:
        """The keys that the organisation has, by its own store and not by any call."""
        module, _, name = entry.partition(".")
        store, children = self.demo.organisation.records, self.demo.organisation.children
        return {
            (str(record.id), child.key)
            for record in store.scan(module)
            for child in children.of_record(module, str(record.id), name)
        }

    def assert_true(self, *entries: str) -> None:
        for entry in entries or self.lists:
            assert self.keys(entry) == self.truth(entry), entry


def parents(demo: DemoOrganisation, module: str) -> list[str]:
    """The ids of a module's records, the oldest first."""
    return [str(record.id) for record in demo.organisation.records.scan(module)]
