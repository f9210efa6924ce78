"""What a comparison has found: as JSON for machines, as a table for people, as lines for the log.

docs/reference/verify.schema.json describes the JSON.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from typing import Any

from tap_zohocrm_modules.verify.faults import FaultKind, StreamResult
from tap_zohocrm_modules.zoho.transport.texts import counted, table

_MOST_SHOWN = 20


def is_equal(results: Sequence[StreamResult]) -> bool:
    """Whether every table is known to have what Zoho has."""
    return all(result.is_equal for result in results)


def as_json(results: Sequence[StreamResult]) -> str:
    """Return the report as JSON."""
    report = {"equal": is_equal(results), "streams": [*map(_stream, results)]}
    return json.dumps(report, ensure_ascii=False, indent=2)


def _stream(result: StreamResult) -> dict[str, Any]:
    return {
        "stream": result.stream,
        "table": result.table,
        "zoho": result.zoho,
        "rows": result.rows,
        "newest": result.newest,
        "credits": result.credits,
        "faults": [
            {"id": fault.id, "kind": fault.kind.value, "fields": [*fault.fields]}
            for fault in result.faults
        ],
        "pending": result.pending,
        "compared": result.sampled,
        "losses": result.losses,
        "absent": [*result.absent],
        "mended": result.mended,
        "problem": result.problem,
        "note": result.note,
    }


def as_table(results: Sequence[StreamResult]) -> str:
    """Return the report for people, with the first ids of each kind of fault."""
    kinds = [kind.value for kind in FaultKind]
    head = ("stream", "table", "Zoho", "rows", *kinds, "pending", "compared", "newest", "credits")
    rows: list[tuple[str, ...]] = [head]
    for result in results:
        numbers = [sum(1 for _ in result.of_kind(kind)) for kind in FaultKind]
        rows.append(
            (
                result.stream,
                result.table or "",
                _shown(result.zoho),
                _shown(result.rows),
                *map(_shown, numbers),
                _shown(result.pending),
                _shown(result.sampled),
                result.newest or "",
                _shown(result.credits),
            )
        )
    lines = table(rows, ("stream", "table", "newest"))
    return "\n".join([*lines, *_details(results), "", verdict(results)])


def _details(results: Sequence[StreamResult]) -> Iterator[str]:
    for result in results:
        lines = [*_lines(result)]
        if lines:
            yield ""
        yield from lines


def _lines(result: StreamResult) -> Iterator[str]:
    name = result.stream
    if result.problem or result.note:
        yield f"{name}: {result.problem or result.note}"
    for kind in FaultKind:
        faults = [*result.of_kind(kind)]
        if not faults:
            continue
        shown = [
            fault.id + (f" ({', '.join(fault.fields)})" if fault.fields else "")
            for fault in faults[:_MOST_SHOWN]
        ]
        more = len(faults) - len(shown)
        others = f" and {more:,} more, which --verify-format json names" if more > 0 else ""
        yield f"{name}: {kind.value}: {', '.join(shown)}{others}"
    if result.mended is not None:
        found = counted(len(result.faults), "fault")
        yield f"{name}: what was written mends {result.mended:,} of {found}"
    if result.absent:
        yield f"{name}: the table has no column for {', '.join(result.absent)}"
    for loss, number in result.losses.items():
        yield f"{name}: no fault, but as the loader keeps {counted(number, 'value')}: {loss}"


def line(result: StreamResult) -> str:
    """Return the log's line of one stream."""
    if result.problem or result.note:
        return f"{result.stream}: not compared: {result.problem or result.note}"
    counts = [(kind, sum(1 for _ in result.of_kind(kind))) for kind in FaultKind]
    found = ", ".join(f"{number:,} {kind.value}" for kind, number in counts if number) or "equal"
    pending = f", {result.pending:,} pending" if result.pending else ""
    return (
        f"{result.stream}: {result.zoho or 0:,} in Zoho, {counted(result.rows or 0, 'row')} in"
        f" {result.table}: {found}{pending}; {counted(result.credits, 'credit')}."
    )


def verdict(results: Sequence[StreamResult]) -> str:
    """Return the last line: whether all is equal."""
    credits_spent = counted(sum(result.credits for result in results), "credit")
    records = sum(result.zoho or 0 for result in results)
    faults = sum(len(result.faults) for result in results)
    faulty = sum(bool(result.faults) for result in results)
    unknown = sum(result.problem is not None for result in results)
    if not faults and not unknown:
        return f"verified: {records:,} of {counted(records, 'record')} equal, {credits_spent}"
    parts = [f"{counted(faults, 'fault')} in {counted(faulty, 'stream')}"]
    if unknown:
        parts.append(f"{counted(unknown, 'stream')} not compared")
    return f"not equal: {', '.join(parts)}, {credits_spent}"


def _shown(number: int | None) -> str:
    return "" if number is None else f"{number:,}"
