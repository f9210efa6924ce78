"""Times by id, packed so that they fit into STATE: of what was emitted within the lookback."""

from __future__ import annotations

import heapq
from array import array
from collections.abc import Mapping
from datetime import datetime, timezone

from tap_zohocrm_modules.sync.deletions.ids import pack, pack_numbers, unpack, unpack_numbers
from tap_zohocrm_modules.sync.state import StateError
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

MOST_REMEMBERED = 5_000
"""How many records or deletions of a module are remembered; others may be emitted twice."""

_SEPARATOR = "."


def pack_times(
    times: Mapping[str, datetime], digests: Mapping[str, int] | None = None
) -> str | None:
    """Return the latest of these times by id as STATE has them; None for none.

    With `digests`, each has one as well, which is a whole number of eight bytes. Ids that are no
    numbers are left out, and with them what they are there for.
    """
    kept = heapq.nlargest(MOST_REMEMBERED, times.items(), key=lambda one: one[1])
    try:
        ids = id_numbers([record_id for record_id, _ in kept])
    except UnreadableAnswerError:
        return None
    if not ids:
        return None
    seconds = {number: int(time.timestamp()) for number, (_, time) in zip(ids, kept, strict=True)}
    ordered = IdSet(sorted(seconds))
    numbers = ordered.ordered()
    parts = [pack(ordered), pack_numbers(array("Q", (seconds[one] for one in numbers)))]
    if digests is not None:
        parts.append(pack_numbers(array("Q", (digests[str(one)] for one in numbers))))
    return _SEPARATOR.join(parts)


def unpack_times(text: str | None, stream: str) -> dict[str, datetime]:
    """Return the times by id that a text is made of; StateError: it is not made of any."""
    if text is None:
        return {}
    try:
        packed, times, *_ = text.split(_SEPARATOR)
        ids, seconds = unpack(packed).ordered(), unpack_numbers(times)
        found = zip(map(str, ids), seconds, strict=True)
        return {one: datetime.fromtimestamp(second, timezone.utc) for one, second in found}
    except (ValueError, OverflowError, OSError) as error:
        raise _wrong(stream, error) from error


def unpack_digests(text: str | None, stream: str) -> dict[str, int]:
    """Return the digests by id that a text has besides times; StateError: it is made of others."""
    if text is None or text.count(_SEPARATOR) < 2:  # noqa: PLR2004 - ids, times, digests
        return {}
    packed, _, digests = text.split(_SEPARATOR)
    try:
        ids = map(str, unpack(packed).ordered())
        return dict(zip(ids, unpack_numbers(digests), strict=True))
    except ValueError as error:
        raise _wrong(stream, error) from error


def _wrong(stream: str, error: Exception) -> StateError:
    return StateError(
        f"STATE bookmarks.{stream} has a memory of what was emitted last that cannot be"
        f" unpacked ({error}): restore the STATE of the last run, or remove"
        f" bookmarks.{stream} to load the stream anew."
    )
