"""A run in figures, as a table for people."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from tap_zohocrm_modules.sync.outcomes import NOT_READ, SUCCEEDED, StreamOutcome
from tap_zohocrm_modules.sync.progress import duration
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger
from tap_zohocrm_modules.zoho.transport.texts import one_line

_MOST_ROWS = 12
_HEAD = ("Stream", "Records", "Deleted", "Calls", "Credits", "Time", "Result")
_TEXTS = ("Stream", "Result")


def summary_lines(outcomes: Mapping[str, StreamOutcome], ledger: CreditLedger) -> Iterator[str]:
    """Yield the lines of the table: a stream each, of many those of records and the most expensive.

    A column without figures is left out. Nothing is yielded for a single stream, whose own line
    says it all.

    Args:
        outcomes: What became of each stream, in the order of their emission.
        ledger: What has been spent for each.
    """
    streams = {name: one for name, one in outcomes.items() if one.status != NOT_READ}
    if len(streams) <= 1:
        return
    # Records before metadata.
    by_cost = sorted(streams, key=lambda n: (streams[n].path is None, -ledger.of(n)[1]))
    shown = set(by_cost[:_MOST_ROWS])
    rows = [_HEAD, *(_row(name, [name], streams, ledger) for name in streams if name in shown)]
    if others := by_cost[_MOST_ROWS:]:
        rows.append(_row(f"{len(others)} more", others, streams, ledger))
    rows.append(_row("All", [*streams], streams, ledger))
    columns = [column for column in zip(*rows, strict=True) if {*column[1:]} - {"0", ""}]
    aligned = [_aligned(column) for column in columns]
    yield from ("  ".join(cells).rstrip() for cells in zip(*aligned, strict=True))


def _aligned(column: tuple[str, ...]) -> list[str]:
    width = max(map(len, column))
    is_text = column[0] in _TEXTS
    return [cell.ljust(width) if is_text else cell.rjust(width) for cell in column]


def _row(
    title: str, names: list[str], outcomes: Mapping[str, StreamOutcome], ledger: CreditLedger
) -> tuple[str, ...]:
    found = [outcomes[name] for name in names]
    spent = [ledger.of(name) for name in names]
    results = {one.path or "" if one.status == SUCCEEDED else one.status for one in found}
    return (
        one_line(title),
        f"{sum(one.records for one in found):,}",
        f"{sum(one.deletions for one in found):,}",
        f"{sum(calls for calls, _ in spent):,}",
        f"{sum(cost for _, cost in spent):,}",
        duration(sum(one.seconds for one in found)),
        results.pop().replace("_", " ") if len(results) == 1 else "",
    )
