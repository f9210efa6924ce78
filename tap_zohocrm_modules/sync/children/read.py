"""One run's read of a list of children: of parents that changed, then on with the walk over all."""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Iterable, Iterator, Mapping, MutableMapping, Sequence
from datetime import datetime, timedelta
from typing import Any

import msgspec

from tap_zohocrm_modules.sync.children.empty_lists import EmptyLists, read_asked
from tap_zohocrm_modules.sync.children.known import KnownChildren
from tap_zohocrm_modules.sync.children.parents import Parent, Parents, batches
from tap_zohocrm_modules.sync.children.private import without_private_values
from tap_zohocrm_modules.sync.children.refusals import Refusals
from tap_zohocrm_modules.sync.children.rows import ChildRows
from tap_zohocrm_modules.sync.children.sweeps import is_due, put_off, sweeps
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import VERSION, ChildState, Walk
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.zoho.children.lists import ChildList
from tap_zohocrm_modules.zoho.children.reader import ChildReader, Children
from tap_zohocrm_modules.zoho.records.deletions import UNTRACKED
from tap_zohocrm_modules.zoho.records.model import MODIFIED_TIME, RecordModule
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)


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
    empty_lists: EmptyLists | None = None  # what the streams of the run share

    def __post_init__(self) -> None:
        """Read STATE; StateError: this tap did not write it."""
        self.part = StatePart(self.whole_state, self.stream, ChildState, self.run.environment)
        self._state = self.part.read()
        self.state_before: ChildState = self._state
        """The part as the run before left it."""
        packed = None if self.is_whole else self._state.known
        self.known = KnownChildren(self.stream, packed, self._state.unsettled)
        settled = self.known.settled
        self._reader = ChildReader(self.run.client, self.children, self.stream, settled)
        self._cut_off: ZohoError | None = None
        self.parents = Parents(self.run, self.stream, self.module)
        self._private = {f.api_name for f in self.module.fields if f.is_private}
        self._refusals = Refusals(
            self.children.module, self._state.refused, overflowed=self._state.more_refused
        )
        left_at = rfc3339(self.run.cutoff) if self.run.settings.emit_tombstones else None
        self._rows = ChildRows(self.children.kind, self.known, left_at)
        self._read, self._absent = 0, 0
        self._passed = False  # some records were not asked, by Zoho's counts

    @property
    def bookmark(self) -> datetime | None:
        """Every parent changed before it has been read; None where nothing has."""
        if self.is_whole:
            return None
        cutoff = self.run.cutoff
        return self.part.bookmark(self._state, MODIFIED_TIME, lambda: cutoff)

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
        unsettled = self.known.unsettled if self.children.kind.detail else []
        known = self.known.packed()
        self.part.write(msgspec.structs.replace(state, known=known, unsettled=unsettled))

    def _step(self, found: Sequence[Children], **moved: Any) -> Iterator[ChildStep]:
        """Yield what some parents have, and go on from there if they have been read whole."""
        rows = self._emitted(found)
        if self._cut_off is not None:
            yield ChildStep(rows, self._moved())
            raise self._cut_off
        yield ChildStep(rows, self._moved(**moved))

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
        again = [Parent(one, None) for one in self._refusals.pending]
        for found, _ in self._found(again, None):
            yield from self._step(found)
            if self._refusals.fail_again:
                break
        changed = self.parents.changed(since, cutoff, self.children.kind.triggers)
        for found, parents in self._found(changed, since):
            times = [parent.changed for parent in parents if parent.changed is not None]
            # In the order of time: all before the last one have been read.
            reached = max(filter(None, (*times[-1:], bookmark)))
            yield from self._step(found, replication_key_value=reached)
        walk = self._state.walk or self._due(cutoff)
        state = self._moved(replication_key_value=max(cutoff, bookmark), walk=walk)
        yield ChildStep((), state, saves=True)

    def _due(self, cutoff: datetime) -> Walk | None:
        """Return the walk that begins now, if one is due."""
        if self._refusals.overflowed and not self._refusals:
            # Which records had been refused as well is not known.
            self._refusals.forget_overflow()
        elif not is_due(self._state, self.run.settings.child_sweep_days, cutoff):
            return None
        return Walk(cutoff=cutoff, is_sweep=True)

    @property
    def sweeps(self) -> bool:
        """Whether the run reads all records again, and may rely on counts for it."""
        is_repair = self.bookmark is None or self.state_before.more_refused
        days, cutoff = self.run.settings.child_sweep_days, self.run.cutoff
        return not is_repair and sweeps(self._state, days, cutoff)

    def _walk(self, walk: Walk) -> Iterator[ChildStep]:
        unmet = self.known.parents() if walk.is_sweep and walk.parent is None else None
        parents = self.parents.newest_first(walk)
        if self.empty_lists is not None and self.sweeps:
            parents = self.empty_lists.marked(self, self.stream, parents)
        for found, some in self._found(parents, None):
            self._passed = self._passed or any(one.is_empty for one in some)
            last = some[-1]
            if unmet is not None:
                unmet.difference_update(int(one.id) for one in some)
            reached = msgspec.structs.replace(walk, before=last.changed, parent=last.id)
            yield from self._step(found, walk=reached)
            if walk.is_sweep and self._is_spent():
                put_off(self.stream, walk, self.run.settings.child_sweep_days, self.run.cutoff)
                return
        if walk.is_sweep:
            yield from self._unlisted(walk, unmet)
        yield ChildStep((), self._moved(walk=None, swept=walk.cutoff), saves=True)

    def _unlisted(self, walk: Walk, unmet: set[int] | None) -> Iterator[ChildStep]:
        """Yield what a sweep has to say of parents that are known, and that no list has any more.

        That they were deleted is listed for some months, and of some modules never.
        """
        if unmet is None:
            # Earlier runs have met the others.
            unmet = self.known.parents()
            left, price = self.run.client.credits.left, self.run.limits.query_price(len(unmet))
            if left is not None and left < 2 * price + self._reader.width:
                logger.info(
                    "%s: whether records are gone that no list of deletions has was not looked at,"
                    " for want of credits.",
                    self.stream,
                )
                return
            every = self.parents.newest_first(Walk(cutoff=walk.cutoff)) if unmet else ()
            unmet.difference_update(int(one.id) for one in every)
        gone = [Parent(str(one), None) for one in sorted(unmet)]
        for found, _ in self._found(gone, None):
            yield from self._step(found)

    def _is_spent(self) -> bool:
        """Whether the budget leaves a sweep nothing more, which goes on in the next run."""
        left = self.run.client.credits.left
        # A batch, its further pages, and what else the run may call.
        return left is not None and left <= self._reader.width + 2 * self._width

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
            is_new = self.known.are_kept and not all(self.known.keys_of(one.id) for one in batch)
            return None if is_new else newest

        made = batches(iter(parents), self._reader.width)
        ahead: list[Sequence[Parent]] = []

        def calls() -> Iterator[Any]:
            for batch in made:
                ahead.append(batch)
                yield functools.partial(read_asked, self._reader, batch, wanted(batch))

        for found in Prefetch(self.run.executors.pages, calls(), self._width):
            yield found, ahead.pop(0)

    def _emitted(self, found: Sequence[Children]) -> list[Mapping[str, Any]]:
        """Return the rows of some parents, and tombstones of what has left them."""
        rows: list[Mapping[str, Any]] = []
        for one in found:
            if one.failure is None and self._rows.is_doubtful(one):
                (one,) = self._reader.read([one.parent_id])  # noqa: PLW2901 - it takes its place
            if one.failure is not None:
                self._refusals.note(one.parent_id, one.failure)
                continue
            self._cut_off = self._cut_off or one.cut_off
            self._read, self._absent = self._read + (not one.is_gone), self._absent + one.is_gone
            self._refusals.answered(one.parent_id)
            if one.keys and self.empty_lists is not None:
                is_false = self.empty_lists.contradict(self, self.stream, one.parent_id)
                self._refusals.overflowed |= is_false and self._passed
            rows += without_private_values(
                [*self._rows.of_parent(one)], self.children.kind, self.run.privacy, self._private
            )
        return rows

    def _of_deleted(self, since: datetime) -> list[Mapping[str, Any]]:
        """Return tombstones of the children of parents that were deleted."""
        if not self.known.are_kept or self.module.kind in UNTRACKED:
            return []
        gone = self.run.deletions.since(self.children.module, since, self.stream)
        return [row for one in gone if one.id.isdecimal() for row in self._rows.of_gone(one.id)]

    def _moved(self, **changes: Any) -> ChildState:
        refused, more = self._refusals.pending, self._refusals.are_more
        self._state = msgspec.structs.replace(
            self._state, refused=refused, more_refused=more, **changes
        )
        return self._state

    @property
    def counts(self) -> tuple[int, int, int]:
        """How many parents have been read so far, were not there any more, and have failed."""
        return self._read, self._absent, len(self._refusals)

    def _explain(self) -> None:
        """Log what was read, and raise for the parents that Zoho refuses."""
        spent = self.run.client.credits.charged_to(self.stream)[1]
        logger.info(
            "%s: children of %s read for %s%s.",
            self.stream,
            counted(self._read + self._absent, "record"),
            counted(spent, "credit"),
            f", {counted(self._rows.gone, 'tombstone')}" if self._rows.gone else "",
        )
        self._refusals.finish()
