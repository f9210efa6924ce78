"""What can be read by name: a module's records, metadata, deletions, children of records."""

from __future__ import annotations

import abc
import dataclasses
import logging
from collections.abc import Iterator, Sequence
from datetime import datetime
from typing import Any, ClassVar

from typing_extensions import override

from tap_zohocrm_modules.arrow_reader.columns import Columns
from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.sync.children.lists import ParentModule, child_schema
from tap_zohocrm_modules.sync.children.read import ChildRead
from tap_zohocrm_modules.sync.module.plan import ModulePlan
from tap_zohocrm_modules.sync.module.schema import record_schema
from tap_zohocrm_modules.sync.record_modules import tracked_modules
from tap_zohocrm_modules.sync.rows.deleted import (
    DELETED_TIME,
    SCHEMA,
    DeletedRows,
    deleted_row,
)
from tap_zohocrm_modules.sync.rows.metadata import MetadataRows
from tap_zohocrm_modules.sync.rows.normalize import RowNormalizer, warn_of_extras
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import VERSION, ChildState, ModuleState
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.zoho.metadata import Endpoint
from tap_zohocrm_modules.zoho.records.conversions import TypeMismatchError
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordModule
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.errors import REPORT, UnreadableAnswerError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import parse

logger = logging.getLogger(__name__)


@dataclasses.dataclass(eq=False)
class Readable(abc.ABC):
    """Something that can be read, in one run of its own."""

    run: Run
    name: str

    @property
    @abc.abstractmethod
    def columns(self) -> Columns:
        """All its columns."""

    @property
    @abc.abstractmethod
    def keys(self) -> Sequence[str]:
        """The columns that come in any case."""

    @property
    @abc.abstractmethod
    def time(self) -> str | None:
        """What says when something was last changed; None: nothing does."""

    @property
    def expected(self) -> int | None:
        """How many rows there will be; None while that is not known."""
        return None

    @abc.abstractmethod
    def rows(self, columns: Columns, since: datetime | None) -> Iterator[Records]:
        """Yield the rows, some at a time; with `since` those changed then or later.

        They may have more columns than these, and lack some that are null.

        Raises:
            ZohoError: they cannot be read whole.
        """


@dataclasses.dataclass(eq=False)
class ModuleRecords(Readable):
    """The records of a module."""

    module: RecordModule
    _plan: ModulePlan | None = dataclasses.field(default=None, init=False)

    @property
    @override
    def columns(self) -> Columns:
        found: Columns = record_schema(self.module, tombstones=False)["properties"]
        return found

    @property
    @override
    def keys(self) -> Sequence[str]:
        return (ID, MODIFIED_TIME)

    @property
    @override
    def time(self) -> str | None:
        return MODIFIED_TIME if self.module.has_modified_time else None

    @property
    @override
    def expected(self) -> int | None:
        return None if self._plan is None else self._plan.read.pages.expected

    @override
    def rows(self, columns: Columns, since: datetime | None) -> Iterator[Records]:
        self._plan = plan = self._planned(columns, since)
        if plan.begins:
            plan.ids.begin()
        records = 0
        for page in plan.read.pages.from_start(plan.start):
            plan.ids.add(page.records.existing())
            records += len(page.records)
            yield page.records
        if absent := plan.source.absent:
            raise ZohoError(
                f"{self.name}: Zoho leaves {', '.join(sorted(absent))} out of its rows, though"
                " asked for twice, and a table has no place for what is neither a value nor null:"
                " leave these columns out of fields."
            )
        if since is None:
            for page in plan.reconcile(records):
                yield plan.ids.unknown(page.records)
        warn_of_extras(
            self.name, {n for n in plan.source.mismatches if not n.startswith("$")}, logger
        )

    def _planned(self, columns: Columns, since: datetime | None) -> ModulePlan:
        part = StatePart({}, self.name, ModuleState, self.run.environment)
        if since is not None:
            part.write(
                ModuleState(version=VERSION, replication_key=self.time, replication_key_value=since)
            )
        return ModulePlan(
            self.run,
            self.name,
            self.module,
            tuple(
                field
                for field in self.module.fields
                if field.api_name in self.keys or field.column in columns
            ),
            self.time,
            makes_version=False,
            part=part,
            emits_tombstones=False,
            new_version=None,
        )


@dataclasses.dataclass(eq=False)
class Normalized(Readable):
    """Rows that are brought into a schema one by one."""

    @override
    def rows(self, columns: Columns, since: datetime | None) -> Iterator[Records]:
        normalizer = RowNormalizer({"properties": self.columns}, self.keys)
        try:
            yield from self.normalized(normalizer, since)
        except TypeMismatchError as error:
            raise UnreadableAnswerError(f"Zoho answered with {error}. {REPORT}") from error
        finally:
            warn_of_extras(self.name, normalizer.extras, logger)

    @abc.abstractmethod
    def normalized(self, normalizer: RowNormalizer, since: datetime | None) -> Iterator[Records]:
        """Yield the rows; see `rows`."""


@dataclasses.dataclass(eq=False)
class Metadata(Normalized):
    """The rows of an endpoint."""

    endpoint: Endpoint

    @property
    @override
    def columns(self) -> Columns:
        found: Columns = load_schema(self.endpoint.name)["properties"]
        return found

    @property
    @override
    def keys(self) -> Sequence[str]:
        return self.endpoint.keys

    @property
    @override
    def time(self) -> str | None:
        return self.endpoint.modified

    @override
    def normalized(self, normalizer: RowNormalizer, since: datetime | None) -> Iterator[Records]:
        rows = MetadataRows(self.run, self.endpoint)
        for row in rows.arranged(map(normalizer, rows.rows())):
            changed = None if self.time is None else row.get(self.time)
            if since is None or changed is None or parse(changed) >= since:
                yield Rows([row])


@dataclasses.dataclass(eq=False)
class Deletions(Readable):
    """The deletions in all modules."""

    keys: ClassVar[Sequence[str]] = ("module_api_name", ID, "type")
    time: ClassVar[str] = DELETED_TIME
    columns: ClassVar[Columns] = SCHEMA["properties"]

    @override
    def rows(self, columns: Columns, since: datetime | None) -> Iterator[Records]:
        cutoff = self.run.cutoff
        rows = DeletedRows(self.run)
        begin = since or self.run.settings.start_date
        for module, found in rows.found(dict.fromkeys(tracked_modules(self.run), begin)):
            ended = [one for one in found if one.deleted_time < cutoff]
            yield Rows(deleted_row(module, one, self.run.privacy) for one in ended)
        rows.check()


@dataclasses.dataclass(eq=False)
class ChildRows(Normalized):
    """The children of a module's records, of one kind."""

    parents: ParentModule

    @property
    @override
    def columns(self) -> Columns:
        found: Columns = child_schema(self.parents, tombstones=False)["properties"]
        return found

    @property
    @override
    def keys(self) -> Sequence[str]:
        return self.parents.children.kind.keys

    @property
    @override
    def time(self) -> str | None:
        """The parents' time of change."""
        return MODIFIED_TIME

    @override
    def normalized(self, normalizer: RowNormalizer, since: datetime | None) -> Iterator[Records]:
        state: dict[str, Any] = {}
        children, module = self.parents.children, self.parents.module
        if since is not None:
            StatePart(state, self.name, ChildState).write(
                ChildState(
                    version=VERSION,
                    replication_key=MODIFIED_TIME,
                    replication_key_value=since,
                    child_list=children.entry,
                )
            )
        read = ChildRead(self.run, self.name, children, module, since is None, state)
        for step in read.steps():
            yield Rows(normalizer(row) for row in step.rows)
