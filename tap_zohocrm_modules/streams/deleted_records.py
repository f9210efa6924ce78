"""The deletions in all modules.

https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime

from singer_sdk import Tap
from typing_extensions import override

from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.sync.deletions.times import pack_times, unpack_times
from tap_zohocrm_modules.sync.record_modules import tracked_modules
from tap_zohocrm_modules.sync.rows.deleted import (
    DELETED_RECORDS,
    DELETED_TIME,
    SCHEMA,
    DeletedRows,
    deleted_row,
)
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import VERSION, DeletionsState
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.zoho.records.deletions import Deletion
from tap_zohocrm_modules.zoho.records.records import Records, Rows


class DeletedRecordsStream(ZohoStream):
    """The deletions in every module that keeps track of them."""

    selected_by_default = False

    def __init__(self, tap: Tap, run: Run) -> None:
        super().__init__(tap, run, name=DELETED_RECORDS, schema=SCHEMA)
        self.primary_keys = ("module_api_name", "id", "type")
        self.replication_key = DELETED_TIME

    @override
    def emitted_parts(self) -> Iterator[Records]:
        cutoff = self.run.cutoff
        part = StatePart(self.whole_state, self.name, DeletionsState, self.run.environment)
        state = part.read()
        bookmark = part.bookmark(state, self.replication_key, lambda: cutoff)
        start = self.run.settings.start_date
        if bookmark is not None:
            start = bookmark - self.run.lookback
        known = {name: unpack_times(text, self.name) for name, text in state.recent.items()}
        recent = {name: _since(times, cutoff - self.run.lookback) for name, times in known.items()}
        modules = tracked_modules(self.run)
        since = {module: state.pending.get(module, start) for module in modules}
        due = {module: bookmark for module in modules if module not in state.pending}
        rows = DeletedRows(self.run)
        outcome = self.run.report.outcome(self.name)
        with self.run.progress.stream(self.name) as progress:
            for module, found in progress.awaited(rows.found(since, due)):
                ended = [one for one in found if one.deleted_time < cutoff]
                for one in ended:
                    if one.deleted_time >= cutoff - self.run.lookback:
                        of_kind = recent.setdefault(f"{module} {one.kind}", {})
                        of_kind[one.id] = one.deleted_time
                new = [one for one in ended if not _is_in(known, module, one)]
                yield from (Rows([deleted_row(module, one, self.run.privacy)]) for one in new)
                outcome.emitted(len(new))
                progress.add(len(new))
        rows.check()
        self.announce_batches()
        part.write(
            DeletionsState(
                version=VERSION,
                replication_key=self.replication_key,
                replication_key_value=max(cutoff, bookmark or cutoff),
                # The one bookmark passes them.
                pending={module: since[module] for module in rows.refused},
                recent={
                    name: text
                    for name, times in recent.items()
                    if (text := pack_times(times)) is not None
                },
            )
        )


def _since(times: Mapping[str, datetime], begin: datetime) -> dict[str, datetime]:
    return {one: time for one, time in times.items() if time >= begin}


def _is_in(known: Mapping[str, Mapping[str, datetime]], module: str, one: Deletion) -> bool:
    """Whether the row of a deletion has been emitted by an earlier run."""
    emitted = known.get(f"{module} {one.kind}", {}).get(one.id)
    return emitted is not None and one.deleted_time <= emitted
