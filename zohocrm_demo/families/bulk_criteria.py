"""The criteria of a Bulk Read job."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.organisation.records.conditions import Condition, Criteria, Group, comparable
from zohocrm_demo.organisation.records.kinds import KINDS, kind_of
from zohocrm_demo.organisation.references import Row

MOST_CONDITIONS = 25
MOST_VALUES = 20
_PAIR = 2
_EMPTY = "${EMPTY}"
_OPERATORS = ("and", "or")
_CONDITION_KEYS = frozenset({"field", "comparator", "value", "type"})
_GROUP_KEYS = frozenset({"group_operator", "group"})
# Z for UTC, which every other call takes, isn't in this one's documents.
_INSTANT = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d[+-]\d\d:\d\d")

# Operators of conditions by Zoho's comparators, of Bulk Read and of custom views.
OPERATORS: Mapping[str, Any] = KINDS["bulk"]["operators"]
_LIKE: Mapping[str, tuple[Any, str]] = KINDS["bulk"]["patterns"]


def read_criteria(body: Any, fields: Mapping[str, Row]) -> Criteria:
    """Judge the criteria of a job; 400 with a code for each thing that can be wrong."""
    if _count(body) > MOST_CONDITIONS:
        raise ZohoError("CRITERIA_LIMIT_EXCEEDED", max_limit=MOST_CONDITIONS)
    return _criteria(body, fields)


def _count(body: Any) -> int:
    group = body.get("group") if isinstance(body, dict) else None
    return sum(map(_count, group)) if isinstance(group, list) else 1


def _criteria(body: Any, fields: Mapping[str, Row]) -> Criteria:
    if not isinstance(body, dict) or not body:
        raise ZohoError("CRITERIA_NOT_SUPPORTED")
    if body.keys() & _GROUP_KEYS:
        return _group(body, fields)
    unknown = body.keys() - _CONDITION_KEYS
    if unknown or not {"field", "comparator", "value"} <= body.keys():
        raise _ambiguous("AMBIGUOUS_CRITERIA", body)
    return _condition(body, fields)


def _group(body: Mapping[str, Any], fields: Mapping[str, Row]) -> Group:
    parts = body.get("group")
    if body.keys() != _GROUP_KEYS or not isinstance(parts, list) or len(parts) < _PAIR:
        raise _ambiguous("AMBIGUOUS_GROUP_IN_CRITERIA", body)
    if body["group_operator"] not in _OPERATORS:
        raise ZohoError("GROUP_OPERATOR_NOT_SUPPORTED", supported=list(_OPERATORS))
    return Group(body["group_operator"], tuple(_criteria(part, fields) for part in parts))


def _condition(body: Mapping[str, Any], fields: Mapping[str, Row]) -> Condition:
    reference, comparator, value = body["field"], body["comparator"], body["value"]
    name = reference.get("api_name") if isinstance(reference, dict) else None
    if not isinstance(name, str):
        raise _ambiguous("AMBIGUOUS_CRITERIA", body)
    field = fields.get(name)
    if field is None or field["type"] == "unused":
        raise ZohoError("FIELD_IN_CRITERIA_NOT_AVAILABLE", api_name=name)
    kind = "record" if name == "id" else kind_of(field)
    known = KINDS["bulk"]["comparators"].get(kind)
    if known is None or field.get("crypt"):
        raise ZohoError("FIELD_IN_CRITERIA_NOT_SUPPORTED", api_name=name)
    details = {"api_name": name, "comparator": comparator}
    if comparator not in known:
        raise ZohoError("FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED", **details, supported=known)
    if value == _EMPTY and comparator in {"equal", "not_equal"}:
        return Condition(name, "is null" if comparator == "equal" else "is not null")
    listed = comparator in {"in", "not_in"} and isinstance(value, list)
    if listed and len(value) > MOST_VALUES:
        limits = {"api_name": name, "max_limit": MOST_VALUES}
        raise ZohoError("VALUE_LIMIT_EXCEEDED_IN_CRITERIA", **limits)
    try:
        if comparator in _LIKE:
            operator, pattern = _LIKE[comparator]
            return Condition(name, operator, pattern.format(_a_text(value)))
        several = comparator.endswith(("in", "between"))
        meant = _several(field, kind, comparator, value) if several else _one(field, kind, value)
        return Condition(name, OPERATORS[comparator], meant)
    except (ArithmeticError, TypeError, ValueError) as error:
        code = "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE"
        raise ZohoError(code, **details, value=value) from error


def _several(field: Row, kind: str, comparator: str, value: Any) -> tuple[Any, ...]:
    pair = "between" in comparator
    if not isinstance(value, list) or not value or (pair and len(value) != _PAIR):
        raise ValueError("no list of values")
    return tuple(_one(field, kind, each) for each in value)


def _one(field: Row, kind: str, value: Any) -> Any:
    if kind == "datetime" and not _INSTANT.fullmatch(_a_text(value)):
        raise ValueError("no instant")
    if kind in {"text", "rich_text", "choices", "taxes", "date"}:
        _a_text(value)
    return comparable(field, value)


def _a_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _ambiguous(code: str, body: Mapping[str, Any]) -> ZohoError:
    return ZohoError(code, **{k: body[k] for k in body if k in _CONDITION_KEYS | _GROUP_KEYS})
