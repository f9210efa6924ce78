"""Lives of an organisation that go on, as its pipeline does, while its warehouse is verified."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from datetime import datetime, timedelta, timezone
from random import Random
from typing import Any

from typing_extensions import override

from simulation.destination import Destination
from simulation.inline import MachineClock, inline
from simulation.organisation import MODULES, PROBES, UNTRACKED, new_organisation
from simulation.tap_run import Output, SimulatedTap, _signals_kept, discover, run_tap
from simulation.transport import DemoSession, Wire
from simulation.world import World
from tap_zohocrm_modules.verify.faults import FaultKind
from tap_zohocrm_modules.verify.verify_run import Verification
from tap_zohocrm_modules.verify.warehouse.table import Rows, Table, Warehouse
from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.clock import Clock
from zohocrm_demo.limits import RequestLimits

_BEGINNING = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
_PAGE = 4
_LIMITS = Limits(
    page_rows=_PAGE,
    list_ids=4,
    query_credits=((_PAGE, 1), (2 * _PAGE, 2)),
    job_rows=2 * _PAGE,
    job_credits=1,
    job_page_rows=4,
    recheck_rows=3,
    sorted_ids=7,
)

_TELLS_NO_TIME = UNTRACKED | {"Email_Analytics"}

Planted = dict[tuple[str, str], FaultKind]


@dataclasses.dataclass
class MemoryTable(Table):
    """A table of the simulated destination, as it is at each moment that it is read."""

    name: str
    read: Callable[[], Sequence[Mapping[str, Any]]]
    columns: Sequence[str]

    @override
    def rows(self, columns: Sequence[str]) -> Iterator[Rows]:
        for row in list(self.read()):
            yield [tuple(row.get(name) for name in columns)]

    @override
    def rows_of(self, key: str, values: Collection[str], columns: Sequence[str]) -> Iterator[Rows]:
        yield [
            tuple(row.get(name) for name in columns)
            for row in list(self.read())
            if row[key] in values
        ]


class MemoryWarehouse(Warehouse):
    """The simulated destination as a warehouse."""

    label = "memory"

    def __init__(self, destination: Destination, meanwhile: Callable[[], object]) -> None:
        self._destination = destination
        self._meanwhile = meanwhile

    @override
    def table(self, stream: str, others: Collection[str]) -> Table:
        def read() -> Sequence[Mapping[str, Any]]:
            self._meanwhile()
            return [*self._destination.tables.get(stream, {}).values()]

        return MemoryTable(stream, read, sorted(self._destination.columns[stream]))

    @override
    def close(self) -> None:
        """Nothing is open."""


class Life:
    """One seed: an organisation, a pipeline, a warehouse with planted faults, a verification."""

    def __init__(self, seed: int) -> None:
        self._random = random = Random(seed)
        self.modules = [PROBES, random.choice(MODULES[1:])]
        server = Clock(_BEGINNING)
        self._clock = MachineClock(server)
        self._demo = DemoOrganisation(
            new_organisation(*self.modules),
            seed=seed,
            clock=server,
            limits=RequestLimits(job_rows=_LIMITS.job_rows),
            daily_credits=1_000_000,
            mints_per_window=1_000,
            active_tokens=1_000,
        )
        self._world = World(self._demo, self._clock, random, self.modules)
        self._destination = Destination()
        wire = Wire(
            self._before_call,
            lambda _: contextlib.nullcontext(),
            lambda _, answer: answer,
            lambda: timedelta(0),
        )
        session = DemoSession(self._demo, wire)
        self._options = inline(session, self._clock, _LIMITS)
        self._lives = False
        self._is_busy = False
        self._ran = False  # the pipeline, while the warehouse was verified
        self._catalog: dict[str, Any] = {}
        self._path = random.choice(["auto", "auto", "bulk", "coql", "rest"])

    def _config(self) -> dict[str, Any]:
        return {
            "client_id": self._demo.client_id,
            "client_secret": self._demo.client_secret,
            "refresh_token": self._demo.refresh_token,
            "accounts_url": self._demo.accounts_url,
            "api_url": self._demo.api_url,
            "record_modules": list(self.modules),
            "read_path": self._path,
            "token_cache": False,
        }

    def play(self) -> list[str]:
        """Play it; return what was wrong with the verification."""
        for module in self.modules:
            self._world.fill(module, self._random.choice([0, 7, 20, 40]), 0)
        self._clock.sleep(3_600)
        self._catalog = discover(self._config(), self._options)
        self._run_pipeline()
        self._clock.sleep(3_600)
        planted = self._plant()
        before = self._truth()
        found = self._verified()
        self._lives = False
        after = self._truth()
        return [*self._wrong(planted, found, before, after)]

    def _run_pipeline(self) -> None:
        state = self._destination.state
        end = run_tap(self._config(), self._catalog, state, self._options, Output())
        assert end.kind == "complete", end.error
        self._destination.apply(end.messages)

    def _before_call(self) -> None:
        self._clock.sleep(self._random.choice([0, 0, 1]))
        if self._lives:
            self._go_on(0.3)

    def _go_on(self, chance: float) -> None:
        """Let something happen, now and then: a change, or a run of the pipeline."""
        if self._is_busy or self._random.random() > chance:
            return
        self._is_busy = True
        for _ in range(self._random.randrange(4)):
            self._world.change(within_run=True)
            self._clock.sleep(self._random.choice([0, 1, 2]))
        if self._random.random() < 0.3:
            self._clock.sleep(self._random.choice([0, 5, 30]))
            self._run_pipeline()
            self._ran = True
        self._is_busy = False

    def _verified(self) -> Planted:
        warehouse = MemoryWarehouse(self._destination, lambda: self._go_on(0.5))
        state = copy.deepcopy(self._destination.state) if self._random.random() < 0.3 else {}
        with (
            _signals_kept(),
            SimulatedTap(
                config=self._config(),
                catalog=copy.deepcopy(self._catalog),
                state=state,
                options=self._options,
                setup_mapper=False,
            ) as tap,
        ):
            began_at = tap.this_run.client.server_now()
            self._lives = True
            streams, _ = tap.described_streams()
            verification = Verification(tap.this_run, warehouse, 1_000, self.modules, began_at)
            results = [*verification.results(streams)]
        assert [one.problem for one in results if one.problem] == []
        return {(one.stream, fault.id): fault.kind for one in results for fault in one.faults}

    def _truth(self) -> dict[tuple[str, str], Any]:
        """Return every record with all of its values."""
        store = self._demo.organisation.records
        return {
            (module, row["id"]): repr(row)
            for module in self.modules
            for row in store.read(module, *store.fields(module))
        }

    def _plant(self) -> Planted:
        planted: Planted = {}
        for module in self.modules:
            table = self._destination.tables.get(module, {})
            ids = self._random.sample(sorted(table), min(len(table), 6))
            for record_id, plant in zip(
                ids, (self._lose, self._lose, self._age, self._spoil, self._make_up), strict=False
            ):
                found = plant(table, record_id)
                if found is not None:
                    planted[module, found[0]] = found[1]
        return planted

    def _lose(self, table: dict[str, Any], record_id: str) -> tuple[str, FaultKind]:
        del table[record_id]
        return record_id, FaultKind.MISSING

    def _age(self, table: dict[str, Any], record_id: str) -> tuple[str, FaultKind] | None:
        if table[record_id].get("Modified_Time") is None:
            return None
        table[record_id]["Modified_Time"] = "2019-01-01T00:00:00Z"
        return record_id, FaultKind.STALE

    def _spoil(self, table: dict[str, Any], record_id: str) -> tuple[str, FaultKind] | None:
        names = [name for name in ("Created_Time", "Parent_Id") if table[record_id].get(name)]
        if not names:
            return None
        table[record_id][names[0]] = None
        return record_id, FaultKind.DIFFERENT

    def _make_up(self, table: dict[str, Any], record_id: str) -> tuple[str, FaultKind]:
        made_up = str(int(record_id) + 10**9)
        table[made_up] = {**table[record_id], "id": made_up}
        return made_up, FaultKind.SURPLUS

    def _wrong(
        self, planted: Planted, found: Planted, before: dict[Any, Any], after: dict[Any, Any]
    ) -> Iterator[str]:
        for key, kind in found.items():
            is_unchanged = key in before and before.get(key) == after.get(key)
            # Where Zoho names no time, of a change or of a deletion, nobody can tell when it was.
            is_blind = not is_unchanged and key[0] in _TELLS_NO_TIME
            if planted.get(key) != kind and not is_blind:
                yield f"a false alarm: {key} {kind.value}, planted: {planted.get(key)}"
        for key, kind in planted.items():
            is_unchanged = before.get(key) == after.get(key)
            # The pipeline loads the whole of a module without times, and so mends it.
            is_mended = key[0] == "Email_Analytics" and self._ran
            if is_unchanged and not is_mended and found.get(key) != kind:
                yield f"a missed fault: {key} {kind.value}"

    @property
    def trace(self) -> list[str]:
        """What has happened, one line each."""
        return self._world.trace
