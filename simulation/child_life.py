"""One seed of children of records: they come, change and go while runs end in every way."""

from __future__ import annotations

import contextlib
import copy
from collections.abc import Mapping
from datetime import datetime
from random import Random
from typing import Any

from simulation.child_organisation import (
    LISTS,
    PARENTS,
    Rows,
    new_child_organisation,
    stream_of,
    truth,
    value_of,
)
from simulation.child_world import ChildWorld
from simulation.footprint import Footprint
from simulation.inline import MachineClock, inline
from simulation.organisation import BEGINNING, simulated
from simulation.scenario import Outcome, crash
from simulation.settings import FAULTS, FIRST_FAULTS, PATHS, TIMES, draw_limits
from simulation.tap_run import End, Output, discover, run_tap
from simulation.transport import DemoSession, Wire
from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.calls import Request
from zohocrm_demo.clock import Clock

_ATTEMPTS_AT_THE_END = 12
_DAY = 86_400
_PLACES = ("*", "*/__composite_requests", "*/Contact_Roles", "*/coql", "*/Emails", "*/deleted")
_GOES_ON = "the sweep goes on in the next run"
_SPENT = "credit_budget"


def simulate_children(seed: int) -> Outcome:
    """Play a seed to its end; it always goes the same way."""
    random = Random(f"children {seed}")
    server = Clock(BEGINNING)
    demo = simulated(new_child_organisation(), seed, server)
    life = ChildLife(demo, MachineClock(server), random)
    try:
        life.play()
    except Exception as error:  # noqa: BLE001 - any other end of a run is a defect
        life.crashed(error)
    return life.outcome(seed)


