"""What the pages of docs/how-to tell a user to do, as steps that a test can play."""

from __future__ import annotations

import dataclasses
import json
import sqlite3
import subprocess
import sys
import tempfile
from datetime import timedelta
from pathlib import Path
from typing import Any

from support.demo import config_for
from support.run import Run, run_tap

from simulation.destination import Destination
from zohocrm_demo import DemoOrganisation

PAGES = Path(__file__).parents[2] / "docs" / "how-to"
MODULE = "Tasks"
LONG_AGO = "2026-01-01T00:00:00Z"
SETTINGS = {"record_modules": [MODULE], "cutoff_lag": 0}
"""What every step is run with."""


@dataclasses.dataclass
class User:
    """Somebody with a warehouse, who does what a page says."""

    demo: DemoOrganisation
    settings: dict[str, Any] = dataclasses.field(default_factory=lambda: dict(SETTINGS))
    warehouse: Destination = dataclasses.field(default_factory=Destination)
    catalog: dict[str, Any] = dataclasses.field(default_factory=dict)

    @property
    def table(self) -> dict[str, dict[str, Any]]:
        """The rows of the one table, by id."""
        return self.warehouse.tables.setdefault(MODULE, {})

    def discover(self) -> None:
        """Discover a catalog, and select the module whole."""
        found = run_tap("--discover", config=config_for(self.demo, **self.settings))
        assert found.code == 0, found.stderr
        self.catalog = json.loads(found.stdout)
        self.catalog["streams"] = [s for s in self.catalog["streams"] if s["stream"] == MODULE]
        for item in self.catalog["streams"][0]["metadata"]:
            item["metadata"]["selected"] = True

    def run(self, *, keeps_state: bool = True, with_state: bool = True, **more: Any) -> Run:
        """Run the pipeline; without `with_state` as `--full-refresh` does."""
        if not self.catalog:
            self.discover()
        self.demo.settable_clock.advance(60)
        before = self.warehouse.state
        run = run_tap(
            config=config_for(self.demo, **{**self.settings, **more}),
            catalog=self.catalog,
            state=before if with_state else None,
        )
        assert self.warehouse.apply(run.messages) == []
        if not keeps_state:
            self.warehouse.state = before
        return run

    def load(self, **more: Any) -> Run:
        """Run the pipeline as `run` does, to a good end."""
        run = self.run(**more)
        assert run.code == 0, run.stderr
        return run

    def full_refresh(self, **more: Any) -> Run:
        """Run the pipeline with `--full-refresh`."""
        return self.load(with_state=False, **more)

    def is_due(self, key: str) -> None:
        """Let something be long ago for STATE, as if weeks had passed."""
        part = self.warehouse.state.get("bookmarks", {}).get(MODULE, {})
        if key in part:
            part[key] = LONG_AGO

    def delete_silently(self) -> None:
        """Have a record deleted in Zoho so long ago that Zoho does not list it any more."""
        store = self.demo.organisation.records
        gone = min(row["id"] for row in store.read(MODULE, "id"))
        long_ago = self.demo.settable_clock() - timedelta(days=130)
        store.delete(MODULE, gone, permanent=True, at=long_ago)

    def set_silently(self, name: str, value: Any) -> None:
        """Change a field in all records as Zoho does where `Modified_Time` stays."""
        store = self.demo.organisation.records
        for row in [*store.read(MODULE, "id", "Modified_Time")]:
            store.update(MODULE, row["id"], {name: value}, at=row["Modified_Time"])


def everything(user: User) -> None:
    """Play 'Read history, or all of it again': the first run, and `start_date` before it."""
    user.load()


def full_refresh_emptied(user: User) -> None:
    """Play `--full-refresh`, with the table emptied first."""
    user.delete_silently()
    user.warehouse.truncate(MODULE)
    user.full_refresh()


def full_refresh_versions(user: User) -> None:
    """Play `--full-refresh` where the loader honors versions."""
    user.delete_silently()
    user.full_refresh(emit_activate_version_messages=True)


