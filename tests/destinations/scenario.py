"""Two runs with state into one destination, and the organisation edited between them."""

from __future__ import annotations

import copy
import dataclasses
import json
import time
from pathlib import Path
from typing import Any

from support.demo import config_for
from support.process import TAP
from support.records import Record, truth
from support.sample import awkward_sample

from destinations.edits import RETYPED, Edited, edit
from destinations.messages import Messages, Rows, merged
from destinations.plugins import run
from destinations.stores import Store, Table
from zohocrm_demo import DemoOrganisation

# Modules whose records are loaded beside the metadata, and how many each has.
MODULES = {
    "Leads": 300,
    # Times of day, lists in JSON, and a column whose name has a blank.
    "Events": 60,
    "Quotes": 60,
    "Quoted_Items": 60,
    # A history, which nobody can edit.
    "DealHistory": 60,
    # Without Modified_Time: read whole each time.
    "Functions__s": 60,
    "Nohin": 60,
    # Its stream cannot be called so: there is one of that name but for its case.
    "Modules": 60,
    # Has 130 fields, which no call returns at once.
    "Water_Samples": 60,
    "Site_Contacts": 60,
    "Sensors_X_Partners": 60,
    "Shikayat": 0,
}
STREAMS_OF = {module: module for module in MODULES} | {"Modules": "Modules_records"}
RECORDS = tuple(STREAMS_OF.values())
# Zoho lists no deletions of rows that link two records; only a whole read shows them.
WHOLE = ("Sensors_X_Partners",)
# A column that the user chooses only before the second run.
LATER = ("modules", "profile_count")

SETTINGS = {
    "emit_activate_version_messages": True,
    "record_modules": list(MODULES),
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
    records: dict[str, dict[str, Record]]
    """By stream and id, each as the tap ought to give it."""

    @classmethod
    def from_demo(cls, demo: DemoOrganisation) -> Known:
        fields = demo.organisation.records.fields
        records = {
            stream: truth(demo, module, fields(module)) for module, stream in STREAMS_OF.items()
        }
        names = {field.name for field in dataclasses.fields(cls)} - {"records"}
        lists = {name: copy.deepcopy(getattr(demo.organisation, name)) for name in names}
        return cls(**lists, records=records)


@dataclasses.dataclass(frozen=True)
class TapRun:
    """What the tap said, and the organisation as it was then."""

    organisation: Known
    messages: Messages


@dataclasses.dataclass(frozen=True)
class TapRuns:
    """Two runs, the second of which goes on from the first one's STATE."""

    first: TapRun
    second: TapRun
    edited: Edited


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

    def after(self, runs: list[Messages], stream: str) -> tuple[Rows, Rows]:
        """The rows that a stream's table has to hold after these runs, and the tombstones."""
        return merged(runs, stream, removing=self.store.removing, burying=self.store.burying)


def load_twice(store: Store, runs: TapRuns) -> Loads:
    """Load both runs; between them is done what docs/how-to/changed-types.md says."""
    first = load(store, runs.first)
    store.make_way("Leads", RETYPED)
    return Loads(store, first, load(store, runs.second), runs.edited)


def load(store: Store, run: TapRun) -> Load:
    confirmed = store.load(run.messages.path)
    # The second run is every loader's only if this is the STATE that each would hand to it.
    assert confirmed == run.messages.last_state
    tables = {stream: store.table(stream) for stream in run.messages.schemas}
    return Load(run.organisation, run.messages, confirmed, tables)


def run_twice(folder: Path, **settings: Any) -> TapRuns:
    """Run the tap, edit the organisation, and run the tap again."""
    with sample() as demo:
        catalog = without(prepare(demo, folder, **settings), *LATER)
        said = read(folder / "1", catalog=catalog, state={})
        first = TapRun(Known.from_demo(demo), said)
        edited = edit(demo.organisation)
        # What changes in the second of a run's cut belongs to the next run.
        time.sleep(1.1)
        catalog = prepare(demo, folder, **settings)
        said = read(folder / "2", catalog=catalog, state=said.last_state)
        return TapRuns(first, TapRun(Known.from_demo(demo), said), edited)


def sample() -> DemoOrganisation:
    """The sample organisation with so many records as a test can compare."""
    organisation = awkward_sample()
    for module, count in MODULES.items():
        organisation.records.resize(module, count)
    return DemoOrganisation(organisation)


def prepare(demo: DemoOrganisation, folder: Path, **settings: Any) -> dict[str, Any]:
    """Write the tap's settings into a folder; return the catalog with all that is to be read."""
    config = folder / "tap.json"
    config.write_text(json.dumps(config_for(demo, **SETTINGS, **settings)), "utf-8")
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
    found = Messages(messages)
    # Loaders remove the files that it names.
    assert found.all
    return found


def chosen(catalog: dict[str, Any]) -> dict[str, Any]:
    """Choose the records; everything else is as discovery proposes."""
    for stream in catalog["streams"]:
        if stream["tap_stream_id"] in {*RECORDS, "deleted_records"}:
            root_of(stream)["selected"] = True
        if stream["tap_stream_id"] in WHOLE:
            root_of(stream)["replication-method"] = "FULL_TABLE"
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
