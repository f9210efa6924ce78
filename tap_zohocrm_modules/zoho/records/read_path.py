"""What a read path is: one way to read a module, behind one protocol.

To add one, write a class of this protocol and name it in `read_paths.py`.
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Collection, Iterator, Mapping, Sequence
from typing import Any, Protocol

from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.queries import Queries, WholeQueries
from tap_zohocrm_modules.zoho.records.reading import Executors, Page, Source, Window
from tap_zohocrm_modules.zoho.transport.errors import ZohoError

# Zoho is seen to refuse these on some read paths: asking would cost a call each time.
_ONLY_LISTED = frozenset(
    {
        *("Notes", "Attachments", "Emails", "CTI_Entry", "Functions__s", "Locking_Information__s"),
        *("Email_Analytics", "Email_Template_Analytics", "Email_Sentiment", "Entity_Scores__s"),
    }
)
_ONLY_LISTED_KINDS = frozenset({"linking"})
# Their exports are seen to lack records.
_NEVER_EXPORTED_KINDS = frozenset({"field_tracker", "picklisttracker"})


class ReadPath(Protocol):
    """One way to read a module."""

    name: str  # as the setting `read_path` and STATE spell it
    label: str  # as the log spells it
    rank: int  # of paths that cost the same, the one with the lowest rank is taken
    max_fields: int | None = None  # how many fields it can deliver; None for any number
    # It delivers every field whole, and converted leads, so that nothing is added.
    is_complete: bool = False
    suits_increments: bool = True  # it answers at once, so that a few changes are no trouble
    refusal_credits: int = 1  # what a call takes in which Zoho refuses a field
    scopes: str = ""  # what the token must have beyond the scope of records, with blanks between
    # What the token needs these scopes for, beside others; empty for the scope of records.
    benefit: str = ""
    # The names of the paths that may take over where only this one is wanted.
    fallbacks: tuple[str, ...] = ()
    # Makes what can be asked about the records of a source; None if this path only reads them.
    queries: Callable[[Source], Queries] | None = None

    def reads(self, module: RecordModule) -> bool:
        """Whether it is worth a try: Zoho is not known to refuse the module."""
        ...

    def delivers(self, field: RecordField) -> bool:
        """Whether it is known to deliver a field whole."""
        return self.name not in field.missing_on

    def credits(self, fields: Sequence[RecordField], records: int) -> int:
        """Return about how many API credits it takes to read so many records of these fields."""
        ...

    def credits_to_checkpoint(
        self, fields: Sequence[RecordField], records: int, *, by_time: bool
    ) -> int:
        """Return about how many credits it takes until a later run can go on from there.

        `by_time` says whether the records have `Modified_Time`.
        """
        ...

    def pages(self, reading: Reading) -> Iterator[Page]:
        """Yield the records of a window, from a checkpoint on if there is one.

        Raises:
            PathRefusedError: Zoho refuses the module, or some of its fields, on this path.
        """
        ...


@dataclasses.dataclass(frozen=True, slots=True)
class PathPlan:
    """A read path for certain fields."""

    path: ReadPath
    fields: tuple[RecordField, ...]  # the fields that it delivers
    lacking: tuple[RecordField, ...]  # the fields that Get Records has to add
    limits: Limits

    @classmethod
    def for_fields(
        cls,
        path: ReadPath,
        fields: Sequence[RecordField],
        limits: Limits,
        refused: Collection[str] = (),
        empty: Collection[str] = (),
    ) -> PathPlan:
        """Return the plan to read these fields.

        Of these Zoho has `refused` some on this path, and no record fills the `empty` ones, by
        their columns: a path that does not deliver all fields reads without them.
        """
        keys = {ID, MODIFIED_TIME}
        left_out = () if path.is_complete else empty
        read = [
            field
            for field in fields
            if path.delivers(field)
            and field.request_name not in refused
            and field.column not in left_out
        ]
        # Keys first: what is too much is read by Get Records.
        read.sort(key=lambda field: field.api_name not in keys)
        columns = {field.column for field in read[: path.max_fields]}
        return cls(
            path,
            tuple(field for field in fields if field.column in columns),
            tuple(f for f in fields if f.column not in columns and f.column not in empty),
            limits,
        )

    def part_of(self, source: Source) -> Source:
        """Return a module with the fields that the path reads."""
        return source.of_fields(self.fields)

    def credits(self, records: int) -> int:
        """Return about how many API credits it takes to read so many records."""
        return self.path.credits(self.fields, records) + self.completion(records)

    def credits_to_checkpoint(self, records: int, *, by_time: bool) -> int:
        """Return about how many credits it takes until a later run can go on from there."""
        more = self.completion(min(records, self.limits.query_credits[-1][0]))
        return more + self.path.credits_to_checkpoint(self.fields, records, by_time=by_time)

    def completion(self, records: int) -> int:
        """Return how many of those credits complete what the path lacks."""
        if not self.lacking:
            return 0
        return self.limits.slices(len(self.lacking)) * -(-max(records, 1) // self.limits.list_ids)


@dataclasses.dataclass(frozen=True, slots=True)
class Reading:
    """What a path is asked to read."""

    source: Source  # the module, and all that is wanted of it
    plan: PathPlan  # which fields the path reads
    window: Window  # which records are wanted
    executors: Executors  # where calls are made at the same time
    # Where an earlier run's read goes on, as a page of this path had it.
    checkpoint: Mapping[str, Any] | None = None
    # Returns how many records there are, None while that is not known.
    expected: Callable[[], int | None] = lambda: None
    # What another path can be asked about the records, if there is one that can be asked.
    queries: WholeQueries | None = None
    converted: bool = False  # only converted leads are wanted, of a path that is complete

    def wrong_checkpoint(self, value: object) -> ZohoError:
        """Return the error for a checkpoint that this path has not written."""
        return ZohoError(
            f"{self.source.stream}: STATE has {str(value)[:40]!r} in its position, which the read"
            f" path {self.plan.path.name} does not write. Remove the stream's part of STATE to load"
            " it anew."
        )


def is_only_listed(module: RecordModule) -> bool:
    """Whether only Get Records delivers the module's records."""
    return module.api_name in _ONLY_LISTED or module.kind in _ONLY_LISTED_KINDS


def is_never_exported(module: RecordModule) -> bool:
    """Whether Bulk Read does not deliver all of the module's records."""
    return is_only_listed(module) or module.kind in _NEVER_EXPORTED_KINDS
