"""Aggregate functions of COQL: COUNT, SUM, MIN, MAX, AVG.

Source: https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

    from zohocrm_demo.families.coql_columns import Resolved
    from zohocrm_demo.families.coql_grammar import Column, Query
    from zohocrm_demo.organisation.records import Record


def counts_ids_only(query: Query) -> bool:
    """Whether the query asks for nothing but the number of records."""
    return not query.groups and [(one.aggregate, one.name) for one in query.columns] == [
        ("COUNT", "id")
    ]


def aggregated(
    shown: list[tuple[Column, Resolved]],
    groups: list[Callable[[Record], Any]],
    records: Iterable[Record],
) -> list[dict[str, Any]]:
    """A row for each group, one in all without groups; empty values count for nothing.

    Args:
        shown: The columns of the result.
        groups: Reads what makes a group.
        records: The records that meet the criteria.
    """
    aggregates = [(found.compare, found.is_summed) for column, found in shown if column.aggregate]
    totals: dict[tuple[Any, ...], tuple[Record | None, list[_Total]]] = {}
    if not groups:
        totals[()] = None, [_Total() for _ in aggregates]
    for record in records:
        key = tuple(read(record) for read in groups)
        if key not in totals:
            totals[key] = record, [_Total() for _ in aggregates]
        for total, (read_value, summed) in zip(totals[key][1], aggregates, strict=True):
            value = read_value(record)
            if value is not None:
                total.add(value, summed=summed)
    return [_row(shown, first, iter(values)) for first, values in totals.values()]


@dataclass(slots=True)
class _Total:
    count: int = 0
    sum: Any = 0
    least: Any = None
    most: Any = None

    def add(self, value: Any, *, summed: bool) -> None:
        self.count += 1
        if summed:
            self.sum += value
        if self.least is None or value < self.least:
            self.least = value
        if self.most is None or value > self.most:
            self.most = value

    def told(self, aggregate: str, found: Resolved) -> Any:
        if aggregate == "COUNT":
            return self.count
        if not self.count:
            return None
        if aggregate == "SUM":
            return self.sum
        if aggregate == "AVG":
            return float(self.sum / Decimal(self.count))
        return found.written(self.least if aggregate == "MIN" else self.most)


def _row(
    shown: list[tuple[Column, Resolved]], first: Record | None, values: Iterator[_Total]
) -> dict[str, Any]:
    row = {}
    for column, found in shown:
        if column.aggregate:
            row[column.key] = next(values).told(column.aggregate, found)
        elif first is not None:
            row[column.key] = found.show(first)
    return row
