"""One seed: an organisation that changes, runs that end in every way, and a destination."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import re
import traceback
from collections.abc import Collection
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any

from simulation.answers import FALSE_KINDS, FalseAnswers
from simulation.comparison import USERS, Comparison
from simulation.destination import Destination
from simulation.draws import DEFAULT, Drawn
from simulation.footprint import Footprint
from simulation.inline import MachineClock, inline
from simulation.organisation import BEGINNING, MODULES, PROBES, new_organisation, simulated
from simulation.settings import (
    FAULTS,
    FIRST_FAULTS,
    PATHS,
    PLACES,
    TIMES,
    draw_limits,
    draw_settings,
    redraw,
)
from simulation.tap_run import End, Output, discover, run_tap
from simulation.transport import DemoSession, Wire
from simulation.wider_world import WiderWorld
from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from zohocrm_demo import Fault
from zohocrm_demo.calls import Request
from zohocrm_demo.clock import Clock
from zohocrm_demo.limits import RequestLimits

_ATTEMPTS_AT_THE_END, _ATTEMPTS_BY_BUDGET = 6, 60
_CALLS_PER_TOKEN = 20
_QUIET = 20
_REMOVE = re.compile(r"remove bookmarks\.(\S+) to load")
_REDISCOVER = ("discovery again", "deselect the stream", "not there (any more)")
_NEEDS_PAUSES = ("lasting-absences", "short-increments", "empty-spells", "calls-under-way")
_SPENT = "credit_budget"
# Nobody knows when the first record of an empty module was made, if it has no times; nor whether
# an empty page is false, or all that was announced has been deleted.
_ASKS_AGAIN = re.compile("lists some when asked again|announced more: run again|less going on")
_MISSING = "some are missing"
_NOT_LISTED = "no deletion is emitted by such answers"
_RAISE = re.compile(r"set credit_budget to (\d+) or more")
_ALLOW_QUERIES = "Allow the scope ZohoCRM.coql.READ"
_USERS_ON_A_PAGE = 3


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
        footprint: What differs as soon as a request or a message does.
    """

    seed: int
    divergences: list[str]
    runs: int
    changes: int
    ends: dict[str, int]
    trace: list[str]
    footprint: str


def crash(error: Exception) -> str:
    """Return what ended a run, and where."""
    last = traceback.extract_tb(error.__traceback__)[-1]
    return f"{type(error).__name__} at {Path(last.filename).name}:{last.lineno}: {error}"


def simulate(seed: int, draws: Collection[str] = DEFAULT) -> Outcome:
    """Play a seed to its end, with these draws; it always goes the same way."""
    random = Random(seed)
    modules = [PROBES] if random.random() < 0.7 else []
    if not modules or random.random() < 0.15:
        modules.append(random.choice(MODULES[1:]))
    drawn = Drawn(seed, draws)
    if drawn.of("moving-lists") is not None:
        # The values of made-up records follow from the users.
        modules = [PROBES]
    habits = _drawn_habits(random)
    server = Clock(BEGINNING)
    clock = MachineClock(server)
    limits = RequestLimits(job_rows=habits.limits.job_rows, rows_by_page=10 * habits.page)
    demo = simulated(new_organisation(*modules), seed, server, limits)
    world = WiderWorld(demo, clock, random, modules, drawn)
    scenario = Scenario(world, random, habits)
    try:
        scenario.play()
    except Exception as error:  # noqa: BLE001 - any other end of a run is a defect
        scenario.crashed(error)
    return scenario.outcome(seed)


@dataclasses.dataclass(frozen=True)
class _Habits:
    """What holds for a whole seed."""

    deletes_untracked: bool
    changes_schema: bool
    page: int  # records on a page
    limits: Limits  # so small that few records reach them


def _drawn_habits(random: Random) -> _Habits:
    deletes, changes = random.random() < 0.7, random.random() < 0.4
    page = random.choice([3, 5, 8])
    return _Habits(deletes, changes, page, draw_limits(random, page))


