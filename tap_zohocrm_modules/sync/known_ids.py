"""The ids that a destination has, packed so that they fit into STATE.

Zoho lists 2,000 deletions at most, forgets them after 60 or 120 days, and lists none of subforms
and linking modules. Only who knows which ids were emitted can say which of them are gone.
"""

from __future__ import annotations

import base64
import binascii
import itertools
import zlib
from collections.abc import Iterable, Iterator

_BITS, _MORE = 7, 0x80
_LONGEST_ID = 10 * _BITS
_MOST_BYTES = 100_000_000


def pack(ids: Iterable[str]) -> str:
    """Return ids as text: sorted, each as its distance from the one before, compressed."""
    numbers = sorted({int(record_id) for record_id in ids})
    packed = bytearray()
    for before, number in itertools.pairwise(itertools.chain([0], numbers)):
        distance = number - before
        while distance >= _MORE:
            packed.append(distance & (_MORE - 1) | _MORE)
            distance >>= _BITS
        packed.append(distance)
    return base64.b64encode(zlib.compress(packed, 9)).decode("ascii")


def unpack(text: str) -> set[str]:
    """Return the ids that a text holds.

    Raises:
        ValueError: it was not made by `pack`.
    """
    try:
        compressed = base64.b64decode(text.encode("ascii"), validate=True)
        inflater = zlib.decompressobj()
        packed = inflater.decompress(compressed, _MOST_BYTES)
    except (binascii.Error, zlib.error, UnicodeEncodeError) as error:
        raise ValueError(str(error)) from error
    if not inflater.eof:
        raise ValueError("it is cut off")
    return {str(number) for number in itertools.accumulate(_distances(packed))}


def _distances(packed: bytes) -> Iterator[int]:
    distance = shift = 0
    for byte in packed:
        distance |= (byte & (_MORE - 1)) << shift
        shift += _BITS
        if not byte & _MORE:
            yield distance
            distance = shift = 0
        elif shift > _LONGEST_ID:
            raise ValueError("it holds what is no id")
    if shift:
        raise ValueError("it is cut off")
