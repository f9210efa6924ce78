"""The one shape of records on their way: rows, columns of values, or columns of Arrow.

Whoever takes records asks them for what it needs, and they say it in the way that is fastest for
what they are.
"""

from __future__ import annotations

import abc
import dataclasses
import itertools
from array import array
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from typing import Any, Protocol

from typing_extensions import override

from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.transport.json_text import json_lines

_ROWS_AT_ONCE = 125


@dataclasses.dataclass(frozen=True, slots=True)
class Changed:
    """When records were last changed, as far as that was at an instant or later.

    Attributes:
        since: The instant.
        untimed: The ids, as numbers, of those that do not say when.
        later: Of those changed then or later, the ids, and when it was.
    """

    since: str
    untimed: array[int]
    later: Sequence[tuple[str, str]]


@dataclasses.dataclass(frozen=True, slots=True)
class Shape:
    """The columns that records are wanted with.

    Attributes:
        nulls: A record without values, which has the wanted columns in their order.
        whole: How many columns a record has at most, those of fields that are not wanted among
            them; one with fewer lacks what Zoho has not sent.
    """

    nulls: Mapping[str, None]
    whole: int

    @property
    def columns(self) -> tuple[str, ...]:
        """The wanted columns, in their order."""
        return tuple(self.nulls)

    def apply(self, record: Record) -> Record:
        """Return a record with every wanted column, in their order."""
        # Three times as fast as asking for each column, which a record has but for a few.
        shaped = {**self.nulls, **record}
        if len(record) < self.whole and DELETED_AT not in record:
            # What Zoho did not send is not a null.
            for column in self.nulls.keys() - record.keys() - {DELETED_AT}:
                del shaped[column]
        if len(shaped) > len(self.nulls):
            for column in record.keys() - self.nulls.keys():
                del shaped[column]
        return shaped


class LineForm(Protocol):
    """How a line looks that has one record in it."""

    @property
    def shape(self) -> Shape:
        """The columns that are wanted."""
        ...

    @property
    def row(self) -> Callable[..., Any]:
        """What makes an object of the values of these columns."""
        ...

    def message(self) -> Callable[[Any], Any]:
        """Return what makes of an object what a line has."""
        ...

    def around(self) -> tuple[bytes, bytes]:
        """Return what is before an object in its line, and what is after it."""
        ...


class Records(Sequence[Record], abc.ABC):
    """Records of one module, and tombstones among them if they are rows.

    Attributes:
        arrow: They as a `pyarrow.RecordBatch` as files have it, if that is what they are.
    """

    arrow: Any | None = None

    @abc.abstractmethod
    def values(self, column: str) -> Sequence[Any]:
        """Return the values of a column; null for records that lack it."""

    @abc.abstractmethod
    def pick(self, ids: Collection[str]) -> Sequence[Record]:
        """Return the records of these ids, in their order."""

    @abc.abstractmethod
    def replacing(self, records: Mapping[str, Record | None]) -> Records:
        """Return the same records, but for those of some ids: these, or none for None."""

    @abc.abstractmethod
    def lines(self, form: LineForm) -> Iterator[tuple[int, bytes]]:
        """Yield lines, each of a record, and how many; some at a time."""

    def numbers(self) -> array[int]:
        """Return the ids as numbers."""
        return array("Q", map(int, self.values(ID)))

    def changed_before(self, until: str) -> Iterable[bool]:
        """Return whether each was last changed before an instant, or does not say when."""
        return [(time or "") < until for time in self.values(MODIFIED_TIME)]

    def untimed(self) -> array[int]:
        """Return the ids, as numbers, of those that do not say when they were last changed."""
        times = self.values(MODIFIED_TIME)
        if all(times):
            return array("Q")
        return array("Q", itertools.compress(self.numbers(), (not time for time in times)))

    def changed(self, since: str) -> Changed:
        """Return when they were last changed, as far as that was at an instant or later."""
        times, later = self.values(MODIFIED_TIME), list[tuple[str, str]]()
        if max(filter(None, times), default="") >= since:
            both = zip(self.values(ID), times, strict=True)
            later = [one for one in both if (one[1] or "") >= since]
        return Changed(since, array("Q") if all(times) else self.untimed(), later)

    def existing(self) -> Sequence[str]:
        """Return the ids of those that are not tombstones."""
        existing: Sequence[str] = self.values(ID)
        return existing

    def tombstones(self) -> Sequence[str]:
        """Return the ids of those that are tombstones."""
        return ()


class Rows(list[Record], Records):
    """Records one by one."""

    @override
    def values(self, column: str) -> Sequence[Any]:
        return [record.get(column) for record in self]

    @override
    def pick(self, ids: Collection[str]) -> Sequence[Record]:
        return [record for record in self if record[ID] in ids]

    @override
    def replacing(self, records: Mapping[str, Record | None]) -> Rows:
        replaced = (records.get(record[ID], record) for record in self)
        return Rows(record for record in replaced if record is not None)

    @override
    def lines(self, form: LineForm) -> Iterator[tuple[int, bytes]]:
        for begin in range(0, len(self), _ROWS_AT_ONCE):
            some = map(form.shape.apply, self[begin : begin + _ROWS_AT_ONCE])
            messages = list(map(form.message(), some))
            yield len(messages), json_lines(messages)

    @override
    def existing(self) -> Sequence[str]:
        return [record[ID] for record in self if record.get(DELETED_AT) is None]

    @override
    def tombstones(self) -> Sequence[str]:
        return [record[ID] for record in self if record.get(DELETED_AT) is not None]
