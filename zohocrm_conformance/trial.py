"""One case, from the first run of the connector to the stains."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

from zohocrm_conformance.case import Case, Run
from zohocrm_conformance.catalogs import changes
from zohocrm_conformance.connector import Connector, Ended
from zohocrm_conformance.languages import LANGUAGES, Language
from zohocrm_conformance.messages import Described, Message, Reader, UnreadableOutputError
from zohocrm_conformance.stage import Stage
from zohocrm_conformance.tables import Destination, Table
from zohocrm_conformance.truth import Stain, plain

_KILLED = -9
_SHOWN = 5


@dataclass(frozen=True, slots=True)
class Plan:
    """What is tried, and how: the same for all cases."""

    command: tuple[str, ...]
    language: str
    config: Mapping[str, Any] = field(default_factory=dict)
    streams: str = "{module}"  # what the stream of a module is called
    lenient: bool = False  # whether Zoho ignores parameters and fields that it doesn't know
    discovery: tuple[str, ...] | None = None  # the command, where it isn't the language's
    timeout: float = 600
    proxy: bool = True
    earlier: Mapping[str, Described] | None = None  # the streams of an earlier release


@dataclass(frozen=True, slots=True)
class Result:
    """What became of one case."""

    case: Case
    stains: tuple[Stain, ...]
    calls: int  # that the connector made of Zoho's API
    notes: tuple[str, ...] = ()
    discovered: str = ""


class Trial:
    """Runs a connector through one case."""

    def __init__(self, plan: Plan, case: Case) -> None:
        self._plan, self._case = plan, case
        self._language: Language = LANGUAGES[plan.language]
        self._stains: list[Stain] = []
        self._notes: list[str] = []
        self._discovered = ""
        self._is_excused = False  # it has failed where it may, and has said so

    def result(self) -> Result:
        """Run it."""
        plan = self._plan
        stage = Stage(self._case, proxy=plan.proxy, lenient=plan.lenient)
        with tempfile.TemporaryDirectory(prefix="zohocrm-conformance-") as folder, stage.demo:
            connector = Connector(
                *(plan.command, stage.demo, Path(folder), plan.config, plan.timeout, plan.proxy)
            )
            try:
                self._run_all(stage, connector)
            except UnreadableOutputError as error:
                self._stain("failed", 1, str(error))
            calls = sum(call.path.startswith("/crm/") for call in stage.demo.calls)
        stains, notes = tuple(self._stains), tuple(self._notes)
        return Result(self._case, stains, calls, notes, self._discovered)

    def _stain(self, kind: Any, count: int, text: str) -> None:
        self._stains.append(Stain(kind, count, text))

    def _run_all(self, stage: Stage, connector: Connector) -> None:
        destination = self._new_destination()
        before = destination
        catalog: Any = None
        for number, run in enumerate(self._case.runs, 1):
            config = connector.config_of(tuple(self._case.modules))
            changed = bool(stage.demo.organisation.schema.history) and not run.same_catalog
            if number == 1 or run.fresh or changed:
                catalog = self._catalog(connector, config, destination)
            if run.fresh:
                before, destination = destination, self._new_destination(destination)
                connector = self._elsewhere(connector)
            if run.forgets:
                destination.state.clear()
            stage.prepare(run, connector.kill)
            state = self._language.state(destination.state) if destination.state else None
            ended = connector.run(self._plan.command, config=config, catalog=catalog, state=state)
            self._keep(destination, ended, connector)
            self._judge_end(number, run, ended, destination)
            if stage.finish(run):
                self._notes.append(f"run {number} ended before what was to happen meanwhile")
        self._judge(stage, destination)
        if self._case.equal:
            self._compare(before, destination)
        if self._case.catalogs:
            self._compare_catalogs(connector)

    def _new_destination(self, like: Destination | None = None) -> Destination:
        described = {} if like is None else like.described
        replaced = frozenset() if like is None else like.replaced
        anew = self._plan.language == "dlt" or (
            self._plan.language == "lines" and "{state}" not in " ".join(self._plan.command)
        )
        return Destination(described, replaced, anew)

    def _elsewhere(self, connector: Connector) -> Connector:
        folder = connector.folder / "fresh"
        folder.mkdir()
        return replace(connector, folder=folder)

    def _catalog(self, connector: Connector, config: Any, destination: Destination) -> Any:
        words = self._plan.discovery or self._language.discovery(self._plan.command)
        if words is None:
            return None
        ended = connector.run(words, config=config)
        text = ended.output.decode("utf-8", "replace")
        if ended.code:
            raise UnreadableOutputError(f"discovery ended with {ended.code}: {ended.said}")
        self._discovered = text
        destination.described = dict(self._language.described(text))
        names = sorted(destination.described)
        for module in self._case.modules:
            if not any(self._is_of(name, module) for name in names):
                some = ", ".join(names[:_SHOWN])
                raise UnreadableOutputError(f"it has no stream {self._called(module)}, but {some}")
        catalog = self._language.choice(text, self._is_wanted)
        modes = catalog["streams"] if self._plan.language == "airbyte" else ()
        destination.replaced = frozenset(
            one["stream"]["name"] for one in modes if one["sync_mode"] == "full_refresh"
        )
        return catalog

    def _is_wanted(self, stream: str) -> bool:
        return any(self._is_of(stream, module) for module in self._case.modules)

    def _is_of(self, stream: str, module: str) -> bool:
        return plain(stream) == plain(self._called(module))

    def _called(self, module: str) -> str:
        return self._plan.streams.replace("{module}", module)

    def _keep(self, destination: Destination, ended: Ended, connector: Connector) -> None:
        reader = Reader(next(iter(self._case.modules)) if len(self._case.modules) == 1 else "")
        files = self._language.files(connector.folder / "output")
        lines = ended.output.split(b"\n")
        if ended.code == _KILLED:
            lines.pop()  # whatever follows the last end of a line never reached a loader
        messages: Iterator[Message] = reader.read(lines) if files is None else files
        anew = destination.load(messages)
        if files is not None or not ended.code:
            destination.replace(anew)
        if reader.foreign and files is None:
            self._notes.append(f"standard output has lines that are not messages: {reader.foreign}")

    def _judge_end(self, number: int, run: Run, ended: Ended, destination: Destination) -> None:
        is_killed = ended.code == _KILLED and any(one.kill for one in run.during)
        self._is_excused = run.may_fail and bool(ended.code) and not ended.is_late
        said = ended.said or (destination.failures[-1] if destination.failures else "nothing said")
        if ended.is_late:
            self._stain("failed", 1, f"run {number} did not end in {self._plan.timeout:.0f} s")
        elif ended.code and not is_killed and not run.may_fail:
            self._stain("failed", 1, f"run {number} ended with {ended.code}: {said}")

    def _judge(self, stage: Stage, destination: Destination) -> None:
        if self._is_excused:
            return
        for module in self._case.modules:
            table = self._table(destination, module)
            self._stains += stage.truth.judge(module, table, columns=self._case.columns)

    def _table(self, destination: Destination, module: str) -> Table:
        tables = [t for name, t in destination.tables.items() if self._is_of(name, module)]
        return tables[0] if tables else Table()

    def _compare(self, before: Destination, destination: Destination) -> None:
        for module in self._case.modules:
            one, other = (self._table(place, module).rows for place in (before, destination))
            ids = one.keys() | other.keys()
            differ = [
                record_id
                for record_id in ids
                if _content(one.get(record_id)) != _content(other.get(record_id))
            ]
            if differ:
                text = f"{module}: {len(differ)} records differ between two full refreshes"
                self._stain("false", len(differ), text)

    def _compare_catalogs(self, connector: Connector) -> None:
        first = self._language.described(self._discovered) if self._discovered else {}
        config = connector.config_of(tuple(self._case.modules))
        if not first:
            self._notes.append("it has no catalog")
            return
        self._catalog(connector, config, Destination())
        second = self._language.described(self._discovered)
        self._stains += changes(first, second, "between two discoveries")
        if self._plan.earlier is not None:
            self._stains += changes(self._plan.earlier, second, "since the earlier release")


def _content(row: Mapping[str, Any] | None) -> dict[str, Any] | None:
    # What says when a row was extracted or loaded is not content.
    if row is None:
        return None
    return {k: v for k, v in row.items() if not k.startswith(("_sdc", "_dlt", "_airbyte"))}
