"""What a query of COQL consists of, and what two of its columns cannot have in common."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.organisation.records.conditions import Criteria


@dataclass(frozen=True, slots=True)
class Column:
    """One column of the result."""

    name: str  # API name, with dots for fields of records that it leads to
    aggregate: str = ""  # SUM, MIN, MAX, AVG, COUNT; empty for a plain column
    alias: str | None = None  # its key in the result, if the query names one

    @property
    def key(self) -> str:
        """Its key in the result."""
        plain = f"{self.aggregate}({self.name})" if self.aggregate else self.name
        return plain if self.alias is None else self.alias


@dataclass(frozen=True, slots=True)
class Query:
    """A query that is well formed; values in its criteria are texts as written."""

    columns: tuple[Column, ...]
    module: str
    view: str | None
    criteria: Criteria
    groups: tuple[str, ...]
    order: tuple[tuple[str, bool], ...]  # column, whether descending
    limit: int
    offset: int


@dataclass(frozen=True, slots=True)
class Subquery:
    """A query that stands for values."""

    query: Query
    sequence: int  # its number in the query around it, from 0


def over_limit(message: str, limit: int, clause: str) -> ZohoError:
    """400 LIMIT_EXCEEDED; `details {limit, clause}`."""
    return ZohoError("LIMIT_EXCEEDED", message, limit=limit, clause=clause)


def missing_clause(clause: str) -> ZohoError:
    """400 SYNTAX_ERROR; `details {clause}`."""
    return ZohoError("SYNTAX_ERROR", f"missing clause {clause}", clause=clause)


def refuse_repeated(names: Sequence[str], clause: str) -> None:
    """Raise DUPLICATE_DATA if a clause names a column twice."""
    for place, name in enumerate(names):
        if name in names[:place]:
            raise ZohoError("DUPLICATE_DATA", f"duplicate column in {clause}", column_name=name)


def refuse_repeated_columns(columns: Sequence[Column]) -> None:
    """Raise DUPLICATE_DATA, DUPLICATE_ALIAS or INVALID_QUERY if rows would lose a column."""
    seen: set[tuple[str, str]] = set()
    aliases: dict[str, str] = {}
    for column in columns:
        pair = column.name, column.aggregate
        if pair in seen:
            details = {"aggregate": column.aggregate} if column.aggregate else {}
            raise ZohoError("DUPLICATE_DATA", column_name=column.name, **details)
        seen.add(pair)
    # An alias may not be another column's name either, nor that of the id that each row has: one
    # of the two would be lost.
    plain = {"id", *(column.key for column in columns if column.alias is None)}
    for column in columns:
        if column.alias in plain - {column.name}:
            details = {"column_name": column.name, "alias": column.alias}
            raise ZohoError("INVALID_QUERY", "an alias is the name of another column", **details)
        if column.key in aliases:
            referred = [aliases[column.key], column.name]
            raise ZohoError("DUPLICATE_ALIAS", alias=column.key, referred_columns=referred)
        aliases[column.key] = column.name
