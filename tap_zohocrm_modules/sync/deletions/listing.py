"""The ids that exist, as a sweep lists them, and the records of certain ids.

A sweep lists ids in parts, and in several runs where a budget ends.
"""

from __future__ import annotations

import itertools
import operator
from array import array
from collections.abc import Collection, Iterable, Iterator, Sequence
from concurrent.futures import Executor
from datetime import datetime

import msgspec

from tap_zohocrm_modules.sync.deletions.ids import pack
from tap_zohocrm_modules.sync.deletions.met import MetIds, ids_in
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import SweepPosition
from tap_zohocrm_modules.zoho.records.completing.field_slices import FieldSliceJoiner
from tap_zohocrm_modules.zoho.records.completing.rich_texts import RichTexts
from tap_zohocrm_modules.zoho.records.count import count_by_api, count_in
from tap_zohocrm_modules.zoho.records.engine import RecordEngine
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.planner import Planner
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import Source, Window
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

# STATE is written so often in a listing of many ids: what a killed run has listed since is lost.
_PARTS = 20


def is_dearer(source: Source, ids: int, records: int, paths: Sequence[ReadPath]) -> bool:
    """Whether reading so many ids takes more credits than reading all of so many records."""
    limits = source.limits
    by_id = limits.slices(len(source.fields)) * -(-ids // limits.list_ids)
    return by_id > Planner(source, paths).compared(records).credits


def existing(source: Source, ids: Iterable[str], executor: Executor) -> set[str]:
    """Return those of these ids whose records are there; ZohoError: Zoho does not say."""
    keys = source.of_fields(source.key_fields())
    return {*FieldSliceJoiner(keys, executor).by_ids(sorted(ids))}


def records_of(source: Source, ids: Iterable[str], executor: Executor) -> Rows:
    """Return the records of these ids that exist, whole; ZohoError: they cannot be read."""
    wanted = sorted(ids)
    if not wanted:
        return Rows()
    records = FieldSliceJoiner(source, executor).by_ids(wanted)
    return Rows(RichTexts(source).completed(list(records.values())))


class IdListing:
    """Lists the ids of one module that exist, and compares them with those emitted.

    They are read by the engine's first read of the key fields alone, by its cheapest path: about
    250 credits per million records.

    Args:
        run: The run.
        source: The module.
        emitted: The ids that the destination has; nothing is emitted meanwhile.
        position: Where the listing begins or goes on.
        unsettled: Those of the ids whose records the destination may lack.
    """

    def __init__(
        self,
        run: Run,
        source: Source,
        emitted: IdSet,
        position: SweepPosition,
        unsettled: Collection[int] = (),
    ) -> None:
        self._run = run
        self._source = source
        self._emitted = emitted
        self._position = position
        self._met = MetIds(position.met, source.stream)
        self._begin = run.settings.start_date if source.has_modified_time else None
        self._unsettled = {*unsettled}
        emitted.ordered()
        lacking = IdSet() if position.lacking is None else ids_in(position.lacking, source.stream)
        # Some may have been emitted since.
        self._lacking = IdSet(sorted(self._new(lacking.ordered())))

    def _new(self, ids: array[int]) -> set[int]:
        """Return the ids whose records are in no destination, as far as is known."""
        return {*self._emitted.lacks(ids)} | self._unsettled.intersection(ids)

    def parts(self) -> Iterator[SweepPosition]:
        """List ids to the end; yield how far it has come, after each part.

        ZohoError: the ids cannot be read; how far it has come has been yielded.
        """
        run, source, position = self._run, self._source, self._position
        keys = source.of_fields(source.key_fields())
        engine = RecordEngine(keys, run.read_paths, run.executors, None)
        is_first = position.after is None
        window = Window(position.after, position.cutoff, unstamped=is_first, unending=True)
        listed = 0
        try:
            for page in engine.pages(window, checkpoint=position.checkpoint):
                ids = id_numbers(page.records.values(ID))
                self._take(ids, self._are_old(page.records))
                listed += len(ids)
                self._reach(page.watermark, page.checkpoint)
                if listed >= self._part and (page.watermark or page.checkpoint):
                    listed = 0
                    yield self.reached()
        except ZohoError:
            yield self.reached()
            raise
        self._position = msgspec.structs.replace(
            self._position, after=None, checkpoint=None, is_listed=True
        )
        yield self.reached()

    @property
    def _part(self) -> int:
        """How many ids are listed between two STATEs."""
        return max(self._source.limits.records_per_state, len(self._emitted) // _PARTS)

    def _are_old(self, records: Records) -> Sequence[bool]:
        """Return which were changed before `start_date`, and so are not wanted."""
        if self._begin is None:
            return ()
        times = records.values(MODIFIED_TIME)
        begin = rfc3339(self._begin)
        # Those without a time are wanted, whatever `start_date` is.
        return [bool(time) and time < begin for time in times]

    def _take(self, ids: array[int], is_old: Iterable[bool]) -> None:
        position = self._position
        if position.learns:
            self._emitted.add(ids)
            return
        self._met.add(ids)
        new = self._new(ids)
        if not new:
            return
        wanted = itertools.compress(ids, map(operator.not_, is_old)) if self._begin else ids
        lacking = array("Q", (one for one in wanted if one in new and not position.reads_again))
        self._lacking.add(lacking)
        others = position.others + len(new) - len(lacking)
        self._position = msgspec.structs.replace(position, others=others)

    def _reach(self, after: datetime | None, checkpoint: object) -> None:
        if after is None and checkpoint is None:
            return
        self._position = msgspec.structs.replace(
            self._position,
            after=after or self._position.after,
            checkpoint=dict(checkpoint) if isinstance(checkpoint, dict) else None,
        )

    def reached(self) -> SweepPosition:
        """Return how far the listing has come."""
        self.judge(len(self._emitted))
        position, met = self._position, None
        if not position.learns:
            met = self._met.packed(self._emitted, is_listed=position.is_listed)
        return msgspec.structs.replace(
            position, met=met, lacking=pack(self._lacking) if len(self._lacking) else None
        )

    def judge(self, records: int) -> None:
        """Have all records read again where those never emitted are too many to be read by ids.

        Of the latter there are so many `records` at least.
        """
        lacking = len(self._lacking)
        if lacking and is_dearer(self._source, lacking, records + lacking, self._run.read_paths):
            others = self._position.others + len(self._never_emitted())
            self._position = msgspec.structs.replace(
                self._position, reads_again=True, others=others
            )
            self._lacking = IdSet()

    @property
    def is_listed(self) -> bool:
        """Whether the listing has come to its end."""
        return self._position.is_listed

    @property
    def is_second(self) -> bool:
        """Whether it is the second one."""
        return self._position.is_second

    @property
    def reads_again(self) -> bool:
        """Whether every record is to be read again."""
        return self._position.reads_again

    @property
    def lacking(self) -> array[int]:
        """The ids that exist and were never emitted, unless every record is to be read again."""
        return self._lacking.ordered()

    @property
    def unmet(self) -> array[int]:
        """The emitted ids that the listing has not met."""
        return self._met.lacks(self._emitted)

    def meet(self, ids: array[int]) -> None:
        """Note that these exist all the same; those that the destination may lack are wanted."""
        self._met.add(ids)
        self._lacking.add(array("Q", self._unsettled.intersection(ids)))

    def __len__(self) -> int:
        """Return how many ids exist."""
        there = len(self._emitted) - len(self.unmet)
        return there + len(self._never_emitted()) + self._position.others

    def _never_emitted(self) -> array[int]:
        return self._emitted.lacks(self._lacking.ordered())

    def second(self) -> Iterator[SweepPosition]:
        """List the ids once more, as `parts` does, for the lack of many may be an answer's."""
        self._position = msgspec.structs.replace(
            self._position, is_listed=False, is_second=True, others=0
        )
        yield from self.parts()

    def check(self) -> None:
        """Compare the ids with Zoho's count; ZohoError: Zoho counts more. A credit."""
        run, source = self._run, self._source
        window = Window(None, self._position.cutoff, unstamped=True)
        counted = count_in(run.read_paths, source, window)
        if counted is None:
            counted = count_by_api(source)
        if counted is not None and counted > len(self):
            raise ZohoError(
                f"Zoho lists {len(self):,} records of the module, and counts {counted:,}: no"
                " deletion is emitted by such answers. Run again; if it stays so, report it."
            )
