"""The sample organisation's audit log, read by the tap as often as a test wants."""

from __future__ import annotations

import csv
import dataclasses
import io
import json
from collections import Counter
from collections.abc import Mapping
from typing import Any

from support.demo import read
from support.run import Run
from support.sample import awkward_sample

from tap_zohocrm_modules.definitions import load_export_schema
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.clock import Clock

Row = Mapping[str, Any]
CATALOG = {
    "streams": [
        {
            "tap_stream_id": "audit_log",
            "stream": "audit_log",
            "key_properties": ["row_hash", "row_number"],
            "schema": load_export_schema("audit_log"),
            "metadata": [{"breadcrumb": [], "metadata": {"selected": True}}],
        }
    ]
}


def small_demo(**options: Any) -> DemoOrganisation:
    """The sample organisation with nothing exported, and a clock that a test can move on."""
    organisation = awkward_sample()
    organisation.audit_log_exports.clear()
    for module in ("Leads", "Contacts", "Deals", "Accounts"):
        organisation.records.resize(module, 20)
    demo = DemoOrganisation(organisation, clock=Clock(), **options)
    demo.settable_clock.advance(-80_000)
    return demo


def export(demo: DemoOrganisation, **criterion: Any) -> str:
    """Make an export, as an administrator does, and wait for it; returns its id."""
    log = demo.organisation.audit_log
    job_id = log.export(criterion or None)
    job = next(one for one in demo.organisation.audit_log_exports if one["id"] == job_id)
    log.advance(job)
    log.advance(job)
    return job_id


def lines(demo: DemoOrganisation, job_id: str | None = None) -> list[dict[str, str]]:
    """The lines of an export's file, by the csv module; of all that there is without one."""
    log = demo.organisation.audit_log
    job = (
        {"id": "truth", "criteria": None}
        if job_id is None
        else next(one for one in demo.organisation.audit_log_exports if one["id"] == job_id)
    )
    log._files.pop("truth", None)
    most, log.most_in_a_file = log.most_in_a_file, 10**9
    text = log.file(job).decode()
    log.most_in_a_file = most
    return [*csv.DictReader(io.StringIO(text, newline=""))]


@dataclasses.dataclass
class Warehouse:
    """What a destination that merges by key has of the log, and the STATE of the last run."""

    demo: DemoOrganisation
    state: dict[str, Any] | None = None
    table: dict[tuple[str, int], Row] = dataclasses.field(default_factory=dict)

    def load(self, **more: Any) -> Run:
        """Run the tap, and merge what it emits; a run of its own moves the clock on."""
        self.demo.settable_clock.advance(60)
        run = read(self.demo, catalog=CATALOG, state=self.state, **{"cutoff_lag": 0, **more})
        for row in run.rows:
            self.table[row["row_hash"], row["row_number"]] = row
        if run.of_type("STATE"):
            self.state = run.state
        return run

    def assert_has(self, expected: list[dict[str, str]]) -> None:
        """Each of these lines is there as often as it is in the log, and nothing else is."""
        found = [json.loads(row["entry"]) for row in self.table.values()]
        assert counted(found) == counted(expected)


def counted(entries: list[dict[str, str]]) -> Counter[str]:
    return Counter(json.dumps(one, sort_keys=True) for one in entries)
