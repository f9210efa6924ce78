"""Queries that count and add up: a row for each group of records."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from decimal import Decimal
from typing import Any

from zohocrm_demo.families.coql_columns import Resolved
from zohocrm_demo.families.coql_query import Column
from zohocrm_demo.organisation.records.table import Record


def _aggregate(name: str, values: list[Any], found: Resolved) -> Any:
    if name == "COUNT":
        return len(values)
    if not values:
        return None
    if name in {"MIN", "MAX"}:
        return found.written(min(values) if name == "MIN" else max(values))
    total = sum(values)
    return total if name == "SUM" else float(total / Decimal(len(values)))


def aggregated(
    shown: list[tuple[Column, Resolved]],
    groups: list[Callable[[Record], Any]],
    records: Iterable[Record],
) -> list[dict[str, Any]]:
    """A row for each group, one in all without groups; empty values count for nothing."""
    readers = [found.compare for column, found in shown if column.aggregate]
    kept: dict[tuple[Any, ...], tuple[Record | None, list[list[Any]]]] = {}
    if not groups:
        kept[()] = None, [[] for _ in readers]
    for record in records:
        key = tuple(read(record) for read in groups)
        if key not in kept:
            kept[key] = record, [[] for _ in readers]
        for values, read_value in zip(kept[key][1], readers, strict=True):
            value = read_value(record)
            if value is not None:
                values.append(value)
    return [_group_row(shown, first, iter(values)) for first, values in kept.values()]


def _group_row(
    shown: list[tuple[Column, Resolved]], first: Record | None, values: Iterator[list[Any]]
) -> dict[str, Any]:
    row = {}
    for column, found in shown:
        if column.aggregate:
            row[column.key] = _aggregate(column.aggregate, next(values), found)
        elif first is not None:
            row[column.key] = found.show(first)
    return row
