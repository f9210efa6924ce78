"""Files and full tables end equal to the truth too; the simulation draws everything else."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import json
import tempfile
import threading
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from support.batches import as_records
from support.cases import sample
from support.demo import config_for, sample_demo
from support.pages import small_pages
from support.records import applied, records_catalog, truth
from support.run import run_tap
from support.wire import Send, on_the_way, server_time
from typing_extensions import override

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request
from zohocrm_demo.limits import RequestLimits

PER_PAGE = 20
PATHS = ["rest", "coql", "bulk", "auto"]
_BEGINNING = datetime(2026, 1, 1, tzinfo=timezone.utc)


@dataclasses.dataclass(frozen=True)
class Case:
    """What is read, and how.

    Attributes:
        module: The module.
        path: The way of reading; None for another one each run, sometimes as a full table.
        column: What is changed in its records.
        in_files: Whether records come in batch files, of few rows each.
    """

    module: str
    path: str | None
    column: str = "Name"
    in_files: bool = False

    @override
    def __str__(self) -> str:
        files = "files" if self.in_files else None
        return "-".join(filter(None, (self.module, self.path or "any", files)))


CASES = [
    *(Case("Sites", path, in_files=True) for path in ("rest", "coql", "bulk")),
    # Some of which are converted meanwhile.
    Case("Leads", None, "Company", in_files=True),
    Case("Sites", None),
    Case("Leads", None, "Company"),
]

_KINDS = ["insert", "update", "delete", "purge", "restore", "restore untouched", "convert"]
change = st.tuples(st.sampled_from(_KINDS), st.integers(0, 999))
run = st.fixed_dictionaries(
    {
        "killed_after": st.none() | st.floats(0, 1),
        "path": st.sampled_from(PATHS),
        "is_full": st.sampled_from([False, False, False, True]),
        "meanwhile": st.lists(st.tuples(st.integers(1, 12), change), max_size=4),
    }
)
step = st.lists(change, max_size=6) | run
steps_of = st.lists(step, max_size=6)
sizes = st.tuples(st.sampled_from([3, 25, 65]), st.integers(0, 30))


class World:
    """An organisation with a clock of its own, and a destination."""

    def __init__(self, demo: DemoOrganisation, case: Case) -> None:
        self.demo, self.case = demo, case
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
        module, column = self.case.module, self.case.column
        with self.store.lock:
            ids = [row["id"] for row in self.store.read(module, column)]
            if kind == "insert" or not ids:
                self.store.insert(module, {column: self.value(number)})
                return
            chosen = ids[number % len(ids)]
            if kind == "update":
                self.store.update(module, chosen, {column: self.value(number)})
            elif kind == "convert":
                self.convert(chosen)
            elif kind in {"delete", "purge"}:
                self.store.delete(module, chosen, permanent=kind == "purge")
                if kind == "delete":
                    self.binned.append(chosen)
            elif self.binned:
                chosen = self.binned.pop(number % len(self.binned))
                # Some modules have no recycle bin.
                with contextlib.suppress(LookupError):
                    self.store.restore(module, chosen, touch=kind == "restore")

    def change_now(self, kind: str, number: int) -> None:
        """Make a change while a run is under way."""
        # What comes back unchanged between the call for it and the one for the bin's content, a
        # moment later, leaves no trace in either.
        self.change("restore" if kind == "restore untouched" else kind, number)

    def value(self, number: int) -> Any:
        kind = self.store.fields(self.case.module)[self.case.column]["data_type"]
        if kind == "boolean":
            return number % 2 == 0
        return number if kind == "integer" else f"changed {number}"

    def convert(self, chosen: str) -> None:
        if self.case.module == "Leads":
            # It may have been converted already.
            with contextlib.suppress(ValueError):
                self.store.convert_lead(chosen)

    def run(
        self,
        meanwhile: list[tuple[int, Any]],
        killed_after: float | None,
        path: str = "auto",
        *,
        is_full: bool = False,
    ) -> None:
        module = self.case.module
        if self.case.path is not None:
            path, is_full = self.case.path, False
        # Ten a minute by this world's clock, which hardly goes on.
        self.store.bulk_jobs._downloads.clear()
        more: dict[str, Any] = {}
        files = tempfile.TemporaryDirectory()
        if self.case.in_files:
            storage = {"root": Path(files.name).as_uri()}
            encoding = {"format": "arrow"}
            more["batch_config"] = {"encoding": encoding, "storage": storage, "batch_size": 7}
        with (
            files,
            changes_meanwhile(module, meanwhile, self.change_now),
            server_time(now=self.now),
        ):
            done = run_tap(
                config=config_for(self.demo, read_path=path, **more),
                catalog=catalog(module, is_full=is_full),
                state=self.state,
            )
            assert done.code == 0, done.logged("ERROR")
            lines = [line for line in done.stdout.split(b"\n") if line]
            if killed_after is not None:
                lines = lines[: int(len(lines) * killed_after)]
            applied(self.table, as_records(b"\n".join(lines)), module)
        states = [json.loads(line)["value"] for line in lines if b'"type":"STATE"' in line]
        self.state = states[-1] if states else self.state

    def assert_truth(self) -> None:
        columns = [self.case.column, "Modified_Time"]
        expected = truth(self.demo, self.case.module, columns)
        assert self.table.keys() == expected.keys()
        for record_id, record in self.table.items():
            values = expected[record_id]
            assert {name: record[name] for name in values} == values


@functools.cache
def catalog(module: str, *, is_full: bool) -> dict[str, Any]:
    return records_catalog(module, **({"replication_method": "FULL_TABLE"} if is_full else {}))


def changes_meanwhile(
    module: str, plan: list[tuple[int, Any]], make: Callable[[str, int], None]
) -> contextlib.AbstractContextManager[None]:
    """Make each change before the call of its number."""
    numbers = itertools.count(1)

    def way(request: Request, send: Send) -> Answer:
        if module in request.path + request.query + str(request.body):
            number = next(numbers)
            for place, (kind, choice) in plan:
                if place == number:
                    make(kind, choice)
        return send(request)

    return on_the_way(way)


def check(case: Case, steps: list[Any], size: tuple[int, int], *, stable_scan: bool) -> None:
    count, crowd = size
    with (
        small_pages(PER_PAGE),
        sample_demo(limits=RequestLimits(job_rows=2 * PER_PAGE)) as demo,
    ):
        demo.organisation.records.resize(
            case.module, count, crowd=min(crowd, count), unstamped=min(2, count)
        )
        demo.organisation.records.positional_tokens = stable_scan
        world = World(demo, case)
        for one in steps:
            if isinstance(one, dict):
                world.run(
                    one["meanwhile"], one["killed_after"], one["path"], is_full=one["is_full"]
                )
            else:
                for kind, number in one:
                    world.change(kind, number)
        world.skip(60)
        world.run([], None)
        world.assert_truth()


def examples(most: int) -> settings:
    return settings(
        max_examples=most,
        deadline=None,
        derandomize=True,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )


@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", sample(CASES, CASES[1], CASES[4]), ids=str)
@examples(3)
@given(steps=steps_of, size=sizes, stable_scan=st.booleans())
def test_the_destination_ends_equal_to_the_organisation(
    case: Case, steps: list[Any], size: tuple[int, int], stable_scan: bool
) -> None:
    check(case, steps, size, stable_scan=stable_scan)


@pytest.mark.heavy
@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", CASES, ids=str)
@examples(12)
@given(steps=steps_of.filter(lambda steps: len(steps) > 1), size=sizes, stable_scan=st.booleans())
def test_any_longer_course_of_things_ends_so_too(
    case: Case, steps: list[Any], size: tuple[int, int], stable_scan: bool
) -> None:
    check(case, steps, size, stable_scan=stable_scan)