class Scenario:
    """Plays one seed.

    Args:
        world: The organisation, and what happens to it.
        random: What everything usual is drawn from.
        habits: What holds for the whole seed.
    """

    def __init__(self, world: WiderWorld, random: Random, habits: _Habits) -> None:
        self._world = world
        self._demo = demo = world.demo
        self._clock = clock = world.clock
        self._random = random
        self._drawn = drawn = world.drawn
        self._world.deletes_untracked = habits.deletes_untracked
        self._changes_schema = habits.changes_schema or any(
            drawn.of(one)
            for one in ("case-twins", "replaced-fields", "retype-recipe", "schema-within-run")
        )
        self._answers = FalseAnswers(world.log)
        self._skews = [timedelta(0)]
        self._footprint = Footprint()
        wire = Wire(self._before_call, self._seen_by, self._answers.alter, self._skew)
        self._session = DemoSession(demo, wire)
        twins = drawn.of("case-twins")
        self._destination = Destination(folds_case=twins is not None and twins.random() < 0.5)
        self._comparison = Comparison(world, self._destination)
        self._divergences: list[str] = []
        self._ends: dict[str, int] = {}
        self._calls = 0
        self._token_until = 0
        self._meanwhile: set[int] = set()
        self._changed_at = clock.server()
        self._catalog: dict[str, Any] = {}
        self._is_fresh, self._is_disturbed = False, False
        self._was_told = False  # an answer was false since a run was last complete
        self._old_types: dict[tuple[str, str], Any] = {}
        limits = habits.limits
        self._settings = draw_settings(random, drawn)
        self._schema_meanwhile, self._users_go, self._is_widened = 0, 0, False
        self._set_back_at, self._latest = 0, clock.server()
        # What a user gives each run, and raises as the errors say; None to draw it anew.
        budgets = drawn.of("mass-deletions")
        self._budget = None if budgets is None else budgets.choice([5, 8, 15])
        self._deselected: set[str] = set()
        self._answers.cuts_units = drawn.of("utf-16") is not None
        if (exports := drawn.of("short-exports")) is not None:
            self._answers.refuses = exports.choice(["", "Record_Image", "Record_Image", "*"])
        for name in ("lasting-absences", "short-increments"):
            # What queries do not send of a record, a call by its id does.
            if drawn.of(name) is not None and not self._answers.refuses:
                self._answers.refuses = "Record_Image"
        if drawn.of("silent-caps") is not None:
            self._answers.cap = 2 * habits.page
            limits = dataclasses.replace(limits, deletions=self._answers.cap)
        if (clocks := drawn.of("two-clocks")) is not None:
            ahead = clocks.choice([-40, 25, 25, 90])
            self._skews += [timedelta(seconds=ahead)]
            world.ahead = max(0, ahead)
        lists = dict.fromkeys(self._lists, _USERS_ON_A_PAGE)
        calls = drawn.of("calls-under-way")
        if calls is not None:
            # Small queries that cost nothing: several are asked for before their turn.
            limits = dataclasses.replace(limits, query_credits=((2, 0), (4, 0)))
        self._options = inline(self._session, clock, limits, lists, calls)
        demo.organisation.records.positional_tokens = random.random() < 0.6

    def outcome(self, seed: int) -> Outcome:
        """Return what became of it."""
        return Outcome(
            seed,
            self._divergences,
            sum(self._ends.values()),
            sum(" run " not in line for line in self._world.trace),
            self._ends,
            self._world.trace,
            self._footprint.text(),
        )

    def crashed(self, error: Exception) -> None:
        """Note that a run ended with what is not an error of the tap's own."""
        self._divergences.append(crash(error))

    def play(self) -> None:
        """Let changes and runs alternate, and compare in the end."""
        random, world = self._random, self._world
        for module in world.modules:
            count, crowd = random.choice([0, 2, 7, 20, 40]), random.choice([0, 0, 9, 25])
            # Of many pages several are asked for before their turn.
            many = 40 if self._drawn.of("calls-under-way") is not None else 0
            world.fill(module, max(count, many), crowd)
        self._changed_at = self._clock.server()
        for _ in range(random.randrange(1, 5)):
            if self._divergences:
                return
            self._changes_between_runs()
            self._one_run()
        self._last_runs()

    @property
    def _lists(self) -> tuple[str, ...]:
        return () if self._drawn.of("moving-lists") is None else (USERS,)

    def _skew(self) -> timedelta:
        clocks = self._drawn.of("two-clocks")
        return self._skews[0] if clocks is None else clocks.choice(self._skews)

    def _account(self) -> dict[str, Any]:
        """Return the settings of a discovery, which has no budget."""
        return {name: value for name, value in self._config().items() if name != "credit_budget"}

    def _config(self) -> dict[str, Any]:
        return {
            **self._demo.account,
            "record_modules": list(self._world.modules),
            **self._settings,
        }

    def _before_call(self) -> None:
        self._calls += 1
        self._clock.sleep(self._random.choice([0, 0, 0, 1]))
        self._latest = max(self._latest, self._clock.server())
        # Now and then a token ends, of its age or before its time.
        if self._random.random() < 0.006 and self._calls > self._token_until:
            self._token_until = self._calls + _CALLS_PER_TOKEN
            if self._random.random() < 0.5:
                self._clock.sleep(4_000)
            else:
                self._demo.expire_tokens()
        if self._calls in self._meanwhile:
            self._change(within_run=True)
        if self._calls == self._schema_meanwhile:
            self._change_schema(of_modules=False)
        if self._calls == self._set_back_at:
            self._set_clock(-9)
            for _ in range(5):
                self._change(within_run=True)

    def _seen_by(self, request: Request) -> contextlib.AbstractContextManager[object]:
        self._footprint.add_request(request)
        users = self._drawn.of("moving-lists")
        is_later_page = request.path.endswith("/users") and "page=1&" not in f"{request.query}&"
        if users is not None and self._users_go and is_later_page and users.random() < 0.5:
            self._users_go -= 1
            self._world.retire_user(users)
        return self._world.visibility.seen_by(request)

    def _change(self, *, within_run: bool) -> None:
        self._world.change(within_run=within_run)
        self._changed_at = self._clock.server()

    def _change_schema(self, *, of_modules: bool) -> None:
        self._world.change_schema(of_modules=of_modules)
        self._is_fresh = False

    def _set_clock(self, seconds: int) -> None:
        """Set Zoho's clock, back in all by less than runs leave out before their beginning."""
        earliest = self._latest - timedelta(seconds=9) - self._clock.server()
        self._clock.step(max(seconds, min(0, earliest.total_seconds())))

    def _changes_between_runs(self) -> None:
        random = self._random
        if random.random() < 0.3:
            self._set_clock(random.choice([-5, -5, -2, 3, 40]))
        if (back := self._drawn.of("clock-set-back")) is not None and back.random() < 0.7:
            self._set_clock(-9)
            self._change(within_run=False)
        for _ in range(random.randrange(8)):
            self._change(within_run=False)
            self._clock.sleep(random.choice([0, 0, 1, 4]))
        if self._changes_schema and random.random() < 0.6:
            self._change_schema(of_modules=random.random() < 0.2)
        if random.random() < 0.3:
            self._clock.sleep(random.choice([60, 3_000, 90_000]))
        if random.random() < 0.1:
            self._clock.skew = timedelta(hours=random.choice([-20, -1, 0, 3, 20]))
        self._draw_steps()

    def _draw_steps(self) -> None:
        """Let happen between two runs what only some seeds draw."""
        for name in _NEEDS_PAUSES:
            # Longer than the lookback; than sweeps are apart.
            if (pause := self._drawn.of(name)) is not None:
                self._clock.sleep(pause.choice([0, 3_000, 90_000, 90_000]))
        if (refresh := self._drawn.of("full-refresh")) is not None and refresh.random() < 0.4:
            self._refresh_fully(refresh.choice(self._world.modules))
        new = self._drawn.of("short-second-reads")
        # Once: what fills another one would read again what the first one has left out.
        if new is not None and self._catalog and not self._is_widened and new.random() < 0.7:
            self._world.widen(new)
            self._is_fresh, self._is_widened = False, True

    def _refresh_fully(self, stream: str) -> None:
        """Drop a stream's STATE and leave its table, as `--full-refresh` does."""
        if self._destination.forget(stream):
            self._comparison.dropped(stream)
            self._world.log(f"STATE of {stream} is dropped")

    def _one_run(self) -> None:
        random = self._random
        if random.random() < 0.5:
            self._clock.sleep(random.choice([5, 11, 30]))
        if random.random() < 0.3:
            self._settings["read_path"] = random.choice(PATHS)
        self._meanwhile = {
            self._calls + random.randrange(1, 40) for _ in range(random.choice([0, 0, 3, 9]))
        }
        if (back := self._drawn.of("clock-set-back")) is not None:
            self._set_back_at = self._calls + back.randrange(4, 20)
        self._redraw(is_last=False)
        if self._drawn.of("short-increments") is not None:
            # What a first read has been refused, the next runs do not ask for.
            self._settings["read_path"] = "bulk" if self._destination.has_bookmarks else "rest"
        if not self._catalog or random.random() < 0.6:
            self._refresh_catalog()
        if random.random() < 0.5:
            self._inject()
        ends_after = random.randrange(1, 40) if random.random() < 0.5 else None
        self._draw_troubles()
        if (calls := self._drawn.of("calls-under-way")) is not None:
            self._meanwhile |= {self._calls + calls.randrange(5, 25) for _ in range(6)}
        self._run(Output(ends_after, by_signal=random.random() < 0.3))

    def _redraw(self, *, is_last: bool) -> None:
        """Change the settings and the selection of a run."""
        before = self._settings["emit_tombstones"]
        redraw(self._settings, self._drawn, is_last=is_last)
        if self._budget is not None:
            self._settings["credit_budget"] = self._budget
        if before != self._settings["emit_tombstones"]:
            # The catalog has the column with tombstones only.
            self._is_fresh = False
        self._deselected = set()
        if not is_last and (choice := self._drawn.of("selection")) is not None:
            columns = {*self._columns().get(self._world.probes, {}).values()}
            columns -= {"_sdc_deleted_at"}
            self._deselected = {one for one in sorted(columns) if choice.random() < 0.2}
        if not is_last and (choice := self._drawn.of("tombstones")) is not None:
            self._deselected |= {"_sdc_deleted_at"} if choice.random() < 0.3 else set()

    def _draw_troubles(self) -> None:
        for name, kind in FALSE_KINDS.items():
            # A first read is counted, so that it lacks nothing.
            is_of_use = kind != "lasting" or self._destination.has_bookmarks
            if (random := self._drawn.of(name)) is not None and random.random() < 0.6 and is_of_use:
                self._answers.arm(kind, random)
        random = self._drawn.of("short-increments")
        if random is not None and self._destination.has_bookmarks:
            self._answers.arm("export", random)
        if (random := self._drawn.of("short-second-reads")) is not None and self._is_widened:
            self._answers.arm(random.choice(["204", "end", "short"]), random)
        if (random := self._drawn.of("moving-lists")) is not None and random.random() < 0.5:
            self._answers.arm(random.choice(["204", "end"]), random, of_users=True)
        if (random := self._drawn.of("moving-lists")) is not None:
            self._users_go = random.choice([0, 1, 2])
        if (random := self._drawn.of("schema-within-run")) is not None and random.random() < 0.6:
            self._schema_meanwhile = self._calls + random.randrange(1, 25)

    def _inject(self) -> None:
        random = self._random
        self._is_disturbed = True
        for _ in range(random.choice([1, 1, 2])):
            name = random.choice(list(FAULTS))
            [place] = random.choices(list(PLACES), list(PLACES.values()))
            nth, times = random.choice(FIRST_FAULTS), random.choice(TIMES)
            self._demo.inject(place, FAULTS[name], nth, times)
            self._world.log(f"fault {name} at {place} from {nth}, {times} times")

    def _refresh_catalog(self) -> None:
        if self._is_fresh:
            return
        if (refusals := self._drawn.of("refused-discovery")) is not None:
            if refusals.random() < 0.5 and self._is_refused():
                return
            self._demo.clear_faults()
        self._catalog = discover(self._account(), self._options, self._lists)
        self._is_fresh = True
        for entry in self._catalog["streams"]:
            self._alter_columns(entry["tap_stream_id"], entry["schema"]["properties"])

    def _is_refused(self) -> bool:
        """Discover while fields are refused; returns whether the catalog of it is used."""
        refusal = Fault.error(403, "NO_PERMISSION", "permission denied")
        self._demo.inject("*/settings/fields", refusal, times=None)
        self._world.log("fields are refused to discovery")
        try:
            self._catalog = discover(self._account(), self._options, self._lists)
        except (SettingsError, ZohoError):
            return False
        finally:
            self._demo.clear_faults()
        return True

    def _alter_columns(self, stream: str, columns: dict[str, Any]) -> None:
        """Let the destination's columns take the types of the new catalog."""
        follows_recipe = self._drawn.of("retype-recipe") is not None
        for name, column in columns.items():
            kinds = set(column["type"]) - {"null"}
            before = self._old_types.setdefault((stream, name), kinds)
            if kinds != before:
                self._old_types[stream, name] = kinds
                if follows_recipe:
                    self._destination.rename(stream, name, f"{name} until {len(self._old_types)}")
                elif kinds == {"string"}:
                    self._destination.alter(stream, name)

    def _run(self, output: Output) -> End:
        before, state = self._clock.server(), copy.deepcopy(self._destination.state)
        changed_at, touched = self._changed_at, len(self._world.touched_users)
        self._world.touched_users = set() if touched else self._world.touched_users
        schema_at, deletions = self._schema_meanwhile, self._world.deletions
        hidden = {*self._world.once_hidden}
        output.number = sum(self._ends.values()) + 1
        self._comparison.begins()
        end = run_tap(self._config(), self._selected(), state, self._options, output)
        for message in end.messages:
            self._footprint.add_message(message)
        self._world.log(
            f"run {self._settings['read_path']}: {end.kind} after {len(end.messages)} messages"
            f" {end.error}"
        )
        self._ends[end.kind] = self._ends.get(end.kind, 0) + 1
        alarm = _ASKS_AGAIN.search(end.error)
        is_false_alarm = alarm is not None and self._changed_at != changed_at
        is_remade = 0 < schema_at <= self._calls
        self._check_behaviour(end, is_remade=is_remade, is_false_alarm=is_false_alarm)
        messages = end.messages
        if end.kind == "killed" and self._random.random() < 0.5:
            # The target had not written what came after the last STATE.
            last = max((n for n, m in enumerate(messages) if m["type"] == "STATE"), default=-1)
            messages = messages[: last + 1]
        self._divergences += self._destination.apply(messages)
        was_killed = end.kind in {"killed", "terminated"}
        self._comparison.was_killed |= was_killed
        sweeps = "delete_sweep_days" in self._settings
        self._comparison.was_killed_unswept |= was_killed and not sweeps
        self._comparison.ran(
            self._settings,
            end.log,
            may_be_uncounted=self._is_disturbed or self._answers.refuses == "*",
        )
        # A count cannot tell a record that a list lacks from one that was deleted after it.
        may_compensate = self._answers.denied > 0 and self._world.deletions > deletions
        # Nor one that an export skips, since its pages shift, from one that a role has hidden.
        hides = self._world.once_hidden != hidden and not self._answers.told
        may_compensate |= self._answers.exports > 0 and hides
        if self._answers.is_uncounted or may_compensate:
            self._comparison.excuse_all()
        else:
            settled = before - timedelta(seconds=_QUIET + self._world.visibility.longest)
            self._divergences += self._comparison.false_tombstones(end.messages, settled)
        self._divergences += self._comparison.moved()
        if self._answers.denied:
            self._comparison.excuse(state)
        quiet = timedelta(seconds=_QUIET + self._world.visibility.longest)
        is_quiet = self._changed_at == changed_at and before - changed_at > quiet
        # Of deletions that may not be read for the moment there is a warning only.
        is_quiet &= not self._is_disturbed and not self._answers.told
        if end.kind == "complete" and is_quiet and self._is_current():
            self._compare("after a quiet run", is_swept=False)
        # A read that goes on in the next run has met what a role hid and showed in this one.
        self._world.has_changed_roles &= end.kind != "complete"
        self._world.has_imported &= end.kind != "complete"
        self._was_told = end.kind != "complete" and bool(self._was_told or self._answers.told)
        if end.kind == "complete" and self._lists:
            self._divergences += self._comparison.user_faults(self._world.touched_users)
        self._demo.clear_faults()
        self._answers.disarm()
        self._is_disturbed, self._users_go, self._schema_meanwhile = False, 0, 0
        self._heed(end)
        return end

    def _selected(self) -> dict[str, Any]:
        """Return the catalog with the selection of the run."""
        catalog = copy.deepcopy(self._catalog)
        for entry in catalog["streams"]:
            for item in entry["metadata"]:
                if item["breadcrumb"][-1:] and item["breadcrumb"][-1] in self._deselected:
                    item["metadata"]["selected"] = False
        return catalog

    def _check_behaviour(self, end: End, *, is_remade: bool, is_false_alarm: bool) -> None:
        if end.tracebacks:
            self._divergences.append(f"a traceback: {end.tracebacks[0]}")
        if "defect of the tap" in end.error or (end.kind == "failed" and not end.error.strip()):
            self._divergences.append(f"no clear error: {end.error!r}")
        is_excused = self._is_disturbed or is_remade or is_false_alarm or self._answers.told
        # What an earlier run of the same read, or sweep, was denied is missed at its end.
        is_denied = _MISSING in end.error or _NOT_LISTED in end.error
        is_excused = is_excused or (self._was_told and is_denied)
        # Where a list of deletions ends early, nobody knows whether what has just gone was deleted;
        # where queries are refused, nobody can tell what an export lacks; what an import has made
        # while a module was read looks as if it had been there before.
        is_excused = (
            is_excused
            or self._answers.cap is not None
            or bool(self._answers.refuses)
            or self._world.has_changed_roles
            # Of a first read, what comes with a time that it has passed is counted, and not read.
            or (self._world.has_imported and _MISSING in end.error)
            # So is what was made meanwhile, where a clock is ahead of the one that records follow.
            or (self._world.ahead > 0 and _MISSING in end.error)
            or self._is_unsettled()
            or _SPENT in end.error
            or _asks_for_more(end.error)
        )
        if end.kind == "failed" and not is_excused:
            self._divergences.append(f"failed undisturbed: {end.error}")
        streams = {entry["tap_stream_id"] for entry in self._catalog.get("streams", ())}
        for module in self._world.modules if end.kind == "complete" else ():
            if module not in streams and not any(
                module in line for line in end.log if not line.startswith("INFO")
            ):
                self._divergences.append(f"{module} is not read, and no line says so")
        nulled = {
            name
            for message in end.messages
            if message["type"] == "RECORD" and message["stream"] == self._world.probes
            for name in self._world.vanished & message["record"].keys()
        }
        if nulled and not is_remade:
            self._divergences.append(f"fields that are gone have values: {sorted(nulled)}")
        demo = self._demo
        for secret in (demo.client_secret, demo.refresh_token):
            if any(secret in text for text in (*end.log, end.error)):
                self._divergences.append("a secret in the log")

    def _is_unsettled(self) -> bool:
        """Whether a change may not be seen by everybody yet."""
        longest = self._world.visibility.longest
        return bool(longest) and self._clock.server() - self._changed_at < timedelta(
            seconds=longest + 2 * _QUIET
        )

    def _heed(self, end: End) -> None:
        """Do what the error asks for."""
        if (found := _REMOVE.search(end.error)) is not None:
            self._destination.truncate(found[1])
            self._comparison.emptied(found[1])
        if self._budget is not None and (found := _RAISE.search(end.error)) is not None:
            self._settings["credit_budget"] = self._budget = int(found[1])
        if _ALLOW_QUERIES in end.error:
            self._answers.refuses = ""
        for stream in sorted(self._comparison.asked_to_empty):
            self._destination.truncate(stream)
            self._comparison.emptied(stream)
        if _asks_for_more(end.error):
            self._refresh_catalog()

    def _is_current(self) -> bool:
        """Whether the catalog has the modules and fields that there are now."""
        known = self._columns()
        return self._is_fresh and all(module in known for module in self._world.modules)

    def _columns(self) -> dict[str, dict[str, str]]:
        """Return the selected columns of the catalog by stream, each by the field that it has."""
        found: dict[str, dict[str, str]] = {}
        for entry in self._catalog.get("streams", ()):
            columns = found[entry["tap_stream_id"]] = {}
            fields = {
                item["breadcrumb"][-1]: item["metadata"].get("zoho-field", {}).get("api_name")
                for item in entry["metadata"]
                if item["breadcrumb"]
            }
            for column in entry["schema"]["properties"]:
                if column not in self._deselected:
                    columns[fields.get(column) or column] = column
            # Discovery knows no STATE; a column that has been emitted keeps its name.
            stream = entry["tap_stream_id"]
            emitted = self._destination.fields.get(stream, {})
            for field, column in columns.items():
                if column != emitted.get(field, field):
                    columns[field] = emitted.get(field, field)
        return found

    def _last_runs(self) -> None:
        """Let the runs end undisturbed, and compare."""
        self._meanwhile, self._set_back_at = set(), 0
        self._world.show_all()
        self._redraw(is_last=True)
        self._clock.skew = timedelta(0)
        sweeps = "delete_sweep_days" in self._settings
        self._clock.sleep(2 * 86_400 if sweeps else 60 + self._world.visibility.longest)
        error = ""
        for _ in range(_ATTEMPTS_BY_BUDGET if self._budget else _ATTEMPTS_AT_THE_END):
            if self._divergences:
                return
            self._refresh_catalog()
            end = self._run(Output())
            error = end.error
            if self._comparison.asked_to_empty:
                self._comparison.asked_to_empty.clear()
                continue
            if end.kind == "complete" and self._is_current() and not self._is_sweep_due():
                self._compare("in the end", is_swept=True)
                return
        self._divergences.append(f"no run succeeds any more: {error}")

    def _is_sweep_due(self) -> bool:
        """Whether an earlier run has begun the last comparison of ids, longer ago than a day."""
        if "delete_sweep_days" not in self._settings or not self._settings["emit_tombstones"]:
            return False
        day_ago = f"{self._clock.server() - timedelta(days=1):%Y-%m-%dT%H:%M:%SZ}"
        parts = self._destination.state.get("bookmarks", {})
        return any(
            parts.get(one, {}).get("swept", day_ago) < day_ago for one in self._world.modules
        )

    def _compare(self, when: str, *, is_swept: bool) -> None:
        found = self._comparison.faults(self._settings, self._columns(), is_swept=is_swept)
        self._divergences += [f"{when}: {one}" for one in found]


def _asks_for_more(error: str) -> bool:
    """Whether an error asks its user for something, rather than to run again."""
    return _REMOVE.search(error) is not None or any(hint in error for hint in _REDISCOVER)
