"""Any sequence of changes, deletions, restores, kills and runs ends equal to the truth."""

from __future__ import annotations

import contextlib
import itertools
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta, timezone
from typing import Any
from unittest import mock

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.demo import config_for
from support.records import applied, records_catalog, truth
from support.run import run_tap

from tap_zohocrm_modules.demo import DemoOrganisation
from tap_zohocrm_modules.zoho.client import Answer, Call, ZohoClient

MODULE = "Sites"
_BEGINNING = datetime(2026, 1, 1, tzinfo=timezone.utc)

change = st.tuples(
    st.sampled_from(["insert", "update", "delete", "purge", "restore", "restore untouched"]),
    st.integers(0, 999),
)
run = st.fixed_dictionaries(
    {
        "killed_after": st.none() | st.floats(0, 1),
        "meanwhile": st.lists(st.tuples(st.integers(1, 6), change), max_size=4),
    }
)
step = st.lists(change, max_size=6) | run


class World:
    """An organisation with a clock of its own, and a destination."""

    def __init__(self, demo: DemoOrganisation, path: str) -> None:
        self.demo = demo
        self.path = path
        self.store = demo.organisation.records
        self.store.clock = self.now
        self._ticks = itertools.count()
        self._lock = threading.Lock()
        self.table: dict[str, dict[str, Any]] = {}
        self.state: dict[str, Any] = {}
        self.binned: list[str] = []
        self._skipped = timedelta()

    def now(self) -> datetime:
        with self._lock:
            # Several changes fall into one second.
            return _BEGINNING + self._skipped + timedelta(seconds=next(self._ticks) // 3)

    def skip(self, seconds: int) -> None:
        self._skipped += timedelta(seconds=seconds)

    def change(self, kind: str, number: int) -> None:
        with self.store.lock:
            ids = [row["id"] for row in self.store.read(MODULE, "Name")]
            if kind == "insert" or not ids:
                self.store.insert(MODULE, {"Name": f"new {number}"})
                return
            chosen = ids[number % len(ids)]
            if kind == "update":
                self.store.update(MODULE, chosen, {"Name": f"changed {number}"})
            elif kind in {"delete", "purge"}:
                self.store.delete(MODULE, chosen, permanent=kind == "purge")
                if kind == "delete":
                    self.binned.append(chosen)
            elif self.binned:
                chosen = self.binned.pop(number % len(self.binned))
                self.store.restore(MODULE, chosen, touch=kind == "restore")

    def run(self, meanwhile: list[tuple[int, Any]], killed_after: float | None) -> None:
        catalog = records_catalog(MODULE)
        with changes_meanwhile(meanwhile, self.change), clock(self.now):
            done = run_tap(
                config=config_for(self.demo, read_path=self.path),
                catalog=catalog,
                state=self.state,
            )
        assert done.code == 0, done.stderr
        lines = [line for line in done.stdout.split(b"\n") if line]
        if killed_after is not None:
            lines = lines[: int(len(lines) * killed_after)]
        applied(self.table, b"\n".join(lines), MODULE)
        states = [json.loads(line)["value"] for line in lines if b'"type":"STATE"' in line]
        self.state = states[-1] if states else self.state


@contextlib.contextmanager
def changes_meanwhile(
    plan: list[tuple[int, Any]], make: Callable[[str, int], None]
) -> Iterator[None]:
    """Make each change before the call of its number."""
    numbers = itertools.count(1)
    real = ZohoClient.call

    def call(client: ZohoClient, one: Call) -> Answer:
        if MODULE in str(one) + str(one.body):
            number = next(numbers)
            for place, (kind, choice) in plan:
                if place == number:
                    make(kind, choice)
        return real(client, one)

    with mock.patch.object(ZohoClient, "call", call):
        yield


@contextlib.contextmanager
def clock(now: Callable[[], datetime]) -> Iterator[None]:
    with mock.patch.object(ZohoClient, "server_now", side_effect=now):
        yield


@pytest.mark.timeout(600)
@pytest.mark.parametrize("path", ["rest", "coql", "bulk", "auto"])
@settings(
    max_examples=12,
    deadline=None,
    derandomize=True,
    phases=[Phase.explicit, Phase.generate],
    suppress_health_check=list(HealthCheck),
)
@given(steps=st.lists(step, max_size=6), count=st.sampled_from([3, 215, 430]))
def test_the_destination_ends_equal_to_the_organisation(
    path: str, steps: list[Any], count: int
) -> None:
    with DemoOrganisation() as demo:
        demo.organisation.records.resize(MODULE, count, crowd=min(210, count), unstamped=2)
        world = World(demo, path)
        for one in steps:
            if isinstance(one, dict):
                world.run(one["meanwhile"], one["killed_after"])
            else:
                for kind, number in one:
                    world.change(kind, number)
        world.skip(60)
        world.run([], None)
        expected = truth(demo, MODULE, ["Name", "Modified_Time"])
        assert world.table.keys() == expected.keys()
        for record_id, values in expected.items():
            assert {name: world.table[record_id][name] for name in values} == values
