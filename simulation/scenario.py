"""One seed: an organisation that changes, runs that end in every way, and a destination."""

from __future__ import annotations

import contextlib
import dataclasses
import re
import traceback
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from pathlib import Path
from random import Random
from typing import Any
from unittest import mock

from simulation.destination import Destination
from simulation.inline import MachineClock, inline
from simulation.oracle import differences, truth
from simulation.organisation import MODULES, PROBES, UNTRACKED, new_organisation
from simulation.tap_run import End, Output, discover, run_tap
from simulation.transport import DemoSession
from simulation.world import World
from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.clock import Clock
from zohocrm_demo.families import bulk_read, records_list

_BEGINNING = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
_PATHS = ("rest", "coql", "bulk", "bulk", "auto")
_ATTEMPTS_AT_THE_END = 6
_CALLS_PER_TOKEN = 20
_REMOVE = re.compile(r"remove bookmarks\.(\S+) to load")
_REDISCOVER = ("discovery again", "deselect the stream", "not there (any more)")
_FAULTS = {
    "500": Fault(),
    "502": Fault.html(),
    "429": Fault.error(429, "TOO_MANY_REQUESTS"),
    "reset": Fault.reset(),
    "half": Fault.half(),
    "stall": Fault.stall(),
    "slow": Fault.slow(7_200),
    "expired token": Fault.error(401, "INVALID_TOKEN", "invalid oauth token"),
    "no scope": Fault.error(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL"),
    "no permission": Fault.error(403, "NO_PERMISSION", "permission denied"),
    "empty": Fault.empty(200),
}
_PLACES = {
    "*": 2,
    "*/coql": 6,
    "*/read*": 3,
    "*/deleted": 2,
    "*/actions/count": 1,
    "*/v8/?????*": 3,
    "/oauth/*": 1,
}
# A call is given up after the fourth.
_FIRST_FAULTS, _TIMES = (1, 1, 2, 3, 4, 6, 9, 12), (1, 2, 4, 5, None)


@dataclasses.dataclass(frozen=True)
class Outcome:
    """What became of a seed.

    Attributes:
        seed: The seed.
        divergences: How the destination differed from the truth, or the tap misbehaved.
        runs: How many runs there were.
        changes: How many changes of records, fields and modules.
        ends: How runs ended, by kind.
        trace: What happened, one line each.
    """

    seed: int
    divergences: list[str]
    runs: int
    changes: int
    ends: dict[str, int]
    trace: list[str]


def simulate(seed: int) -> Outcome:
    """Play a seed to its end; it always goes the same way."""
    random = Random(seed)
    modules = [PROBES] if random.random() < 0.7 else []
    if not modules or random.random() < 0.15:
        modules.append(random.choice(MODULES[1:]))
    server = Clock(_BEGINNING)
    clock = MachineClock(server)
    demo = DemoOrganisation(
        new_organisation(*modules),
        seed=seed,
        clock=server,
        daily_credits=1_000_000,
        mints_per_window=1_000,
        active_tokens=1_000,
    )
    scenario = Scenario(World(demo, clock, random, modules), random)
    with scenario.limited():
        try:
            scenario.play()
        except Exception as error:  # noqa: BLE001 - any other end of a run is a defect
            scenario.crashed(error)
    return scenario.outcome(seed)


class Scenario:
    """Plays one seed.

    Args:
        world: The organisation, and what happens to it.
        random: What everything is drawn from.
    """

    def __init__(self, world: World, random: Random) -> None:
        self._world = world
        self._demo = demo = world.demo
        self._clock = clock = world.clock
        self._random = random
        self._world.deletes_untracked = random.random() < 0.7
        self._changes_schema = random.random() < 0.4
        self._session = DemoSession(demo, self._before_call)
        self._destination = Destination()
        self._divergences: list[str] = []
        self._ends: dict[str, int] = {}
        self._calls = 0
        self._token_until = 0
        self._meanwhile: set[int] = set()
        self._changed_at = clock.server()
        self._catalog: dict[str, Any] = {}
        self._is_fresh = False
        self._is_disturbed = False
        self._old_types: dict[tuple[str, str], Any] = {}
        self._page = random.choice([3, 5, 8])
        self._limits = self._draw_limits()
        self._settings = self._draw_settings()

    def outcome(self, seed: int) -> Outcome:
        """Return what became of it."""
        return Outcome(
            seed,
            self._divergences,
            sum(self._ends.values()),
            sum(" run " not in line for line in self._world.trace),
            self._ends,
            self._world.trace,
        )

    def crashed(self, error: Exception) -> None:
        """Note that a run ended with what is no error of the tap's own."""
        last = traceback.extract_tb(error.__traceback__)[-1]
        where = f"{Path(last.filename).name}:{last.lineno}"
        self._divergences.append(f"{type(error).__name__} at {where}: {error}")

    @contextlib.contextmanager
    def limited(self) -> Iterator[None]:
        """Let Zoho's limits be so small that few records reach them."""
        store = self._demo.organisation.records
        store.positional_tokens = self._random.random() < 0.6
        with (
            mock.patch.object(bulk_read, "ROWS_PER_PAGE", self._limits.job_rows),
            mock.patch.object(records_list, "MOST_BY_PAGE", 10 * self._page),
            inline(self._session, self._clock),
        ):
            yield

    def play(self) -> None:
        """Let changes and runs alternate, and compare in the end."""
        random, world = self._random, self._world
        for module in world.modules:
            world.fill(module, random.choice([0, 2, 7, 20, 40]), random.choice([0, 0, 9, 25]))
        self._changed_at = self._clock.server()
        for _ in range(random.randrange(1, 5)):
            if self._divergences:
                return
            self._changes_between_runs()
            self._one_run()
        self._last_runs()

    def _draw_limits(self) -> Limits:
        random, page = self._random, self._page
        return Limits(
            page_rows=page,
            list_fields=random.choice([8, 50, 50]),
            list_ids=4,
            query_credits=((page, 1), (2 * page, 2)),
            job_rows=2 * page,
            job_credits=random.choice([1, 4, 50]),
            job_page_rows=4,
            uncounted_changes=5,
            recheck_rows=3,
            sorted_ids=7,
            records_per_state=random.choice([1, 4]),
        )

    def _draw_settings(self) -> dict[str, Any]:
        random = self._random
        drawn: dict[str, Any] = {
            "read_path": random.choice(_PATHS),
            "emit_tombstones": random.random() < 0.9,
            "token_cache": False,
        }
        if random.random() < 0.15:
            drawn["start_date"] = "2025-01-01"
        if random.random() < 0.3:
            drawn["delete_sweep_days"] = 1
        if random.random() < 0.2:
            drawn["refresh_days"] = 1
        return drawn

    def _config(self) -> dict[str, Any]:
        demo = self._demo
        return {
            "client_id": demo.client_id,
            "client_secret": demo.client_secret,
            "refresh_token": demo.refresh_token,
            "accounts_url": demo.accounts_url,
            "record_modules": list(self._world.modules),
            **self._settings,
        }

    def _before_call(self) -> None:
        self._calls += 1
        self._clock.sleep(self._random.choice([0, 0, 0, 1]))
        # Now and then a token ends, of its age or before its time.
        if self._random.random() < 0.006 and self._calls > self._token_until:
            self._token_until = self._calls + _CALLS_PER_TOKEN
            if self._random.random() < 0.5:
                self._clock.sleep(4_000)
            else:
                self._demo.expire_tokens()
        if self._calls in self._meanwhile:
            self._change(within_run=True)

    def _change(self, *, within_run: bool) -> None:
        self._world.change(within_run=within_run)
        self._changed_at = self._clock.server()

    def _changes_between_runs(self) -> None:
        random = self._random
        if random.random() < 0.3:
            self._clock.step(random.choice([-5, -5, -2, 3, 40]))
        for _ in range(random.randrange(8)):
            self._change(within_run=False)
            self._clock.sleep(random.choice([0, 0, 1, 4]))
        if self._changes_schema and random.random() < 0.6:
            self._world.change_schema(of_modules=random.random() < 0.2)
            self._is_fresh = False
        if random.random() < 0.3:
            self._clock.sleep(random.choice([60, 3_000, 90_000]))
        if random.random() < 0.1:
            self._clock.skew = timedelta(hours=random.choice([-20, -1, 0, 3, 20]))

    def _one_run(self) -> None:
        random = self._random
        if random.random() < 0.5:
            self._clock.sleep(random.choice([5, 11, 30]))
        if random.random() < 0.3:
            self._settings["read_path"] = random.choice(_PATHS)
        self._meanwhile = {
            self._calls + random.randrange(1, 40) for _ in range(random.choice([0, 0, 3, 9]))
        }
        if not self._catalog or random.random() < 0.6:
            self._refresh_catalog()
        if random.random() < 0.5:
            self._inject()
        ends_after = random.randrange(1, 40) if random.random() < 0.5 else None
        self._run(Output(ends_after, by_signal=random.random() < 0.3))

    def _inject(self) -> None:
        random = self._random
        self._is_disturbed = True
        for _ in range(random.choice([1, 1, 2])):
            name = random.choice(list(_FAULTS))
            [place] = random.choices(list(_PLACES), list(_PLACES.values()))
            nth, times = random.choice(_FIRST_FAULTS), random.choice(_TIMES)
            self._demo.inject(place, _FAULTS[name], nth, times)
            self._world.log(f"fault {name} at {place} from {nth}, {times} times")

    def _refresh_catalog(self) -> None:
        if self._is_fresh:
            return
        self._catalog = discover(self._config())
        self._is_fresh = True
        for entry in self._catalog["streams"]:
            self._alter_columns(entry["tap_stream_id"], entry["schema"]["properties"])

    def _alter_columns(self, stream: str, columns: dict[str, Any]) -> None:
        """Let the destination's columns take the types of the new catalog."""
        for name, column in columns.items():
            kinds = set(column["type"]) - {"null"}
            if kinds != self._old_types.setdefault((stream, name), kinds):
                self._old_types[stream, name] = kinds
                if kinds == {"string"}:
                    self._destination.alter(stream, name)

    def _run(self, output: Output) -> End:
        before = self._clock.server()
        changed_at = self._changed_at
        end = run_tap(self._config(), self._catalog, self._destination.state, self._limits, output)
        self._world.log(
            f"run {self._settings['read_path']}: {end.kind} after {len(end.messages)} messages"
            f" {end.error}"
        )
        self._ends[end.kind] = self._ends.get(end.kind, 0) + 1
        self._check_behaviour(end)
        messages = end.messages
        if end.kind == "killed" and self._random.random() < 0.5:
            # The target had not written what came after the last STATE.
            last = max((n for n, m in enumerate(messages) if m["type"] == "STATE"), default=-1)
            messages = messages[: last + 1]
        self._divergences += self._destination.apply(messages)
        is_quiet = self._changed_at == changed_at and before - changed_at > timedelta(seconds=20)
        # Of deletions that may not be read for the moment there is a warning only.
        is_quiet &= not self._is_disturbed
        if end.kind == "complete" and is_quiet and self._is_current():
            self._compare("after a quiet run", is_swept=False)
        self._demo.clear_faults()
        self._is_disturbed = False
        self._heed(end)
        return end

    def _check_behaviour(self, end: End) -> None:
        if end.tracebacks:
            self._divergences.append(f"a traceback: {end.tracebacks[0]}")
        if "defect of the tap" in end.error or (end.kind == "failed" and not end.error.strip()):
            self._divergences.append(f"no clear error: {end.error!r}")
        if end.kind == "failed" and not self._is_disturbed and not _asks_for_more(end.error):
            self._divergences.append(f"failed undisturbed: {end.error}")
        nulled = {
            name
            for message in end.messages
            if message["type"] == "RECORD" and message["stream"] == self._world.probes
            for name in self._world.vanished & message["record"].keys()
        }
        if nulled:
            self._divergences.append(f"fields that are gone have values: {sorted(nulled)}")
        demo = self._demo
        for secret in (demo.client_secret, demo.refresh_token):
            if any(secret in text for text in (*end.log, end.error)):
                self._divergences.append("a secret in the log")

    def _heed(self, end: End) -> None:
        """Do what the error asks for."""
        if (found := _REMOVE.search(end.error)) is not None:
            self._destination.truncate(found[1])
        if _asks_for_more(end.error):
            self._refresh_catalog()

    def _is_current(self) -> bool:
        """Whether the catalog has the modules and fields that there are now."""
        known = self._columns()
        return self._is_fresh and all(module in known for module in self._world.modules)

    def _columns(self) -> dict[str, set[str]]:
        """Return the columns of the catalog by stream."""
        return {
            entry["tap_stream_id"]: set(entry["schema"]["properties"])
            for entry in self._catalog["streams"]
        }

    def _last_runs(self) -> None:
        """Let the runs end undisturbed, and compare."""
        self._meanwhile = set()
        self._clock.skew = timedelta(0)
        self._clock.sleep(2 * 86_400 if "delete_sweep_days" in self._settings else 60)
        error = ""
        for _ in range(_ATTEMPTS_AT_THE_END):
            if self._divergences:
                return
            self._refresh_catalog()
            end = self._run(Output())
            error = end.error
            if end.kind == "complete":
                self._compare("in the end", is_swept=True)
                return
        self._divergences.append(f"no run succeeds any more: {error}")

    def _compare(self, when: str, *, is_swept: bool) -> None:
        start = self._settings.get("start_date")
        since = None if start is None else datetime.fromisoformat(f"{start}T00:00:00+00:00")
        for module in self._world.modules:
            sweeps = is_swept and "delete_sweep_days" in self._settings
            blind = module in UNTRACKED and not sweeps
            found = differences(
                module,
                self._destination.tables.get(module, {}),
                truth(self._demo, module, self._columns().get(module, ())),
                may_have_more=blind or not self._settings["emit_tombstones"],
                since=since,
            )
            self._divergences += [f"{when}: {one}" for one in found]


def _asks_for_more(error: str) -> bool:
    """Whether an error asks its user for something, rather than to run again."""
    return _REMOVE.search(error) is not None or any(hint in error for hint in _REDISCOVER)
