"""The rows of BATCH files: Arrow or Parquet, by the extra `arrow`."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime, time, timezone
from typing import Any
from urllib.parse import unquote, urlsplit

from zohocrm_atlas.identity import OWN, SHORTEST
from zohocrm_atlas.model.loaded import TOMBSTONE
from zohocrm_atlas.usage.counter import MOST_DISTINCT, Counter, Seen
from zohocrm_atlas.usage.packed import GROUP, fingerprint

_ROWS = 10_000


class BatchError(Exception):
    """Files that cannot be read, and why."""


def blocks(manifest: Sequence[str], kind: str) -> Iterator[Any]:
    """What is in these files, as tables of some thousand rows.

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
                    yield from _larger(file.iter_batches())
            else:
                with pa.OSFile(path) as source, pa.ipc.open_file(source) as file:
                    yield from _larger(map(file.get_batch, range(file.num_record_batches)))
        except (OSError, pa.ArrowException) as error:
            raise BatchError(f"{path} cannot be read ({type(error).__name__})") from error


def _larger(several: Iterable[Any]) -> Iterator[Any]:
    """Tables of some of these: each call of a kernel costs more than a thousand rows do."""
    import pyarrow as pa  # noqa: PLC0415

    waiting: list[Any] = []
    for block in several:
        waiting.append(block)
        if sum(each.num_rows for each in waiting) >= _ROWS:
            yield pa.Table.from_batches(waiting)
            waiting.clear()
    if waiting:
        yield pa.Table.from_batches(waiting)


def rows(block: Any) -> Iterator[dict[str, Any]]:
    """Its rows, with times as texts."""
    for row in block.to_pylist():
        yield {name: _plain(value) for name, value in row.items()}


def by_prefix(block: Any, column: str) -> Iterator[tuple[str, Any]]:
    """The rows of a table, apart by how the ids in a column begin."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    if column not in block.schema.names:
        yield "", block
        return
    ids = block[column].cast(pa.string()).fill_null("")
    is_one = pc.and_(pc.ascii_is_decimal(ids), pc.greater_equal(pc.binary_length(ids), SHORTEST))
    prefixes = pc.if_else(is_one, pc.utf8_slice_codeunits(ids, 0, -OWN), "")
    several = prefixes.unique().to_pylist()
    for each in several:
        yield each, block if len(several) == 1 else block.filter(pc.equal(prefixes, each))


def count(counter: Counter, block: Any) -> None:
    """Counts the records of a table."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    names, total = block.schema.names, block.num_rows
    gone = block[TOMBSTONE].is_valid() if TOMBSTONE in names else pa.array([False] * total)
    some_gone = pc.any(gone).as_py()
    # In their order: a record may be gone in one row and back in a later one.
    bits = _bits(counter, block, gone if some_gone else None)
    counter.records.add_all(_fingerprints(block, counter.keys), bits)
    alive = block.filter(pc.invert(gone)) if some_gone else block
    stamps = alive[counter.stamp] if counter.stamp in names else None
    times = _times(stamps) if stamps is not None else ("", "")
    for name, seen in zip(counter.columns, counter.seen, strict=True):
        if name not in names or (empty := alive[name].null_count) == alive.num_rows:
            continue
        if empty and stamps is not None:
            seen.note_time(*_times(stamps.filter(alive[name].is_valid())))
        else:
            seen.note_time(*times)
        _note(seen, alive[name])


def _fingerprints(block: Any, keys: Sequence[str]) -> list[bytes]:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    several = [block[name].cast(pa.string()).fill_null(str(None)) for name in keys]
    joined = several[0] if len(several) == 1 else pc.binary_join_element_wise(*several, "\x1f")
    return [fingerprint(each) for each in joined.cast(pa.binary()).to_pylist()]


def _bits(counter: Counter, block: Any, gone: Any) -> bytes:
    """The bits of its rows; none is set where a record is gone."""
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    names, width, size = block.schema.names, counter.records.width, 8 * GROUP
    columns: list[str | None] = [None, *counter.columns]  # The first bit is THERE.
    rows, none = bytearray(block.num_rows * width), pa.scalar(0, pa.uint64())
    for first in range(0, len(columns), size):
        always, bits = 0, pa.repeat(none, block.num_rows)
        for number, name in enumerate(columns[first : first + size]):
            if name is None or (name in names and not block[name].null_count):
                always |= 1 << number
            elif name in names and block[name].null_count < block.num_rows:
                one = pa.scalar(1 << number, pa.uint64())
                bits = pc.bit_wise_or(bits, pc.if_else(block[name].is_valid(), one, none))
        bits = pc.bit_wise_or(bits, pa.scalar(always, pa.uint64()))
        bits = bits if gone is None else pc.if_else(gone, none, bits)
        whole = bits.combine_chunks() if isinstance(bits, pa.ChunkedArray) else bits
        found = whole.buffers()[1].to_pybytes()
        for place in range(GROUP):
            rows[first // 8 + place :: width] = found[place : GROUP * block.num_rows : GROUP]
    return bytes(rows)


def _times(stamps: Any) -> tuple[str, str]:
    import pyarrow.compute as pc  # noqa: PLC0415

    found = pc.min_max(stamps).as_py()
    return _plain(found["min"]) or "", _plain(found["max"]) or ""


def _note(seen: Seen, column: Any) -> None:
    import pyarrow as pa  # noqa: PLC0415
    import pyarrow.compute as pc  # noqa: PLC0415

    if seen.leads_to is not None:
        ids = column.unique().drop_null().cast(pa.string()).cast(pa.binary())
        seen.note_ids([fingerprint(each) for each in ids.to_pylist()])
    if seen.many:
        return
    if pa.types.is_list(column.type) and pa.types.is_string(column.type.value_type):
        # Of several chosen values, an order is a value.
        column = pc.binary_join(column, "\x1f")
    elif pa.types.is_nested(column.type):
        column = pa.array(map(repr, column.to_pylist()))
    if seen.is_picklist:
        counted = column.value_counts()
        values, times = counted.field(0).to_pylist(), counted.field(1).to_pylist()
    else:
        different = column.unique()
        if len(different) > MOST_DISTINCT + 1:
            seen.note_many()
            return
        values, times = different.to_pylist(), [1] * len(different)
    seen.note_values(pair for pair in zip(values, times, strict=True) if pair[0] is not None)


def _plain(value: Any) -> Any:
    if isinstance(value, datetime):
        moment = value.astimezone(timezone.utc) if value.tzinfo else value
        return f"{moment:%Y-%m-%dT%H:%M:%SZ}"
    return value.isoformat() if isinstance(value, (date, time)) else value
