"""The rows of BATCH files: Arrow or Parquet, by the extra `arrow`."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import date, datetime, time, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from zohocrm_atlas.model.loaded import TOMBSTONE
from zohocrm_atlas.usage.counter import GONE, Counter, Seen, fingerprint

_BITS = 62


class BatchError(Exception):
    """Files that cannot be read, and why."""


def blocks(manifest: Sequence[str], kind: str) -> Iterator[Any]:
    """The record batches of these files.

    Raises:
        BatchError: One of them cannot be read.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an extra
        import pyarrow.parquet as pq  # noqa: PLC0415
    except ImportError as error:
        raise BatchError("reading files needs the extra arrow") from error
    if kind not in {"arrow", "parquet"}:
        raise BatchError(f"{kind or 'no format'} is not a format that the atlas reads")
    for address in manifest:
        path = unquote(urlsplit(address).path)
        try:
            if kind == "parquet":
                with pq.ParquetFile(path) as file:
                    yield from file.iter_batches()
            else:
                with pa.OSFile(path) as source, pa.ipc.open_file(source) as file:
                    yield from map(file.get_batch, range(file.num_record_batches))
        except (OSError, pa.ArrowException) as error:
            raise BatchError(f"{path} cannot be read ({type(error).__name__})") from error


def rows(block: Any) -> Iterator[dict[str, Any]]:
    """Its rows, with times as texts."""
    for row in block.to_pylist():
        yield {name: _plain(value) for name, value in row.items()}


def count(counter: Counter, block: Any) -> None:
    """Counts the records of a record batch."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    names, total = block.schema.names, block.num_rows
    several = (block[name].cast(pa.string()).to_pylist() for name in counter.keys)
    keys = list(zip(*several, strict=True))
    gone = block[TOMBSTONE].is_valid() if TOMBSTONE in names else pa.array([False] * total)
    masks = [0] * total
    for first in range(0, len(counter.columns), _BITS):
        bits = pa.array([0] * total, pa.int64())
        for number, name in enumerate(counter.columns[first : first + _BITS]):
            if name in names and block[name].null_count < total:
                is_there = block[name].is_valid().cast(pa.int64())
                bits = pc.bit_wise_or(bits, pc.shift_left(is_there, number))
        masks = [mask | found << first for mask, found in zip(masks, bits.to_pylist(), strict=True)]
    # In their order: a record may be gone in one row and back in a later one.
    for key, mask, is_gone in zip(keys, masks, gone.to_pylist(), strict=True):
        if is_gone:
            counter.masks[fingerprint(key)] = GONE
        else:
            counter.note(key, mask)
    alive = block.filter(pc.invert(gone)) if pc.any(gone).as_py() else block
    stamps = alive[counter.stamp] if counter.stamp in names else None
    for number, name in enumerate(counter.columns):
        if name in names and alive[name].null_count < alive.num_rows:
            _note(counter.seen[number], alive[name], stamps)


def _note(seen: Seen, column: Any, stamps: Any) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    if stamps is not None:
        times = pc.min_max(
            stamps if column.null_count == 0 else stamps.filter(column.is_valid())
        ).as_py()
        seen.note_time(_plain(times["min"]), _plain(times["max"]))
    if not seen.many:
        flat = column if not pa.types.is_nested(column.type) else pa.array(map(repr, column))
        for each in flat.value_counts().to_pylist():
            if each["values"] is not None and not seen.many:
                seen.note_value(each["values"], each["counts"])


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(timezone.utc) if value.tzinfo else value
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, (date, time)) else value
