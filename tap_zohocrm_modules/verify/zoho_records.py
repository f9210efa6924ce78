"""What a comparison asks of Zoho: the only file of this room that knows the engine."""

from __future__ import annotations

import dataclasses
from array import array
from collections.abc import Collection, Iterator, Mapping
from datetime import datetime, timedelta
from importlib.util import find_spec

from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.sync.deletions.listing import records_of
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ModuleState
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.verify.columns import Columns, ListedColumns
from tap_zohocrm_modules.verify.instants import stamp_of
from tap_zohocrm_modules.verify.sorted_runs import Block, SortedRuns
from tap_zohocrm_modules.zoho.records.deletions import (
    UNTRACKED,
    Deletions,
    TooManyDeletionsError,
)
from tap_zohocrm_modules.zoho.records.engine import RecordEngine
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.reading import Source, Window
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError, UnavailableError

_MARGIN = timedelta(minutes=1)


@dataclasses.dataclass(frozen=True, slots=True)
class Loaded:
    """Up to when STATE says that a table is complete."""

    until: datetime | None = None  # its bookmark; None where nothing is said
    deleted_until: datetime | None = None  # for deletions
    is_first_unfinished: bool = False  # a first load has begun, and is to be gone on with


@dataclasses.dataclass(eq=False)
class ZohoRecords:
    """The records of one stream, as Zoho has them now."""

    run: Run
    stream: RecordStream

    @property
    def source(self) -> Source:
        """The module, and the fields that are chosen."""
        return self.stream.plan.source

    @property
    def loaded(self) -> Loaded:
        """What STATE says of the stream."""
        part = StatePart(self.stream.whole_state, self.stream.name, ModuleState).read()
        until = part.replication_key_value
        return Loaded(
            until, part.deleted_until or until, until is None and part.position is not None
        )

    @property
    def is_tracked(self) -> bool:
        """Whether Zoho lists the module's deletions."""
        return self.source.module.kind not in UNTRACKED

    def now(self) -> datetime:
        """Return the time by Zoho's clock."""
        return self.run.client.server_now()

    def entries(self, runs: SortedRuns) -> Iterator[Block]:
        """Yield each record's id and stamp, by id, some at a time; `runs` are to sort them.

        One that changes meanwhile may come twice. ZohoError: they cannot be read.
        """
        keys = self.source.of_fields(self.source.key_fields())
        # Of columns of Arrow no Python object is made.
        keys = dataclasses.replace(keys, columnar=find_spec("pyarrow") is not None)
        engine = RecordEngine(keys, self.run.read_paths, self.run.executors, None)
        window = Window(None, self.run.cutoff, unstamped=True, unending=True)
        for page in engine.pages(window):
            columns = _columns(page.records)
            ids = columns.ids(0)
            if not isinstance(ids, array):
                ids = array("Q", map(int, columns.values(0)))
            runs.add((ids, columns.stamps(1)))
        return runs.blocks()

    def stamps_of(self, ids: Collection[str]) -> dict[str, int]:
        """Return the stamps of those of these records that are there; a credit for each hundred."""
        keys = self.source.of_fields(self.source.key_fields())
        return {
            record[ID]: stamp_of(record.get(MODIFIED_TIME))
            for record in records_of(keys, ids, self.run.executors.single)
        }

    def records_of(self, ids: Collection[str]) -> dict[str, Record]:
        """Return those of these records that are there, whole, as the stream emits them."""
        return {
            record[ID]: record for record in records_of(self.source, ids, self.run.executors.single)
        }

    def sample_of(self, ids: Collection[str]) -> dict[str, Record]:
        """Return the same as `records_of`, for as few credits as there is a way.

        A query has ten times as many fields as Get Records, but may lag behind it: what it does
        not find is asked for by id.
        """
        wanted = sorted(ids)
        engine = RecordEngine(self.source, self.run.read_paths, self.run.executors, None)
        found = engine.queried(wanted)
        return found | self.records_of([one for one in wanted if one not in found])

    def deletions(self, since: datetime) -> Mapping[str, datetime]:
        """Return when each record was deleted that was so since an instant, as far as is known."""
        if not self.is_tracked:
            return {}
        for begin in (since, self.now() - _MARGIN):
            try:
                found = Deletions.from_source(self.source).since(begin)
            except TooManyDeletionsError:
                continue
            except (PermissionRefusedError, UnavailableError):
                return {}
            return {one.id: one.deleted_time for one in found}
        return {}


def _columns(records: Records) -> Columns:
    """Return the ids and the times of records, null where they have none."""
    names = (ID, MODIFIED_TIME)
    block = records.arrow
    if block is None:
        return ListedColumns([records.values(name) for name in names])
    from tap_zohocrm_modules.verify.arrow_columns import ArrowColumns  # noqa: PLC0415 - extra

    there = block.schema.names
    found = [block.column(name) if name in there else None for name in names]
    return ArrowColumns(found, block.num_rows)
