"""What all read paths share: what is asked for, and what comes of it.

Whatever reads records raises a ZohoError where Zoho refuses, where a call failed, or where nothing
shows that none is missing.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.projection import Projection, Record
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.records.refusals import Refusals
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ApiError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import parse

if TYPE_CHECKING:
    from tap_zohocrm_modules.zoho.records.arrow.row_tables import RowTables

SCOPE = "ZohoCRM.modules.READ"

CONVERTED = "Converted__s"

NEVER = datetime(9999, 12, 31, 23, 59, 59, tzinfo=timezone.utc)

SPENT = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"})
"""Codes of tokens that are no good any more: each ends after a day, and is bound to its call."""


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """Which records are wanted: those changed at `since` or later, and before `until`."""

    since: datetime | None  # the last run's cutoff, or None
    # This run's cutoff: what changes from then on belongs to the next run. Reads that do not go by
    # `Modified_Time` may deliver such records all the same.
    until: datetime
    # Nothing has been read to its end before: records without `Modified_Time` are wanted, too.
    unstamped: bool
    # Whether what changes from `until` on is wanted, too: no other run delivers it.
    unending: bool = False

    @property
    def end(self) -> datetime:
        """The first `Modified_Time` that is not wanted.

        A first read has none: clocks that are wrong, and imports, set times that are to come.
        """
        return NEVER if self.unending or self.unstamped else self.until.replace(microsecond=0)

    def holds(self, changed: datetime | None) -> bool:
        """Whether a record is wanted that was changed then; None if it does not say when."""
        if changed is None:
            return self.unstamped
        return (self.since is None or self.since <= changed) and changed < self.end


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Records that came together."""

    records: Records  # the records, whole
    # All records changed before this instant are in this page or one before it; None where the
    # order does not say.
    watermark: datetime | None = None
    # Where a later run goes on after this page; None where it cannot.
    checkpoint: Mapping[str, Any] | None = None
    # Ids of records of which this read path cannot decide every value.
    ambiguous: frozenset[str] = frozenset()
    is_everything: bool = False  # whether the read consists of this page alone
    # Whether the end of the read looks for what this page and others lacked.
    is_rechecked: bool = False


class IncompleteReadError(ZohoError):
    """Records are missing among those read, or may be: to go on from there would not bring them."""


class PathRefusedError(Exception):
    """Zoho refuses the module, or fields by their API names, on a read path; another may do."""

    def __init__(self, path: str, error: ApiError, fields: frozenset[str]) -> None:
        super().__init__(str(error))
        self.path = path
        self.error = error
        self.fields = fields


@dataclasses.dataclass(frozen=True, slots=True)
class Executors:
    """Where calls are made at the same time; to be shut down."""

    single: Executor  # for single calls, which wait for nothing but Zoho
    pages: Executor  # for pages, which may consist of several calls
    width: int  # how many pages of one list are read at a time
    # Called when many pages are about to be read, so that more of them may be read at a time.
    widen: Callable[[], object] = lambda: None


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """The records of one module, for one stream."""

    client: ZohoClient
    module: RecordModule
    # What is wanted of it, `id` first; with `Modified_Time` if the module has it.
    fields: tuple[RecordField, ...]
    stream: str  # the stream that the credits are counted for
    limits: Limits = dataclasses.field(default_factory=Limits)  # the sizes in which it is read
    columnar: bool = False  # records are wanted in Arrow columns, where a read path has them so
    # What Zoho has refused of the module, in this run and before.
    refusals: Refusals = dataclasses.field(default_factory=Refusals)
    # Parameters that Zoho has refused, and that are left out from then on.
    refused: set[str] = dataclasses.field(default_factory=set)
    # API names that were asked for twice, and that rows lack all the same.
    absent: set[str] = dataclasses.field(default_factory=set)
    # Columns of which a value did not fit, and `$` keys that were left out, so far.
    mismatches: set[str] = dataclasses.field(default_factory=set)

    @property
    def path(self) -> str:
        """Where the module's records are called for, below the API's version."""
        return f"/{quote(self.module.api_name, safe='')}"

    @property
    def has_modified_time(self) -> bool:
        """Whether its records say when they were last changed."""
        return self.module.has_modified_time

    @property
    def credits_left(self) -> int | None:
        """How many API credits the run may still spend; None for no bound."""
        return self.client.credits.left

    @property
    def converts(self) -> bool:
        """Whether some of its records may be leads that have been converted."""
        return self.module.api_name == "Leads"

    def projection(self, fields: Sequence[RecordField]) -> Projection:
        """Return what makes records of these fields."""
        private = frozenset(self.module.private)
        return Projection(self.module.api_name, fields, self.mismatches, private=private)

    def tables(self, projection: Projection) -> RowTables | None:
        """Return what makes Arrow columns of rows, by a projection of all fields, if wanted."""
        if not self.columnar:
            return None
        # It needs the extra `arrow`.
        from tap_zohocrm_modules.zoho.records.arrow.row_tables import RowTables  # noqa: PLC0415

        return RowTables(self.fields, projection)

    def of_fields(self, fields: Sequence[RecordField]) -> Source:
        """Return the same with other fields."""
        return dataclasses.replace(self, fields=tuple(fields))

    def key_fields(self) -> tuple[RecordField, ...]:
        """Return the fields by which slices of one record are known to belong together."""
        keys = {ID, MODIFIED_TIME} if self.has_modified_time else {ID}
        return tuple(field for field in self.fields if field.api_name in keys)


def slices(
    fields: Sequence[RecordField], keys: Sequence[RecordField], most: int
) -> list[tuple[RecordField, ...]]:
    """Split fields into slices of at most `most`, each with the keys."""
    if len(fields) <= most:
        return [tuple(fields)]
    names = {field.api_name for field in keys}
    others = [field for field in fields if field.api_name not in names]
    width = most - len(keys)
    return [
        (*keys, *others[begin : begin + width]) for begin in range(0, max(1, len(others)), width)
    ]


def changed_at(record: Record) -> datetime | None:
    """Return when a record was last changed; None if it does not say."""
    time = record.get(MODIFIED_TIME)
    return None if time is None else parse(time)


def by_key(record: Record) -> tuple[str, int, str]:
    """Order by time of change, then by id as a number."""
    return record.get(MODIFIED_TIME) or "", len(record[ID]), record[ID]
