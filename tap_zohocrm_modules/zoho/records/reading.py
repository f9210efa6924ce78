"""What all ways of reading records share: what is asked for, and what comes of it."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime
from typing import Any

from tap_zohocrm_modules.zoho.records.model import (
    ID,
    MODIFIED_TIME,
    RecordField,
    RecordModule,
)
from tap_zohocrm_modules.zoho.records.projection import Projection, Record
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ApiError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

SCOPE = "ZohoCRM.modules.READ"
COQL_SCOPE = f"ZohoCRM.coql.READ {SCOPE}"
BULK_SCOPE = f"ZohoCRM.bulk.READ {SCOPE}"

CONVERTED = "Converted__s"

NEVER = "9999-12-31T23:59:59Z"

SPENT = frozenset({"EXPIRED_VALUE", "TOKEN_BOUND_DATA_MISMATCH"})
"""Codes of tokens that are no good any more: each ends after a day, and is bound to its call."""


@dataclasses.dataclass(frozen=True, slots=True)
class Window:
    """Which records are wanted: those changed at `since` or later, and before `until`.

    Attributes:
        since: The last run's cut, or None.
        until: This run's cut: what changes from then on belongs to the next run. Reads that do not
            go by `Modified_Time` may give such records all the same.
        unstamped: Whether records without `Modified_Time` are wanted, too.
        unending: Whether what changes from `until` on is wanted, too: no other run need give it.
    """

    since: datetime | None
    until: datetime
    unstamped: bool
    unending: bool = False

    @property
    def end(self) -> str:
        """The first `Modified_Time` that is not wanted."""
        return NEVER if self.unending else rfc3339(self.until)


@dataclasses.dataclass(frozen=True, slots=True)
class Page:
    """Records that came together.

    Attributes:
        records: The records, whole.
        watermark: All records changed before this instant (as `2025-04-24T17:32:20Z`) have been
            given, by this page and those before; None where the order does not tell.
        position: Where to go on after this page in a later run; None where it cannot.
        ambiguous: Ids of records of which this way of reading cannot tell every value.
    """

    records: Sequence[Record]
    watermark: str | None = None
    position: Mapping[str, Any] | None = None
    ambiguous: frozenset[str] = frozenset()


class PathRefusedError(Exception):
    """One way of reading is not to be had; another one may be.

    Attributes:
        path: The way.
        error: Zoho's refusal.
        fields: API names of the fields that are refused; empty when it is the module.
    """

    def __init__(self, path: str, error: ApiError, fields: frozenset[str]) -> None:
        super().__init__(str(error))
        self.path = path
        self.error = error
        self.fields = fields


@dataclasses.dataclass(frozen=True, slots=True)
class Calls:
    """Where calls are made at the same time; to be shut down.

    Attributes:
        single: For single calls, which wait for nothing but Zoho.
        pages: For pages, which may consist of several calls.
        width: How many pages of one list are read at a time.
    """

    single: Executor
    pages: Executor
    width: int


@dataclasses.dataclass(frozen=True, slots=True)
class Source:
    """The records of one module, for one stream.

    Attributes:
        client: The organisation.
        module: The module.
        fields: What is wanted of it, `id` first; with `Modified_Time` if the module has it.
        stream: Whom the ledger charges.
        refused: Parameters that Zoho has refused, and which are done without from then on.
    """

    client: ZohoClient
    module: RecordModule
    fields: tuple[RecordField, ...]
    stream: str
    refused: set[str] = dataclasses.field(default_factory=set)

    @property
    def has_modified_time(self) -> bool:
        """Whether its records say when they were last changed."""
        return self.module.has_modified_time

    @property
    def converts(self) -> bool:
        """Whether some of its records may be leads that have been converted."""
        return self.module.api_name == "Leads"

    def projection(self, fields: Sequence[RecordField]) -> Projection:
        """Return what makes records of these fields."""
        return Projection(self.module.api_name, fields)

    def of_fields(self, fields: Sequence[RecordField]) -> Source:
        """Return the same with other fields."""
        return dataclasses.replace(self, fields=tuple(fields))

    def key_fields(self) -> tuple[RecordField, ...]:
        """Return the fields by which slices of one record are known to belong together."""
        keys = {ID, MODIFIED_TIME} if self.has_modified_time else {ID}
        return tuple(field for field in self.fields if field.api_name in keys)

    def call(self, path: str, scope: str = SCOPE, **more: Any) -> Call:
        """Return a call below the module, or elsewhere for a path that begins with two slashes."""
        return Call(path=path, scope=scope, stream=self.stream, **more)


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


def by_key(record: Record) -> tuple[str, int, str]:
    """Order by time of change, then by id as a number."""
    return record.get(MODIFIED_TIME) or "", len(record[ID]), record[ID]
