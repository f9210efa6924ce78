"""What a destination has to hold by the contract, after the runs that there were."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterable, Iterator, Mapping
from datetime import datetime
from typing import Any

from simulation.destination import Destination
from simulation.oracle import Allowance, differences, truth
from simulation.organisation import UNTRACKED
from simulation.settings import start_of
from simulation.wider_world import WiderWorld

USERS = "users"
_LOOKBACK = 300
_EMPTY_IT = re.compile(r"\bempt(y|ied)\b")
_IF_KILLED = "if there was one, repair"
_UNSTAMPED = "without Modified_Time"
_UNCOUNTED = "exported every record is not known"


@dataclasses.dataclass(eq=False)
class Comparison:
    """Compares a destination with the truth.

    Attributes:
        world: The organisation.
        destination: What the runs have made of it.
        excused: Records by module whose changes Zoho has denied in an increment.
        asked_to_empty: Streams of which a run said that their tables must be emptied.
        was_killed: Whether a run was killed or terminated.
        was_killed_unswept: Whether a run was that, and STATE had no ids before its rows.
    """

    world: WiderWorld
    destination: Destination
    excused: dict[str, set[str]] = dataclasses.field(default_factory=dict)
    asked_to_empty: set[str] = dataclasses.field(default_factory=set)
    was_killed: bool = False
    was_killed_unswept: bool = False
    _kept: set[str] = dataclasses.field(default_factory=set)
    _filled: set[str] = dataclasses.field(default_factory=set)
    _first_starts: dict[str, list[datetime | None]] = dataclasses.field(default_factory=dict)
    _begun: set[str] = dataclasses.field(default_factory=set)
    _stamped_only: set[str] = dataclasses.field(default_factory=set)
    # By module, the records without `Modified_Time` when the run began.
    _untimed: dict[str, set[int]] = dataclasses.field(default_factory=dict)
    # By module, what columns are called, by their fields' names and ids.
    _called: dict[str, dict[tuple[str, str], str]] = dataclasses.field(default_factory=dict)

    def dropped(self, stream: str) -> None:
        """Note that STATE of a stream is gone, and its table is not emptied."""
        self._kept.add(stream)
        self._begun.discard(stream)
        self._first_starts.pop(stream, None)
        self._stamped_only.discard(stream)
        self._called.pop(stream, None)

    def emptied(self, stream: str) -> None:
        """Note that a stream begins anew."""
        self.dropped(stream)
        self._kept.discard(stream)
        self._filled.discard(stream)
        self.excused.pop(stream, None)

    def begins(self) -> None:
        """Note what there is when a run begins."""
        self._untimed = {one: self._unstamped(one) for one in self.world.modules}

    def ran(self, settings: Mapping[str, Any], log: list[str], *, may_be_uncounted: bool) -> None:
        """Note what a run has read by, and what it has said.

        It may say that nobody can know whether an export is whole where queries are refused.
        """
        for module in self.world.modules:
            if module not in self._begun:
                self._first_starts.setdefault(module, []).append(start_of(settings))
                if self._is_read(module):
                    self._begun.add(module)
                    is_met = bool(self._untimed.get(module, set()) & self._unstamped(module))
                    # A role that hides what was exported evens out what an export lacks.
                    is_met &= not self.world.has_changed_roles or self._knows_untimed(module)
                    if not is_met:
                        # Nobody has met one, or can know that there will be some.
                        self._stamped_only.add(module)
            lines = [line for line in log if module in line and not line.startswith("INFO")]
            if not self.was_killed:
                lines = [line for line in lines if _IF_KILLED not in line]
            # A table that was empty before the run need not be emptied.
            if module in self._filled and any(map(_EMPTY_IT.search, lines)):
                self.asked_to_empty.add(module)
            if self.destination.tables.get(module):
                self._filled.add(module)
            if may_be_uncounted and any(_UNCOUNTED in line for line in lines):
                self._excuse_all_of(module)
            if any(_UNSTAMPED in line for line in lines):
                self._stamped_only.add(module)

    def _is_read(self, module: str) -> bool:
        """Whether a first read has come to its end, though that of another module has not."""
        part = self.destination.state.get("bookmarks", {}).get(module, {})
        return "read_whole" in part and "position" not in part

    def excuse_all(self) -> None:
        """Excuse all records that there are: a list lacked some, and nobody could count them.

        If they were those without a time, nobody knows that there may be more of them.
        """
        for module in self.world.modules:
            self._excuse_all_of(module)
            if not self._knows_untimed(module):
                self._stamped_only.add(module)

    def _knows_untimed(self, module: str) -> bool:
        """Whether STATE says that a module has records without `Modified_Time`."""
        bookmarks = self.destination.state.get("bookmarks", {})
        return bool(bookmarks.get(module, {}).get("unstamped"))

    def _excuse_all_of(self, module: str) -> None:
        there = {str(one.id) for one in self.world.demo.organisation.records.scan(module)}
        self.excused.setdefault(module, set()).update(there)

    def excuse(self, state: Mapping[str, Any]) -> None:
        """Excuse what has changed since a run began, whose STATE this was.

        No read of changes can know that an answer denies some.
        """
        bookmarks = state.get("bookmarks", {})
        store = self.world.demo.organisation.records
        for module in self.world.modules:
            text = bookmarks.get(module, {}).get("replication_key_value")
            if text is not None:
                # An increment asks again for what lies within the lookback.
                begin = datetime.fromisoformat(text.replace("Z", "+00:00")).timestamp() - _LOOKBACK
                found = {
                    str(one.id)
                    for one in store.scan(module)
                    if one.modified is not None and one.modified >= begin
                }
                self.excused.setdefault(module, set()).update(found)

    def faults(
        self,
        settings: Mapping[str, Any],
        columns: Mapping[str, Mapping[str, str]],
        *,
        is_swept: bool,
    ) -> Iterator[str]:
        """Yield how the tables differ from what they have to be.

        Args:
            settings: Those of the last run.
            columns: By stream, the selected columns, each by its field.
            is_swept: Whether the last run was due to compare ids, if it does so at all.
        """
        demo = self.world.demo
        sweeps = is_swept and "delete_sweep_days" in settings and settings["emit_tombstones"]
        for module in self.world.modules:
            if "not_offered" in self.destination.state.get("bookmarks", {}).get(module, {}):
                # A refusal that was injected: the run has said so, and a later one asks again.
                continue
            named = columns.get(module, {})
            is_unknown = not sweeps or module in self._kept or self.was_killed_unswept
            unfindable = module in UNTRACKED and is_unknown
            allowed = Allowance(
                may_have_more=unfindable
                or not settings["emit_tombstones"]
                or "_sdc_deleted_at" not in named
                or module in self.asked_to_empty,
                too_old=self._older_than(module, settings),
                may_be_old=self.world.drawn.of("start-date") is not None,
                may_lack=self._lacking(module, sweeps=sweeps),
                may_keep=self._keeping(module, sweeps=sweeps),
                may_differ=self.world.once_hidden | self.excused.get(module, set()),
                columns=lambda field, named=named: self.destination.name(  # type: ignore[misc]
                    named.get(field, field)
                ),
            )
            table = self.destination.tables.get(module, {})
            yield from differences(module, table, truth(demo, module, named), allowed)

    def moved(self) -> Iterator[str]:
        """Yield which columns are called otherwise than before, though their fields are not."""
        for module, part in self.destination.state.get("bookmarks", {}).items():
            columns = self.destination.columns.get(module, ())
            fields = self.destination.fields.get(module, {})
            called = self._called.setdefault(module, {})
            for name, field_id in part.get("columns", {}).items():
                column = fields.get(name, name)
                if column in columns and called.setdefault((name, field_id), column) != column:
                    yield f"{module}: {name} was {called[name, field_id]}, and is {column}"

    def false_tombstones(
        self, messages: Iterable[Mapping[str, Any]], since: datetime
    ) -> Iterator[str]:
        """Yield which records are called deleted that have been there all the time.

        Those changed since then are read again by the next run: what has just been made may be seen
        by one call, and not by another.
        """
        for module in self.world.modules:
            found = {
                message["record"]["id"]
                for message in messages
                if message["type"] == "RECORD"
                and message["stream"] == module
                and message["record"].get("_sdc_deleted_at") is not None
            }
            there = {
                str(one.id)
                for one in self.world.demo.organisation.records.scan(module)
                if (one.created if one.modified is None else one.modified) < since.timestamp()
            }
            if false := sorted(found & there - self.world.gone):
                yield f"{module}: {len(false)} called deleted, and never were: {false[:3]}"

    def user_faults(self, touched: set[str]) -> Iterator[str]:
        """Yield which users are not there, or too many; `touched` came or went meanwhile."""
        users = {row["id"] for row in self.world.demo.organisation.users}
        table = self.destination.tables.get(USERS, {}).keys()
        if missing := users - table - touched:
            yield f"{USERS}: {len(missing)} missing: {sorted(missing)[:3]}"
        if surplus := table - users - touched:
            yield f"{USERS}: {len(surplus)} too many: {sorted(surplus)[:3]}"

    def _lacking(self, module: str, *, sweeps: bool) -> set[str]:
        excused = self.excused.get(module, set())
        if sweeps:
            return excused
        world = self.world
        unstamped = world.unstamped if module in self._stamped_only else set()
        # Counts do not tell what came back from what a role has hidden meanwhile.
        masked = world.untouched if world.once_hidden else set()
        return excused | world.only_swept | world.once_hidden | unstamped | masked

    def _keeping(self, module: str, *, sweeps: bool) -> set[str]:
        hidden = set() if sweeps else self.world.once_hidden
        # Without STATE nobody can know that another module was there, nor which records it had.
        return hidden | (self.world.replaced if module in self._kept else set())

    def _older_than(self, module: str, settings: Mapping[str, Any]) -> set[str]:
        """Return the records that were last changed before `start_date`.

        What an earlier one left out of the first read, a later one does not bring.
        """
        starts = [start_of(settings), *self._first_starts.get(module, ())]
        since = max((one.timestamp() for one in starts if one is not None), default=None)
        return {
            str(one.id)
            for one in self.world.demo.organisation.records.scan(module)
            if since is not None and one.modified is not None and one.modified < since
        }

    def _unstamped(self, module: str) -> set[int]:
        """Return the records without `Modified_Time` that every call sees."""
        scan = self.world.demo.organisation.records.scan
        now = {one.id for one in scan(module) if one.modified is None}
        with self.world.visibility.of_long_ago():
            return now & {one.id for one in scan(module) if one.modified is None}
