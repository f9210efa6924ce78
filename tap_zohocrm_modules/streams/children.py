"""Children of records: one class for all kinds.

https://www.zoho.com/crm/developer/docs/api/v8/get-related-records.html
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any

from singer_sdk import Tap
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL
from typing_extensions import override

from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.sync.children.empty_lists import EmptyLists
from tap_zohocrm_modules.sync.children.lists import ParentModule, child_schema
from tap_zohocrm_modules.sync.children.read import ChildRead, ChildStep
from tap_zohocrm_modules.sync.rows.normalize import RowNormalizer
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import ChildState
from tap_zohocrm_modules.zoho.records.model import DELETED_AT
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.calls import lacking
from tap_zohocrm_modules.zoho.transport.errors import (
    SCOPE_MISSING,
    PermissionRefusedError,
    Refusal,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

_ROWS_PER_STATE = 500
_ROWS_PER_STEP = 20
"""A step, which has cost a credit, is as dear to lose as so many rows."""


class ChildStream(ZohoStream):
    """The children of one module's records, of one kind."""

    selected_by_default = False

    def __init__(
        self, tap: Tap, run: Run, name: str, parents: ParentModule, empty_lists: EmptyLists
    ) -> None:
        self.parents = parents
        self._empty_lists = empty_lists
        empty_lists.reads[name] = lambda: self.read() if self.selected else None
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

    def refuse_without_scopes(self) -> None:
        """Keep why the list cannot be read, and say it, if the token lacks a scope for it."""
        granted = self.run.client.auth.token().scopes
        if missing := lacking(self.parents.children.least_scope, granted):
            self._unusable = PermissionRefusedError(
                f"The token lacks {', '.join(missing)}, without which Zoho gives no"
                f" {self.parents.children.entry}. Make a new refresh token whose scopes include it"
                " (see the README), or deselect the stream.",
                Refusal(HTTPStatus.UNAUTHORIZED, SCOPE_MISSING),
            )
            self.logger.warning("%s: %s", self.name, self._unusable, extra=about(self.name))

    def read(self) -> ChildRead:
        """Return what a run reads of the list, by STATE as it is."""
        return ChildRead(
            self.run,
            self.name,
            self.parents.children,
            self.parents.module,
            self.is_full_table,
            self.whole_state,
            self._empty_lists,
        )

    @override
    def emitted_parts(self) -> Iterator[Records]:
        read = self.read()
        properties = {k: v for k, v in self.schema["properties"].items() if k != DELETED_AT}
        normalizer = RowNormalizer({"properties": properties}, self.primary_keys)
        outcome = self.run.report.outcome(self.name)
        with self.run.progress.stream(self.name) as progress:
            emission = _Emission(self, read)
            try:
                for rows in emission.parts(progress.awaited(read.steps())):
                    emitted = [self._row(row, normalizer) for row in rows]
                    gone = sum(row.get(DELETED_AT) is not None for row in emitted)
                    yield Rows(emitted)
                    outcome.emitted(len(emitted) - gone, gone)
                    progress.add(len(emitted) - gone)
            finally:
                emission.end()
                counts = read.counts
                outcome.parents_read, outcome.parents_skipped, outcome.parents_failed = counts
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


class _Emission:
    """Emits steps some at a time, each time after a STATE that knows their children already.

    A run may be killed at any moment, and the next one has to know of every row that the
    destination may have: of those that leave until then nothing else tells.
    """

    def __init__(self, stream: ChildStream, read: ChildRead) -> None:
        self._stream = stream
        self._read = read
        self._state: ChildState = read.state_before  # after what has been emitted

    def parts(self, steps: Iterable[ChildStep]) -> Iterator[Sequence[Mapping[str, Any]]]:
        """Yield the rows of the steps."""
        some: list[ChildStep] = []
        weight = 0
        try:
            for step in steps:
                some.append(step)
                weight += len(step.rows) + _ROWS_PER_STEP
                if step.saves or weight >= _ROWS_PER_STATE:
                    yield from self._emitted(some)
                    some, weight = [], 0
                    if step.saves:
                        self._save()
        except ZohoError:
            # What has been paid for counts.
            yield from self._emitted(some)
            raise
        yield from self._emitted(some)

    def _emitted(self, steps: Sequence[ChildStep]) -> Iterator[Sequence[Mapping[str, Any]]]:
        if any(step.rows for step in steps):
            self._save()
        for step in steps:
            yield step.rows
        if steps:
            self._state = steps[-1].state
            self._read.known.settle()

    def _save(self) -> None:
        if not self._stream.is_full_table:
            self._stream.announce_batches()
            self._read.save(self._state)
            self._stream.write_changed_state()

    def end(self) -> None:
        """Leave STATE as it is after what has been emitted."""
        self._stream.announce_batches()
        if self._state is not self._read.state_before:
            self._read.save(self._state)
            self._stream.state_changed()
