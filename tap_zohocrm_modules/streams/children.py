"""Children of records: one class for all kinds.

https://www.zoho.com/crm/developer/docs/api/v8/get-related-records.html
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from singer_sdk import Tap
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL
from typing_extensions import override

from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.sync.children.lists import ParentModule
from tap_zohocrm_modules.sync.children.read import ChildRead
from tap_zohocrm_modules.sync.children.schema import child_schema
from tap_zohocrm_modules.sync.rows.normalize import RowNormalizer
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.model import DELETED_AT
from tap_zohocrm_modules.zoho.records.records import Records, Rows

_ROWS_PER_STATE = 500


class ChildStream(ZohoStream):
    """The children of one module's records, of one kind."""

    selected_by_default = False

    def __init__(self, tap: Tap, run: Run, name: str, parents: ParentModule) -> None:
        self.parents = parents
        kind = parents.children.kind
        super().__init__(
            tap,
            run,
            name=name,
            schema=child_schema(parents, tombstones=run.settings.emit_tombstones),
        )
        self.primary_keys = kind.keys

    @property
    @override
    def replication_method(self) -> str:
        # Its bookmark is of the parents, and no column of its own.
        return self.forced_replication_method or REPLICATION_INCREMENTAL

    @override
    def settle_replication(self) -> None:
        """Read by changes of the parents, unless the catalog says FULL_TABLE."""
        self.replication_key = None

    def read(self) -> ChildRead:
        """Return what a run reads of the list, by STATE as it is."""
        return ChildRead(
            self.run,
            self.name,
            self.parents.children,
            self.parents.module,
            self.is_full_table,
            self.whole_state,
        )

    @override
    def emitted_parts(self) -> Iterator[Records]:
        read = self.read()
        properties = {k: v for k, v in self.schema["properties"].items() if k != DELETED_AT}
        normalizer = RowNormalizer({"properties": properties}, self.primary_keys)
        outcome = self.run.report.outcome(self.name)
        with self.run.progress.stream(self.name) as progress:
            state, since_state = None, 0
            try:
                for step in progress.awaited(read.steps()):
                    rows = [self._row(row, normalizer) for row in step.rows]
                    gone = sum(row.get(DELETED_AT) is not None for row in rows)
                    outcome.deletions += gone
                    yield Rows(rows)
                    progress.add(len(rows) - gone)
                    state = step.state
                    since_state += len(rows) + 1
                    if not self.is_full_table and (step.saves or since_state >= _ROWS_PER_STATE):
                        self.announce_batches()
                        read.save(state)
                        self.write_changed_state()
                        since_state = 0
            finally:
                self.announce_batches()
                if state is not None:
                    read.save(state)
                    self.state_changed()
                outcome.records = progress.records
                self.warn_of(normalizer.extras)

    def rows_as_emitted(self) -> Iterator[dict[str, Any]]:
        """Yield the children of all parents as they are emitted, whatever STATE says.

        Raises:
            ZohoError: they cannot be read whole.
            TypeMismatchError: one of them lacks its key.
        """
        children, module = self.parents.children, self.parents.module
        read = ChildRead(self.run, self.name, children, module, is_whole=True, whole_state={})
        properties = {k: v for k, v in self.schema["properties"].items() if k != DELETED_AT}
        normalizer = RowNormalizer({"properties": properties}, self.primary_keys)
        for step in read.steps():
            yield from self.as_emitted([self._row(row, normalizer) for row in step.rows])

    def _row(self, row: Mapping[str, Any], normalizer: RowNormalizer) -> dict[str, Any]:
        if row.get(DELETED_AT) is not None:
            return dict(row)
        fitted = normalizer(row)
        return {**fitted, DELETED_AT: None} if DELETED_AT in self.schema["properties"] else fitted
