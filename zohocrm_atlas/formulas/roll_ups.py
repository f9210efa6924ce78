"""Roll-up summaries as joins with what they sum up."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any

from zohocrm_atlas.dbt_package.models import StagingModel, plain
from zohocrm_atlas.dialects import DIALECTS
from zohocrm_atlas.formulas.columns import Columns
from zohocrm_atlas.formulas.functions import BOOLEAN, DATETIME, NUMBER, TEXT
from zohocrm_atlas.formulas.parser import NotUnderstoodError
from zohocrm_atlas.formulas.pieces import Piece, quoted
from zohocrm_atlas.model.entities import Field, RollUp
from zohocrm_atlas.queries import parent_columns
from zohocrm_atlas.rows import items, text
from zohocrm_atlas.standards.relational import Model

_FUNCTIONS = frozenset({"sum", "avg", "min", "max"})
_SIGNS = MappingProxyType(
    {
        "equal": "=",
        "not_equal": "<>",
        "less_than": "<",
        "less_equal": "<=",
        "greater_than": ">",
        "greater_equal": ">=",
    }
)


@dataclass(frozen=True)
class Join:
    """An aggregate of the records that belong to a record.

    Attributes:
        model: The staging model of these records.
        key: Their column with the id of the record that they belong to.
        value: The aggregate, of a row that is called `record`.
        condition: Which of them count, by dialect; empty: all.
        zero: Whether it is 0 where there are none.
    """

    model: str
    key: str
    value: str
    condition: Mapping[str, str]
    type: str
    zero: bool


def roll_up(loaded: Model, module: str, field: Field, models: Mapping[str, StagingModel]) -> Join:
    """The join that a roll-up of this module is.

    Raises:
        NotUnderstoodError: It has no certain meaning, or what it sums up is not loaded.
    """
    atlas, found = loaded.atlas, field.roll_up or RollUp()
    table = atlas.tables.get(found.module)
    if table is None or table.name not in models:
        raise NotUnderstoodError(f"{found.module or 'its module'} is not loaded")
    model = models[table.name]
    ways = parent_columns(loaded, module, table)
    if len(ways) != 1:
        raise NotUnderstoodError(
            f"{found.module} leads to {module} by {', '.join(ways) or 'no known column'}"
        )
    columns = Columns(atlas, found.module, model)
    key = next((each.name for each in model.columns if each.source == ways[0]), "")
    if not key:
        raise NotUnderstoodError(f"{ways[0]} is not loaded")
    condition = dict.fromkeys(DIALECTS, "")
    if found.criteria:
        condition = {name: _condition(found.criteria, columns, name) for name in condition}
    if found.function == "count":
        return Join(model.name, key, "count(*)", condition, NUMBER, zero=True)
    if found.function not in _FUNCTIONS:
        raise NotUnderstoodError(f"there is no roll-up {found.function or 'without a function'}")
    piece = columns.piece(found.field)
    if piece.type in {TEXT, BOOLEAN} or (piece.type != NUMBER and found.function in {"sum", "avg"}):
        raise NotUnderstoodError(f"the {found.function} of {found.field}")
    value = f"{found.function}({piece.sql})"
    return Join(model.name, key, value, condition, piece.type, zero=False)


def _condition(criteria: Any, columns: Columns, dialect: str) -> str:
    several = items(criteria, "group")
    if several:
        operator = text(criteria, "group_operator").lower()
        if operator not in {"and", "or"}:
            raise NotUnderstoodError(f"its criteria are joined by {operator or 'nothing'}")
        return f"({f' {operator} '.join(_condition(each, columns, dialect) for each in several)})"
    name, value = text(criteria, "field.api_name"), text(criteria, "value")
    sign = _SIGNS.get(text(criteria, "comparator"))
    if not name or sign is None or not value or "${" in value:
        raise NotUnderstoodError(f"its criteria on {name or 'nothing'} have no plain value")
    piece = columns.piece(name)
    sql = f"({piece.sql} {sign} {_literal(piece, value, dialect)})"
    if plain(sql) != sql:
        raise NotUnderstoodError("it holds what dbt would run as a template")
    return sql


def _literal(piece: Piece, value: str, dialect: str) -> str:
    if piece.type == DATETIME:
        raise NotUnderstoodError("its criteria compare a date-time")
    if piece.type == NUMBER:
        try:
            return repr(float(value))
        except ValueError as error:
            raise NotUnderstoodError(f"its criteria compare a number with {value}") from error
    if piece.type == BOOLEAN:
        return "true" if value.lower() in {"true", "yes"} else "false"
    literal = quoted(value, dialect)
    return literal if piece.type == TEXT else f"cast({literal} as date)"
