"""The children that a destination has of each parent, packed so that they fit into STATE.

Nothing tells that a child has left its parent but that it is not there any more.
"""

from __future__ import annotations

import base64
import binascii
import json
import logging
import zlib
from collections.abc import Collection, Iterable, Iterator, Sequence

from tap_zohocrm_modules.sync.state import StateError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

_MOST = 1_500_000
"""Characters that the children of one stream may take in STATE."""

_MOST_BYTES = 200_000_000


class KnownChildren:
    """Keys of the children that have been emitted, by parent.

    Args:
        stream: The stream, for the log.
        packed: What STATE has of them; None where they are not known.
        unsettled: The ids of parents whose rows a destination may lack, though their keys are kept.
    """

    def __init__(self, stream: str, packed: str | None, unsettled: Iterable[str] = ()) -> None:
        self._stream = stream
        self._of: dict[int, tuple[str, ...]] | None = None
        # What a destination has until the rows are emitted that say otherwise.
        self._leaving: dict[int, set[str]] = {}
        self._unsettled = {*map(int, unsettled)}
        self._learnt: set[int] = set()  # since the last rows were emitted
        if packed is not None:
            try:
                self._of = {parent: tuple(keys) for parent, keys in _unpacked(packed)}
            except (ValueError, TypeError, zlib.error, binascii.Error) as error:
                raise StateError(
                    f"STATE has children that cannot be unpacked ({error}): restore the STATE of"
                    " the last run, or remove the stream's part of it to load the stream anew."
                ) from error

    @property
    def are_kept(self) -> bool:
        """Whether it is known which children a destination has."""
        return self._of is not None

    def begin(self) -> None:
        """Note that a read of everything begins, of an empty destination."""
        self._of = {}

    def keys_of(self, parent_id: str) -> Sequence[str]:
        """Return the keys of a parent's children, in their order; none where they are not kept."""
        return () if self._of is None else self._of.get(int(parent_id), ())

    def parents(self) -> set[int]:
        """Return the ids of the parents that have children."""
        return {*(self._of or ())}

    def sizes(self) -> list[int]:
        """Return how many children each parent has that has some, in no order."""
        return [len(keys) for keys in (self._of or {}).values()]

    def learn(self, parent_id: str, keys: Collection[str]) -> None:
        """Keep these keys of a parent's children from now on, and others until `settle`."""
        if self._of is None:
            return
        self._unsettled.add(int(parent_id))
        self._learnt.add(int(parent_id))
        if left := {*self.keys_of(parent_id)} - {*keys}:
            self._leaving.setdefault(int(parent_id), set()).update(left)
        if keys:
            self._of[int(parent_id)] = tuple(sorted(keys))
        else:
            self._of.pop(int(parent_id), None)

    def settled(self, parent_id: str) -> Sequence[str]:
        """Return the keys of a parent's children whose rows a destination has for sure."""
        return () if int(parent_id) in self._unsettled else self.keys_of(parent_id)

    @property
    def unsettled(self) -> list[str]:
        """The ids of parents whose rows a destination may lack, though their keys are kept."""
        return [str(one) for one in sorted(self._unsettled)]

    def settle(self) -> None:
        """Note that the rows of all that has been learnt are emitted, tombstones among them."""
        self._leaving.clear()
        self._unsettled -= self._learnt
        self._learnt.clear()

    def packed(self) -> str | None:
        """Return them as STATE has them, None where they are not kept: they would be too many.

        All that a destination may have is there, whenever a run that goes on is killed.
        """
        if self._of is None:
            return None
        every = dict(self._of)
        for parent, keys in self._leaving.items():
            every[parent] = tuple({*every.get(parent, ()), *keys})
        text = _packed(sorted(every.items()))
        if len(text) > _MOST:
            self._of = None
            logger.warning(
                "%s: too many children to keep in STATE: rows that leave their records from now on"
                " stay in the destination until the stream is loaded anew, or read as FULL_TABLE.",
                self._stream,
                extra=about(self._stream),
            )
            return None
        return text


def _packed(known: Iterable[tuple[int, Sequence[str]]]) -> str:
    """Return keys as text: ids as their distances from the one before, compressed."""
    last, rows = 0, []
    for parent, keys in known:
        rows.append([parent - last, *_distances(keys)])
        last = parent
    content = json.dumps(rows, separators=(",", ":")).encode("ascii")
    return base64.b64encode(zlib.compress(content, 9)).decode("ascii")


def _distances(keys: Sequence[str]) -> list[int | str]:
    # What is not a number in Zoho's spelling is kept as it is.
    numbers = sorted(int(key) for key in keys if key.isdecimal() and str(int(key)) == key)
    texts = sorted({*keys} - {*map(str, numbers)})
    return [*(one - before for one, before in zip(numbers, [0, *numbers], strict=False)), *texts]


def _unpacked(text: str) -> Iterator[tuple[int, list[str]]]:
    inflater = zlib.decompressobj()
    content = inflater.decompress(base64.b64decode(text, validate=True), _MOST_BYTES)
    if not inflater.eof:
        raise ValueError("they are cut off")
    parent = 0
    for distance, *keys in json.loads(content):
        parent += distance
        number, found = 0, []
        for key in keys:
            if isinstance(key, int):
                number += key
            found.append(str(number) if isinstance(key, int) else str(key))
        yield parent, found
