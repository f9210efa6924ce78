"""What Zoho counts of the related lists that a run sweeps, where that is cheaper than to read them.

A sweep reads each record's rows again, in lists that few records have anything in. One count tells
of several lists. Zoho documents neither how late a count is nor which rows it leaves out. So a
count alone says nothing: a record is passed over where the last read found nothing either, and some
of these are read nonetheless.
"""

from __future__ import annotations

import dataclasses
import functools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import datetime
from typing import Protocol

from tap_zohocrm_modules.sync.children.known import KnownChildren
from tap_zohocrm_modules.sync.children.lists import related_lists
from tap_zohocrm_modules.sync.children.parents import Parent, Parents, batches
from tap_zohocrm_modules.zoho.children.composite import MOST_PARTS
from tap_zohocrm_modules.zoho.children.counts import MOST_LISTS, counted_empty
from tap_zohocrm_modules.zoho.children.lists import LEADS, ChildList
from tap_zohocrm_modules.zoho.children.reader import ChildReader, Children
from tap_zohocrm_modules.zoho.records.count import count_by_api
from tap_zohocrm_modules.zoho.transport.errors import (
    AbandonedError,
    RunEndError,
    TokenRefusedError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

_ONE_IN = 20
"""Of so many records that are counted empty one is read nonetheless."""

_WORTH = 0.8
"""What counting may cost at the most, of what reading all costs."""

_MOST_KEPT = 500_000
_NONE: frozenset[str] = frozenset()


class Sweep(Protocol):
    """What is to be known of a read of a list that may be a sweep."""

    children: ChildList
    known: KnownChildren
    parents: Parents

    @property
    def sweeps(self) -> bool:
        """Whether the read is a sweep that may rely on counts."""
        ...


@dataclasses.dataclass(eq=False)
class EmptyLists:
    """Counts of one run, which all streams of a module's lists share; for one thread."""

    # What a run reads of each list, by stream; None for lists that it does not read.
    reads: dict[str, Callable[[], Sweep | None]] = dataclasses.field(default_factory=dict)

    def __post_init__(self) -> None:
        self._empty: dict[str, dict[int, frozenset[str]]] = {}  # by module and record
        self._ids: dict[str, Mapping[str, str]] = {}  # of the lists that are counted, by module
        self._false: set[str] = set()  # modules whose counts are not believed any more

    def marked(self, read: Sweep, stream: str, parents: Iterator[Parent]) -> Iterator[Parent]:
        """Yield the records of a sweep, marked where there is nothing to be read."""
        module, name, counter = read.children.module, read.children.name, 0
        if module not in self._ids:
            self._ids[module] = self._chosen(read, stream)
            found = self._counted(read, stream, parents)
        else:
            kept = self._empty.get(module, {})
            found = ((one, kept.get(int(one.id), _NONE)) for one in parents)
        for parent, empty in found:
            passes = (
                name in empty and module not in self._false and not read.known.keys_of(parent.id)
            )
            counter += passes
            yield dataclasses.replace(parent, is_empty=passes and counter % _ONE_IN != 0)

    def contradict(self, read: Sweep, stream: str, parent_id: str) -> bool:
        """Note that a record has rows; returns whether a count has said that it has none."""
        module, name = read.children.module, read.children.name
        if name not in self._empty.get(module, {}).get(int(parent_id), _NONE):
            return False
        if module not in self._false:
            self._false.add(module)
            logger.warning(
                "%s: Zoho counts no rows of %s for the record %s, which has some: its counts are"
                " not relied on any more, and the next run reads all records.",
                stream,
                read.children.entry,
                parent_id,
                extra=about(stream),
            )
        return True

    def _chosen(self, read: Sweep, stream: str) -> Mapping[str, str]:
        """Return the ids of the lists that are worth being counted, by name; none if none are."""
        reads = [other for make in self.reads.values() if (other := make()) is not None]
        swept = {
            other.children.name: len(other.known.parents())
            for other in reads
            if other.children.module == read.children.module
            and other.children.kind.is_counted
            and other.children.children != LEADS
            and other.known.are_kept
            and other.sweeps
        }
        if len(swept) < 2 or read.children.name not in swept:  # noqa: PLR2004 - a count is a call
            return {}
        try:
            every = count_by_api(read.parents.source)
            rows = related_lists(read.parents.run.client, read.children.module)
        except (RunEndError, AbandonedError, TokenRefusedError):
            raise
        except ZohoError as error:
            logger.info("%s: records are not counted: %s", stream, error)
            return {}
        ids = {str(row.get("api_name")): str(row.get("id")) for row in rows if row.get("id")}
        lists = {name: ids[name] for name in [*swept][:MOST_LISTS] if name in ids}
        left = read.parents.run.client.credits.left
        without = len(lists) * (every or 0) / MOST_PARTS
        filled = sum(max(swept[name], (every or 0) / _ONE_IN) for name in lists)
        price = ((every or 0) + filled) / MOST_PARTS
        if price > _WORTH * without or (left is not None and left < without + MOST_PARTS):
            return {}
        logger.info(
            "%s: Zoho counts which records have nothing in %s: about %d credits in place of %d.",
            stream,
            " and ".join(lists),
            price,
            without,
        )
        return lists

    def _counted(
        self, read: Sweep, stream: str, parents: Iterator[Parent]
    ) -> Iterator[tuple[Parent, frozenset[str]]]:
        module = read.children.module
        ids, kept = self._ids[module], self._empty.setdefault(module, {})
        if not ids:
            yield from ((one, _NONE) for one in parents)
            return
        run, ahead = read.parents.run, list[Sequence[Parent]]()
        names: dict[frozenset[str], frozenset[str]] = {}

        def calls() -> Iterator[Callable[[], list[frozenset[str]]]]:
            for batch in batches(parents, MOST_PARTS):
                ahead.append(batch)
                yield functools.partial(self._count, read, stream, [one.id for one in batch])

        width = max(1, run.executors.width // MOST_PARTS)
        for found in Prefetch(run.executors.pages, calls(), width):
            for parent, empty in zip(ahead.pop(0), found, strict=True):
                if empty and len(kept) < _MOST_KEPT:
                    kept[int(parent.id)] = names.setdefault(empty, empty)
                yield parent, kept.get(int(parent.id), _NONE)

    def _count(self, read: Sweep, stream: str, parents: Sequence[str]) -> list[frozenset[str]]:
        nothing = [_NONE] * len(parents)
        module = read.children.module
        if module in self._false:
            return nothing
        try:
            client = read.parents.run.client
            return counted_empty(client, read.children, self._ids[module], parents, stream)
        except (RunEndError, AbandonedError, TokenRefusedError):
            raise
        except ZohoError as error:
            self._false.add(module)
            logger.info("%s: records are not counted any more: %s", stream, error)
            return nothing


def read_asked(
    reader: ChildReader, batch: Sequence[Parent], since: datetime | None
) -> list[Children]:
    """Return what some parents have, those that are empty unasked, as `ChildReader.read` says."""
    read = reader.read([one.id for one in batch if not one.is_empty], since)
    found = {one.parent_id: one for one in read}
    found |= {one.id: Children(one.id) for one in batch if one.is_empty}
    return [found[one.id] for one in batch if one.id in found]
