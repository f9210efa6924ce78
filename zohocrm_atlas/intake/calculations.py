"""Formulas and roll-ups, out of rows of fields and layouts."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping

import msgspec

from zohocrm_atlas.model.entities import Field, Formula, RollUp
from zohocrm_atlas.rows import Row, flag, items, mapping, names, opened, text


def read_formula(row: Row) -> Formula | None:
    """The formula of a field's row, in `fields` or within a layout; None if it has none."""
    formula = mapping(row, "formula")
    if not formula:
        return None
    return Formula(
        text=text(formula, "expression"),
        returns=text(formula, "return_type"),
        dynamic=flag(formula, "dynamic"),
        assume_default=flag(formula, "assume_default"),
        stop=text(formula, "stop_compute_expression")
        if flag(formula, "stop_compute_conditionally")
        else "",
    )


def read_roll_up(row: Row) -> RollUp | None:
    """The roll-up summary of a field's row; None if it has none."""
    summary = mapping(row, "rollup_summary")
    if not summary:
        return None
    expression = mapping(summary, "expression")
    fields = names(summary, "expression.function_parameters", "api_name")
    return RollUp(
        function=text(expression, "function").lower(),
        module=text(summary, "based_on_module.api_name"),
        field=fields[0] if len(fields) == 1 else "",
        related_list=text(summary, "related_list.api_name"),
        criteria=opened(expression.get("criteria")) or None,
    )


def formula_in_words(row: Row) -> str:
    """What a field is worked out of; empty if it is not."""
    formula, summary = read_formula(row), read_roll_up(row)
    if formula:
        returns = formula.returns
        return f"{returns}: {formula.text}" if formula.text else f"returns {returns}"
    if not summary:
        return ""
    origin = summary.related_list or summary.module
    return f"{summary.function or 'roll-up'}({summary.field}) of {origin}"


def formulas_of_layout(row: Row) -> Iterator[tuple[str, Formula]]:
    """Ids of fields and their formulas, of a row of `layouts`: Zoho tells the texts there."""
    for section in items(row, "sections"):
        for field in items(section, "fields"):
            formula = read_formula(field)
            if formula and formula.text:
                yield text(field, "id"), formula


def with_formulas(fields: Iterable[Field], known: Mapping[str, Formula]) -> tuple[Field, ...]:
    """The fields, with the texts of formulas that only the layouts have."""
    return tuple(_with_formula(field, known.get(field.id)) for field in fields)


def _with_formula(field: Field, formula: Formula | None) -> Field:
    if formula is None or field.computed is None or field.computed.text:
        return field
    words = f"{formula.returns}: {formula.text}"
    return msgspec.structs.replace(field, computed=formula, formula=words)
