"""One run's read of a list of children: of parents that changed, then on with the walk over all."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tap_zohocrm_modules.sync.children.known import KnownChildren
from tap_zohocrm_modules.sync.children.parents import Parent, Parents, batches
from tap_zohocrm_modules.sync.children.private import without_private_values
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import VERSION, ChildState, StatePart, Walk
from tap_zohocrm_modules.sync.state_checks import check_bookmark
from tap_zohocrm_modules.zoho.children.lists import ChildList
from tap_zohocrm_modules.zoho.children.reader import ChildReader, Children
from tap_zohocrm_modules.zoho.records.deletions import UNTRACKED
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, MODIFIED_TIME, RecordModule
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)

_MOST_REFUSED = 1_000
"""Refused parents that STATE remembers, to ask for them again."""

_SHOWN = 5


@dataclasses.dataclass(frozen=True, slots=True)
class ChildStep:
    """Rows to be emitted, and the stream's part of STATE after them."""

    rows: Sequence[Mapping[str, Any]]  # as Zoho has them, with the parent's id; or tombstones
    state: ChildState  # what is known of children is left to who saves it
    saves: bool = False  # STATE is to be written in any case


@dataclasses.dataclass(eq=False)
class ChildRead:
    """What one run reads of one list of children."""

    run: Run
    stream: str
    children: ChildList
    module: RecordModule  # the parents'
    is_whole: bool  # everything is read, and takes the place of what the destination has
    whole_state: MutableMapping[str, Any]

    def __post_init__(self) -> None:
        """Read STATE; StateError: this tap did not write it."""
        self.part = StatePart(self.whole_state, self.stream, ChildState, self.run.environment)
        self._state = self.part.read()
        self.state_before: ChildState = self._state
        """The part as the run before left it."""
        self.known = KnownChildren(self.stream, None if self.is_whole else self._state.known)
        self._reader = ChildReader(self.run.client, self.children, self.stream)
        self.parents = Parents(self.run, self.stream, self.module)
        self._private = {f.api_name for f in self.module.fields if f.is_private}
        self._refused: dict[str, PermissionRefusedError] = {}
        self._read = 0
        self._gone = 0

    @property
    def bookmark(self) -> datetime | None:
        """Every parent changed before it has been read; None where nothing has."""
        if self.is_whole:
            return None
        cutoff = self.run.cutoff
        return check_bookmark(self._state, self.stream, MODIFIED_TIME, lambda: cutoff)

    @property
    def walk(self) -> Walk | None:
        """How far a read of all parents' children has come; None where none is under way."""
        return Walk(cutoff=self.run.cutoff) if self.bookmark is None else self._state.walk

    @property
    def width(self) -> int:
        """How many parents one credit reads, as long as each has one page."""
        return self._reader.width

    def steps(self) -> Iterator[ChildStep]:
        """Yield what the run reads.

        Raises:
            ZohoError: something could not be read; a parent that is refused is named at the end.
        """
        cutoff = self.run.cutoff
        bookmark = self.bookmark
        if bookmark is None:
            yield self._begun(cutoff)
        else:
            yield from self._changes(bookmark, cutoff)
        if self._state.walk is not None:
            yield from self._walk(self._state.walk)
        self._explain()

    def save(self, state: ChildState) -> None:
        """Put the part into STATE, with the children of all steps so far."""
        self.part.write(msgspec.structs.replace(state, known=self.known.packed()))

    def _begun(self, cutoff: datetime) -> ChildStep:
        self.known.begin()
        if not self.is_whole:
            logger.info(
                "%s: first load, the newest records of %s first. A table that exists has to be"
                " emptied before: what left its parent earlier is not known.",
                self.stream,
                self.children.module,
            )
        self._state = ChildState(
            version=VERSION,
            replication_key=MODIFIED_TIME,
            replication_key_value=cutoff,
            child_list=self.children.entry,
            walk=Walk(cutoff=cutoff),
        )
        return ChildStep((), self._state, saves=not self.is_whole)

    def _changes(self, bookmark: datetime, cutoff: datetime) -> Iterator[ChildStep]:
        since = bookmark - timedelta(seconds=self.run.settings.lookback)
        yield ChildStep(self._of_deleted(since), self._state)
        again = [Parent(one, None) for one in self._state.refused]
        changed = self.parents.changed(since, cutoff, self.children.kind.triggers)
        for found, parents in self._found([*again, *changed], since):
            rows = self._emitted(found)
            times = [parent.changed for parent in parents if parent.changed is not None]
            # In the order of time: all before the last one have been read.
            reached = max(filter(None, (*times[-1:], bookmark)))
            yield ChildStep(rows, self._moved(replication_key_value=reached))
        days, swept = self.run.settings.child_sweep_days, self._state.swept
        walk = self._state.walk
        if days is not None and walk is None and (swept is None or _days(swept, cutoff) >= days):
            walk = Walk(cutoff=cutoff, is_sweep=True)
        state = self._moved(
            replication_key_value=max(cutoff, bookmark),
            refused=[*self._refused][:_MOST_REFUSED],
            walk=walk,
        )
        yield ChildStep((), state, saves=True)

    def _walk(self, walk: Walk) -> Iterator[ChildStep]:
        parents = self.parents.newest_first(walk)
        for found, some in self._found(parents, None):
            rows = self._emitted(found)
            last = some[-1]
            reached = msgspec.structs.replace(walk, before=last.changed, parent=last.id)
            yield ChildStep(rows, self._moved(walk=reached))
            if walk.is_sweep and self._is_spent():
                self._pause(walk)
                return
        refused = [*dict.fromkeys([*self._state.refused, *self._refused])][:_MOST_REFUSED]
        state = self._moved(walk=None, swept=walk.cutoff, refused=refused)
        yield ChildStep((), state, saves=True)

    def _is_spent(self) -> bool:
        """Whether the budget leaves a sweep nothing more, which goes on in the next run."""
        left = self.run.client.credits.left
        # A batch, its further pages, and what else the run may call.
        return left is not None and left <= self._reader.width + 2 * self._width

    def _pause(self, walk: Walk) -> None:
        days = self.run.settings.child_sweep_days or 0
        if _days(walk.cutoff, self.run.cutoff) >= 2 * days:
            raise ZohoError(
                f"The sweep of {rfc3339(walk.cutoff)} is overdue: the credit budget leaves it too"
                " little. Raise credit_budget or child_sweep_days; the next run continues it."
            )
        logger.info("%s: the sweep goes on in the next run, with its budget.", self.stream)

    @functools.cached_property
    def _width(self) -> int:
        return max(1, self.run.executors.width // self._reader.width)

    def _found(
        self, parents: Iterable[Parent], since: datetime | None
    ) -> Iterator[tuple[list[Children], Sequence[Parent]]]:
        """Yield what some parents have, in their order, reading ahead."""
        newest = since if self.children.kind.newest_first else None

        def wanted(batch: Sequence[Parent]) -> datetime | None:
            # A record that came back has all of its entries to come.
            is_new = self.known.are_kept and not all(self.known.of(one.id) for one in batch)
            return None if is_new else newest

        made = batches(iter(parents), self._reader.width)
        ahead: list[Sequence[Parent]] = []

        def calls() -> Iterator[Any]:
            for batch in made:
                ahead.append(batch)
                yield functools.partial(self._reader.read, [one.id for one in batch], wanted(batch))

        for found in Prefetch(self.run.executors.pages, calls(), self._width):
            yield found, ahead.pop(0)

    def _emitted(self, found: Sequence[Children]) -> list[Mapping[str, Any]]:
        """Return the rows of some parents, and tombstones of what has left them."""
        rows: list[Mapping[str, Any]] = []
        for one in found:
            self._read += 1
            if one.refusal is not None:
                self._refused[one.parent_id] = one.refusal
                continue
            self._refused.pop(one.parent_id, None)
            rows += without_private_values(
                [*self._of_parent(one)], self.children.kind, self.run.privacy, self._private
            )
        return rows

    def _of_parent(self, found: Children) -> Iterator[Mapping[str, Any]]:
        kind, parent = self.children.kind, found.parent_id
        before = self.known.of(parent)
        if kind.newest_first and not found.is_gone:
            # What such a list has had stays there, as long as its record does.
            yield from found.rows
            self.known.learn(
                parent, {*before, *(str(row.get(kind.keys[-1])) for row in found.rows)}
            )
            return
        if before and not found.rows and not found.is_gone:
            # One empty answer may be a false one.
            (found,) = self._reader.read([parent])
            if found.refusal is not None:
                self._refused[parent] = found.refusal
                return
        yield from found.rows
        keys = {str(row.get(kind.keys[-1])) for row in found.rows}
        self.known.learn(parent, keys)
        yield from self._tombstones(parent, [key for key in before if key not in keys])

    def _of_deleted(self, since: datetime) -> list[Mapping[str, Any]]:
        """Return tombstones of the children of parents that were deleted."""
        if not self.known.are_kept or self.module.kind in UNTRACKED:
            return []
        gone = self.run.deletions.since(self.children.module, since, self.stream)
        rows: list[Mapping[str, Any]] = []
        for deletion in gone:
            if deletion.id.isdecimal():
                rows += self._tombstones(deletion.id, self.known.of(deletion.id))
                self.known.learn(deletion.id, ())
        return rows

    def _tombstones(self, parent: str, keys: Sequence[str]) -> Iterator[Mapping[str, Any]]:
        if not self.run.settings.emit_tombstones:
            return
        time = rfc3339(self.run.cutoff)
        parent_key, key = self.children.kind.keys
        for one in keys:
            self._gone += 1
            yield {parent_key: parent, key: one, DELETED_AT: time}

    def _moved(self, **changes: Any) -> ChildState:
        self._state = msgspec.structs.replace(self._state, **changes)
        return self._state

    def _explain(self) -> None:
        """Log what was read, and raise for the parents that Zoho refuses."""
        spent = self.run.client.credits.of(self.stream)[1]
        logger.info(
            "%s: children of %s read for %s%s.",
            self.stream,
            counted(self._read, "record"),
            counted(spent, "credit"),
            f", {counted(self._gone, 'tombstone')}" if self._gone else "",
        )
        if not self._refused:
            return
        names, (first, *_) = [*self._refused], self._refused.values()
        more = f" and {len(names) - _SHOWN} more" if len(names) > _SHOWN else ""
        raise PermissionRefusedError(
            f"Zoho refuses {counted(len(names), 'record')} of {self.children.module}"
            f" ({', '.join(names[:_SHOWN])}{more}): {first} The others have been read; these are"
            " asked for again by the next run.",
            first.refusal,
        )


def _days(begin: datetime, end: datetime) -> float:
    return (end - begin) / timedelta(days=1)
