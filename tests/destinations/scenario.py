"""Two runs with state into one destination, and the organisation edited between them."""

from __future__ import annotations

import copy
import dataclasses
import json
import time
from pathlib import Path
from typing import Any

from support.demo import config_for

from destinations.edits import Edited, edit
from destinations.messages import Messages
from destinations.plugins import TAP, run
from destinations.stores import Store, Table
from tap_zohocrm_modules.demo import DemoOrganisation, Organisation

# Streams of records to be loaded beside the catalogue; they are read only when chosen.
RECORDS = ("Leads", "Nohin", "Site_Contacts")
# A column that the user chooses only before the second run.
LATER = ("modules", "profile_count")

SETTINGS = {
    "emit_activate_version_messages": True,
    "record_modules": list(RECORDS),
    # Edits of the tests are read at once.
    "cutoff_lag": 0,
}


@dataclasses.dataclass(frozen=True)
class Known:
    """What the organisation had when a run was over."""

    modules: list[dict[str, Any]]
    fields: dict[str, list[dict[str, Any]]]
    users: list[dict[str, Any]]
    roles: list[dict[str, Any]]
    profiles: list[dict[str, Any]]
    records: dict[str, list[dict[str, Any]]]

    @classmethod
    def of(cls, organisation: Organisation) -> Known:
        records = {module: list(organisation.records.read(module)) for module in RECORDS}
        names = {field.name for field in dataclasses.fields(cls)} - {"records"}
        lists = {name: copy.deepcopy(getattr(organisation, name)) for name in names}
        return cls(**lists, records=records)


@dataclasses.dataclass(frozen=True)
class Load:
    """One run: what the tap said, what the loader confirmed, and what the destination then held."""

    organisation: Known
    messages: Messages
    state: dict[str, Any]
    tables: dict[str, Table]

    def row(self, stream: str, **where: Any) -> dict[str, Any] | None:
        """The one row of this description, or None."""
        rows = [row for row in self.tables[stream] if where.items() <= row.items()]
        assert len(rows) <= 1, where
        return rows[0] if rows else None


@dataclasses.dataclass(frozen=True)
class Loads:
    """A destination after two runs."""

    store: Store
    first: Load
    second: Load
    edited: Edited

    @property
    def streams(self) -> list[str]:
        return list(self.first.messages.schemas)


def load_twice(store: Store, folder: Path) -> Loads:
    with DemoOrganisation() as demo:
        catalog = prepare(demo, folder)
        first = load(store, demo, folder / "1", catalog=without(catalog, *LATER), state={})
        edited = edit(demo.organisation)
        # What changes in the second of a run's cut belongs to the next run.
        time.sleep(1.1)
        catalog = prepare(demo, folder)
        second = load(store, demo, folder / "2", catalog=catalog, state=first.state)
    return Loads(store, first, second, edited)


def load(
    store: Store,
    demo: DemoOrganisation,
    folder: Path,
    *,
    catalog: dict[str, Any],
    state: dict[str, Any],
) -> Load:
    said = read(folder, catalog=catalog, state=state)
    confirmed = store.load(said.path)
    tables = {stream: store.table(stream) for stream in said.schemas}
    return Load(Known.of(demo.organisation), said, confirmed, tables)


def prepare(demo: DemoOrganisation, folder: Path) -> dict[str, Any]:
    """Write the tap's settings into a folder; return the catalog with all that is to be read."""
    config = folder / "tap.json"
    config.write_text(json.dumps(config_for(demo, **SETTINGS)), "utf-8")
    return chosen(json.loads(run([TAP, "--config", config, "--discover"]).stdout))


def read(folder: Path, *, catalog: dict[str, Any], state: dict[str, Any]) -> Messages:
    """Run the tap; its files are in `folder`, its settings in the folder above."""
    folder.mkdir()
    options = ["--config", str(folder.parent / "tap.json")]
    for name, value in (("catalog", catalog), ("state", state)):
        path = folder / f"{name}.json"
        path.write_text(json.dumps(value), "utf-8")
        options += [f"--{name}", str(path)]
    messages = folder / "messages.jsonl"
    messages.write_text(run([TAP, *options], timeout=240).stdout, "utf-8")
    return Messages(messages)


def chosen(catalog: dict[str, Any]) -> dict[str, Any]:
    """Choose the records; everything else is as discovery proposes."""
    for stream in catalog["streams"]:
        if stream["tap_stream_id"] in {*RECORDS, "deleted_records"}:
            root_of(stream)["selected"] = True
    return catalog


def without(catalog: dict[str, Any], stream: str, column: str) -> dict[str, Any]:
    """The catalog with one column not chosen."""
    narrower = copy.deepcopy(catalog)
    for entry in narrower["streams"]:
        if entry["tap_stream_id"] == stream:
            for item in entry["metadata"]:
                if item["breadcrumb"] == ["properties", column]:
                    item["metadata"]["selected"] = False
    return narrower


def root_of(stream: dict[str, Any]) -> dict[str, Any]:
    """The metadata of a catalog's stream as a whole."""
    found: dict[str, Any] = next(
        item["metadata"] for item in stream["metadata"] if not item["breadcrumb"]
    )
    return found


def only(catalog: dict[str, Any], streams: tuple[str, ...]) -> dict[str, Any]:
    """The catalog with these streams alone."""
    found = [stream for stream in catalog["streams"] if stream["tap_stream_id"] in streams]
    return {"streams": found}