class ChildLife:
    """Plays one seed.

    Args:
        demo: The organisation.
        clock: The clock of the machine that runs the tap.
        random: What everything is drawn from.
    """

    def __init__(self, demo: DemoOrganisation, clock: MachineClock, random: Random) -> None:
        self._demo, self._clock, self._random = demo, clock, random
        self._world = ChildWorld(demo, clock, random)
        self._footprint = Footprint()
        wire = Wire(self._before_call, self._seen_by, lambda _, answer: answer, _no_skew)
        limits = draw_limits(random, random.choice([3, 8]))
        self._options = inline(DemoSession(demo, wire), clock, limits)
        self._lists = random.sample(LISTS, random.choice([1, 2, 3]))
        self._tables: dict[str, Rows] = {entry: {} for entry in self._lists}
        self._state: dict[str, Any] = {}
        self._catalog: dict[str, Any] = {}
        self._divergences: list[str] = []
        self._ends: dict[str, int] = {}
        self._calls = 0
        self._meanwhile: set[int] = set()
        self._settings: dict[str, Any] = {"read_path": random.choice(PATHS), "token_cache": False}

    def outcome(self, seed: int) -> Outcome:
        """Return what became of it."""
        trace = self._world.trace
        return Outcome(
            seed=seed,
            divergences=self._divergences,
            runs=sum(self._ends.values()),
            changes=sum(" run" not in line for line in trace),
            ends=self._ends,
            trace=trace,
            footprint=self._footprint.text(),
        )

    def crashed(self, error: Exception) -> None:
        """Note that a run ended with what is not an error of the tap's own."""
        self._divergences.append(crash(error))

    def play(self) -> None:
        """Let changes and runs alternate, and compare after each run that swept."""
        random = self._random
        for module in PARENTS:
            self._demo.organisation.records.resize(module, random.choice([0, 1, 4, 9, 17, 30]))
        for _ in range(random.randrange(1, 6)):
            for _ in range(random.randrange(8)):
                self._world.change(within_run=False)
                self._clock.sleep(random.choice([0, 0, 1, 4]))
            if random.random() < 0.4:
                self._clock.sleep(random.choice([60, 3_000, 90_000]))
            self._one_run()
        self._last_runs()

    def _config(self) -> dict[str, Any]:
        return {
            **self._demo.account,
            "record_modules": [],
            "child_lists": self._lists,
            **self._settings,
        }

    def _before_call(self) -> None:
        self._calls += 1
        self._clock.sleep(self._random.choice([0, 0, 0, 1]))
        if self._calls in self._meanwhile:
            self._world.change(within_run=True)

    def _seen_by(self, request: Request) -> contextlib.AbstractContextManager[object]:
        self._footprint.add_request(request)
        return contextlib.nullcontext()

    def _one_run(self) -> None:
        random = self._random
        if random.random() < 0.5:
            self._clock.sleep(random.choice([5, 11, 30, 2 * _DAY]))
        self._meanwhile = {
            self._calls + random.randrange(1, 60) for _ in range(random.choice([0, 0, 3, 9]))
        }
        self._settings.pop("child_sweep_days", None)
        self._settings.pop(_SPENT, None)
        if random.random() < 0.5:
            self._settings["child_sweep_days"] = 1
        if random.random() < 0.4:
            self._settings[_SPENT] = random.choice([8, 14, 25, 40])
        disturbed = random.random() < 0.5
        if disturbed:
            self._disturb()
        changed, before = self._meanwhile, self._world.number
        ends_after = random.randrange(1, 60) if random.random() < 0.5 else None
        end = self._run(Output(ends_after, by_signal=random.random() < 0.3))
        self._check(end, is_disturbed=disturbed)
        self._demo.clear_faults()
        is_still = not changed or self._world.number == before
        if end.kind == "complete" and not disturbed and is_still and self._is_swept(end):
            self._compare("after a sweep")

    def _disturb(self) -> None:
        random = self._random
        for _ in range(random.choice([1, 1, 2])):
            name, place = random.choice(sorted(FAULTS)), random.choice(_PLACES)
            fault, times = FAULTS[name], random.choice(TIMES)
            if random.random() < 0.4 and (one := self._world.some_parent(self._lists)) is not None:
                # One record refuses, for itself and as a part of a call for several.
                name, place = "refusal", f"*/{one}/*"
                fault = Fault.error(403, "NO_PERMISSION", "permission denied")
                composite = Fault.error(403, "NO_PERMISSION", "permission denied")
                self._demo.inject("*/__composite_requests", composite, 1, None)
                times = random.choice([1, None])
            self._demo.inject(place, fault, random.choice(FIRST_FAULTS), times)
            self._world.log(f"fault {name} at {place}, {times} times")

    def _run(self, output: Output) -> End:
        if not self._catalog:
            try:
                found = discover(self._config(), self._options, [*map(stream_of, self._lists)])
            except (SettingsError, ZohoError) as error:
                return End("failed", [], str(error), [], [])
            self._catalog = _by_changes(found)
        output.number = sum(self._ends.values()) + 1
        state = copy.deepcopy(self._state)
        end = run_tap(self._config(), self._catalog, state, self._options, output)
        for message in end.messages:
            self._footprint.add_message(message)
        self._world.log(f"run: {end.kind} after {len(end.messages)} messages {end.error}")
        self._ends[end.kind] = self._ends.get(end.kind, 0) + 1
        messages = end.messages
        if end.kind == "killed" and self._random.random() < 0.5:
            # The target had not written what came after the last STATE.
            last = max((n for n, m in enumerate(messages) if m["type"] == "STATE"), default=-1)
            messages = messages[: last + 1]
        for message in messages:
            self._apply(message)
        return end

    def _apply(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "STATE":
            self._state = message["value"]
        if message["type"] != "RECORD":
            return
        entry = next(one for one in self._lists if stream_of(one) == message["stream"])
        record, table = message["record"], self._tables[entry]
        key = record["parent_id"], record.get("message_id") or record["id"]
        if record.get("_sdc_deleted_at") is not None:
            table.pop(key, None)
        else:
            table[key] = value_of(entry, record)

    def _check(self, end: End, *, is_disturbed: bool) -> None:
        if end.tracebacks:
            self._divergences.append(f"a traceback: {end.tracebacks[0]}")
        if "defect of the tap" in end.error:
            self._divergences.append(f"no clear error: {end.error!r}")
        if end.kind == "failed" and not (
            is_disturbed or _SPENT in end.error or "overdue" in end.error
        ):
            self._divergences.append(f"failed undisturbed: {end.error}")

    def _is_swept(self, end: End) -> bool:
        """Whether the run has read the children of every parent, to the last one."""
        whole = all(
            "walk" not in self._state["bookmarks"].get(stream_of(entry), {"walk": None})
            for entry in self._lists
        )
        began = self._world.first_change_unseen
        swept = [
            self._state["bookmarks"].get(stream_of(entry), {}).get("swept") for entry in self._lists
        ]
        is_late = all(one is not None and _instant(one) > began for one in swept)
        return whole and is_late and not any(_GOES_ON in line for line in end.log)

    def _last_runs(self) -> None:
        """Let the runs end undisturbed with a sweep that is due, and compare."""
        self._meanwhile = set()
        self._settings |= {"child_sweep_days": 1}
        self._settings.pop(_SPENT, None)
        self._clock.sleep(2 * _DAY)
        for _ in range(_ATTEMPTS_AT_THE_END):
            if self._divergences:
                return
            end = self._run(Output())
            self._check(end, is_disturbed=False)
            if end.kind == "complete" and self._is_swept(end):
                self._compare("in the end")
                return
            self._clock.sleep(2 * _DAY)
        self._divergences.append("no run sweeps any more")

    def _compare(self, when: str) -> None:
        for entry in self._lists:
            found, right = self._tables[entry], truth(self._demo, entry)
            missing, surplus = right.keys() - found.keys(), found.keys() - right.keys()
            wrong = {key for key in right.keys() & found.keys() if right[key] != found[key]}
            for what, keys in (("missing", missing), ("too many", surplus), ("wrong", wrong)):
                if keys:
                    shown = sorted(keys)[:3]
                    self._divergences.append(f"{when}: {entry}: {len(keys)} {what}: {shown}")


def _no_skew() -> Any:
    return BEGINNING - BEGINNING


def _instant(text: str) -> datetime:
    return datetime.fromisoformat(text.replace("Z", "+00:00"))


def _by_changes(catalog: dict[str, Any]) -> dict[str, Any]:
    """Return a catalog whose streams are read by changes, as they are by themselves."""
    for entry in catalog["streams"]:
        entry["replication_method"] = "INCREMENTAL"
        for item in entry["metadata"]:
            item["metadata"].pop("forced-replication-method", None)
    return catalog
