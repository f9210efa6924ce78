"""One seed of `read()`: a program keeps tables by it while the organisation changes."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator, Mapping
from datetime import timedelta
from pathlib import Path
from random import Random
from typing import Any
from urllib.request import url2pathname

import pyarrow as pa

from simulation.footprint import Footprint
from simulation.inline import MachineClock, inline
from simulation.oracle import Allowance, differences, truth
from simulation.organisation import (
    BEGINNING,
    MODULES,
    PROBES,
    UNTRACKED,
    new_organisation,
    simulated,
)
from simulation.scenario import Outcome, crash
from simulation.settings import FAULTS, FIRST_FAULTS, PATHS, PLACES, TIMES, draw_limits
from simulation.tap_run import Output, discover, run_tap
from simulation.transport import DemoSession, Wire
from simulation.world import World
from tap_zohocrm_modules.arrow_reader.read import CUTOFF, open_reader
from tap_zohocrm_modules.zoho.records.arrow.values import decode
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request
from zohocrm_demo.clock import Clock
from zohocrm_demo.limits import RequestLimits

_DELETIONS = "deleted_records"
_NO_SKEW = timedelta(0)


def simulate_readers(seed: int) -> Outcome:
    """Play a seed to its end; it always goes the same way."""
    random = Random(f"readers {seed}")
    modules = [PROBES, random.choice(MODULES[1:])]
    page, server = random.choice([3, 5, 8]), Clock(BEGINNING)
    limits = draw_limits(random, page)
    of_calls = RequestLimits(job_rows=limits.job_rows, rows_by_page=10 * page)
    demo = simulated(new_organisation(*modules), seed, server, of_calls)
    clock = MachineClock(server)
    life = ReaderLife(World(demo, clock, random, modules), random)
    life.options = inline(DemoSession(demo, life.wire), clock, limits)
    try:
        life.play()
    except Exception as error:  # noqa: BLE001 - any other end of a read is a defect
        life.divergences.append(crash(error))
    return life.outcome(seed)


class ReaderLife:
    """Plays one seed.

    Args:
        world: The organisation, and what happens to it.
        random: What everything is drawn from.
    """

    def __init__(self, world: World, random: Random) -> None:
        self.world, self._random = world, random
        self.wire = Wire(
            self._before_call, self._seen_by, lambda _, answer: answer, lambda: _NO_SKEW
        )
        self.options: Any = None
        self.divergences: list[str] = []
        self._footprint = Footprint()
        self._ends = {"complete": 0, "failed": 0, "closed": 0}
        self._tables: dict[str, dict[str, Any]] = {}
        self._cutoffs: dict[str, str] = {}
        self._lives = False
        world.deletes_untracked = random.random() < 0.5

    def outcome(self, seed: int) -> Outcome:
        """Return what became of it."""
        trace = self.world.trace
        runs, changes = sum(self._ends.values()), sum(" read " not in line for line in trace)
        footprint = self._footprint.text()
        return Outcome(seed, self.divergences, runs, changes, self._ends, trace, footprint)

    def play(self) -> None:
        """Let changes and reads alternate, and compare in the end."""
        random, world = self._random, self.world
        for module in world.modules:
            world.fill(module, random.choice([0, 7, 20, 40]), random.choice([0, 0, 9]))
        for _ in range(random.randrange(2, 5)):
            self._change(random.randrange(8))
            if random.random() < 0.2:
                world.change_schema(of_modules=False)
                # Rows of before lack columns: a program reads the module anew.
                self._cutoffs.pop(world.probes, None)
            world.clock.sleep(random.choice([0, 60, 4_000]))
            if random.random() < 0.3:
                self._inject()
            self._lives = random.random() < 0.5
            self._keep_up(undisturbed=False)
            self._lives = False
            world.demo.clear_faults()
        world.clock.sleep(60)
        self._keep_up(undisturbed=True)
        for module in world.modules:
            self._compare(module)

    def _change(self, times: int) -> None:
        for _ in range(times):
            # What comes back untouched, no read since an instant can see.
            self.world.change(within_run=True)
            self.world.clock.sleep(self._random.choice([0, 0, 1, 4]))

    def _inject(self) -> None:
        name, place = self._random.choice(list(FAULTS)), self._random.choice(list(PLACES))
        nth, times = self._random.choice(FIRST_FAULTS), self._random.choice(TIMES)
        self.world.demo.inject(place, FAULTS[name], nth, times)
        self.world.log(f"fault {name} at {place} from {nth}, {times} times")

    def _before_call(self) -> None:
        self.world.clock.sleep(self._random.choice([0, 0, 0, 1]))
        if self._lives and self._random.random() < 0.2:
            self._change(1)

    def _seen_by(self, request: Request) -> contextlib.AbstractContextManager[object]:
        self._footprint.add_request(request)
        return contextlib.nullcontext()

    def _config(self, **more: Any) -> dict[str, Any]:
        modules = list(self.world.modules)
        return {**self.world.demo.account, "record_modules": modules, "token_cache": False, **more}

    def _keep_up(self, *, undisturbed: bool) -> None:
        """Read what was deleted and what has changed since, as a program does."""
        deleted = self._read(_DELETIONS, self._cutoffs.get(_DELETIONS), undisturbed=undisturbed)
        for row in [] if deleted is None else _rows(deleted):
            self._tables.get(row["module_api_name"], {}).pop(row["id"], None)
        for module in self.world.modules:
            since = self._cutoffs.get(module)
            found = self._read(module, since, undisturbed=undisturbed)
            if found is not None:
                table = self._tables.setdefault(module, {}) if since else {}
                self._tables[module] = table | {row["id"]: row for row in _rows(found)}

    def _read(self, stream: str, since: str | None, *, undisturbed: bool) -> pa.Table | None:
        """Return the rows; None if the read failed, or was closed early."""
        path = self._random.choice(PATHS)
        closes = not undisturbed and self._random.random() < 0.1
        end, table = "complete", None
        try:
            with open_reader(
                stream,
                fields=None,
                since=since,
                config=self._config(read_path=path),
                progress=None,
                options=self.options,
            ) as reader:
                if closes:
                    end = "closed"
                    next(reader, None)
                else:
                    table = reader.read_all()
        except ZohoError as error:
            if undisturbed:
                self.divergences.append(f"{stream} failed undisturbed: {error}")
            end = f"failed {error}"
        self._ends[end.split()[0]] += 1
        rows = "" if table is None else f" {len(table)} rows"
        self.world.log(f"read {stream} by {path} since {since}: {end}{rows}")
        if table is not None and (cutoff := (table.schema.metadata or {}).get(CUTOFF.encode())):
            self._cutoffs[stream] = cutoff.decode()
        return table

    def _compare(self, module: str) -> None:
        """Compare what a program holds, a whole read and the Arrow files, on each path."""
        catalog = discover(self._config(record_modules=[module]), self.options)
        expected = truth(self.world.demo, module, catalog["streams"][0]["schema"]["properties"])
        held = Allowance(may_have_more=module in UNTRACKED)
        self.divergences += differences(module, self._tables.get(module, {}), expected, held)
        for path in ("rest", "coql", "bulk", "auto"):
            whole = self._whole(module, path)
            rows = {row["id"]: row for row in _rows(whole)}
            self.divergences += [
                f"{path}: {one}" for one in differences(module, rows, expected, Allowance())
            ]
            files = self._in_files(module, path, catalog)
            if not whole.replace_schema_metadata(None).equals(files):
                self.divergences.append(f"{path}: {module} is not that of Arrow files")

    def _whole(self, module: str, path: str) -> pa.Table:
        config = self._config(read_path=path)
        arguments: Mapping[str, Any] = {"fields": None, "since": None, "progress": None}
        with open_reader(module, config=config, options=self.options, **arguments) as reader:
            return reader.read_all()

    def _in_files(self, module: str, path: str, catalog: Mapping[str, Any]) -> pa.Table:
        with tempfile.TemporaryDirectory() as folder:
            storage = {"root": Path(folder).as_uri()}
            config = self._config(
                read_path=path,
                emit_tombstones=False,
                record_modules=[module],
                batch_config={"encoding": {"format": "arrow"}, "storage": storage},
            )
            end = run_tap(config, catalog, {}, self.options, Output())
            if end.kind != "complete":
                raise ZohoError(end.error)
            urls = [url for message in end.messages for url in message.get("manifest", ())]
            tables = [
                pa.ipc.open_file(url2pathname(url.removeprefix("file://"))).read_all()
                for url in urls
            ]
            if not tables:
                return self._whole(module, path).slice(0, 0).replace_schema_metadata(None)
            table = pa.concat_tables(tables)
        own = [name for name in table.column_names if name.startswith("_sdc_")]
        return table.drop_columns(own)


def _unaltered(_: Request, answer: Answer) -> Answer:
    return answer


def _rows(table: pa.Table) -> Iterator[dict[str, Any]]:
    """Yield rows in the values that RECORD messages have."""
    columns = [decode(column.combine_chunks()) for column in table.columns]
    for values in zip(*columns, strict=True):
        yield dict(zip(table.column_names, values, strict=True))