def refresh_days(user: User) -> None:
    """Play 'certain modules whole, once a week'."""
    user.set_silently("Subject", "changed in silence")
    user.is_due("read_whole")
    user.load(refresh_days=7, refresh_modules=[MODULE])


def sweep(user: User) -> None:
    """Play 'deletions that Zoho no longer lists'."""
    user.delete_silently()
    user.is_due("swept")
    user.load(delete_sweep_days=30)


def changed_type(user: User) -> None:
    """Play 'A field changes its type': rename the column, discover again, run."""
    user.demo.organisation.schema.retype_field(MODULE, "Subject", "double:8")
    user.set_silently("Subject", 2.5)
    user.warehouse.rename(MODULE, "Subject", "Subject_until_2026_11")
    user.discover()
    user.load()


def new_field(user: User) -> None:
    """Play 'New fields': discover again, run."""
    user.demo.organisation.schema.add_field(MODULE, "Depth|Depth (m)|double:8|custom")
    user.set_silently("Depth", 1.5)
    user.discover()
    user.load()


def resync_module(user: User) -> None:
    """Play 'The whole module' of 'Read one module again', whatever the table holds."""
    user.full_refresh()


def resync_days(user: User) -> None:
    """Play 'Some days': the rows are wrong, and the schedule's STATE stays as it is."""
    for row in user.table.values():
        row["Subject"] = "lost"
    user.full_refresh(start_date="2020-01-01", keeps_state=False)
    user.load()


def repair(user: User) -> None:
    """Play 'Only what differs': verify, and load what `--repair` writes."""
    for key in sorted(user.table)[:2]:
        user.table[key]["Subject"] = "lost"
    user.delete_silently()
    # What is changed while it verifies is left to the next run; an edit of this minute may be that.
    user.demo.settable_clock.advance(60)
    with tempfile.TemporaryDirectory() as folder:
        run = run_tap(
            "--verify",
            in_sqlite(user, Path(folder) / "warehouse.sqlite"),
            "--repair=all",
            "--verify-sample=1000",
            config=config_for(user.demo, **user.settings),
            catalog=user.catalog,
        )
    assert run.code == 0, run.stderr
    assert user.warehouse.apply(run.messages) == []


def in_sqlite(user: User, path: Path) -> str:
    """Put the table into a database; return its URL."""
    if not user.catalog:
        user.discover()
    columns = [*user.catalog["streams"][0]["schema"]["properties"]]
    names = ", ".join(f'"{name}"' for name in columns)
    places = ", ".join("?" for _ in columns)
    rows = [[in_cell(row.get(name)) for name in columns] for row in user.table.values()]
    with sqlite3.connect(path) as database:
        database.execute(f'CREATE TABLE "{MODULE}" ({names})')
        database.executemany(f'INSERT INTO "{MODULE}" VALUES ({places})', rows)
    database.close()
    return f"sqlite:///{path}"


def in_cell(value: Any) -> Any:
    """Return a value as a database keeps it."""
    return json.dumps(value, default=float) if isinstance(value, (list, dict)) else value


def budget(user: User) -> None:
    """Play `credit_budget`: each run continues where the one before has stopped."""
    for _ in range(20):
        if user.run(credit_budget=17).code == 0:
            return
    raise AssertionError


def killed(user: User) -> None:
    """Play 'A killed run continues from its last STATE'."""
    user.discover()
    user.demo.settable_clock.advance(60)
    config = config_for(user.demo, **user.settings)
    run = run_tap(config=config, catalog=user.catalog, state=user.warehouse.state or None)
    states = [n for n, message in enumerate(run.messages) if message["type"] == "STATE"]
    user.warehouse.apply(run.messages[: states[0] + 1])
    user.load()


def plain_catalog(user: User) -> None:
    """Play 'Choose streams without Meltano', by the page's own program."""
    page = PAGES / "plain-catalog.md"
    program = page.read_text("utf-8").partition("```python\n")[2].partition("```")[0]
    found = run_tap("--discover", config=config_for(user.demo, **user.settings))
    chosen = subprocess.run(
        [sys.executable, "-c", program, MODULE], input=found.stdout, capture_output=True, check=True
    )
    user.catalog = json.loads(chosen.stdout)
    user.load()
