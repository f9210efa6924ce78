"""The criteria of a Bulk Read job.

Source: https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/create-job.html
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Criteria,
    Group,
    comparable,
)
from zohocrm_demo.organisation.records.kinds import Kind, is_encrypted, kind_of

if TYPE_CHECKING:
    from collections.abc import Mapping

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

_SQL: Mapping[str, Any] = {
    "equal": "=",
    "not_equal": "!=",
    "in": "in",
    "not_in": "not in",
    "less_than": "<",
    "less_equal": "<=",
    "greater_than": ">",
    "greater_equal": ">=",
    "between": "between",
    "not_between": "not between",
}
_LIKE: Mapping[str, tuple[Any, str]] = {
    "contains": ("like", "%{}%"),
    "not_contains": ("not like", "%{}%"),
    "starts_with": ("like", "{}%"),
    "ends_with": ("like", "%{}"),
}
_SAME = ("equal", "not_equal", "in", "not_in")
_NUMBER = (*_SAME, "less_than", "less_equal", "greater_than", "greater_equal")
_TIME = (*_NUMBER, "between", "not_between")
_TEXT = (*_SAME, *_LIKE)
_COMPARATORS: Mapping[Kind, tuple[str, ...]] = {
    "text": _TEXT,
    "rich_text": _TEXT,
    "choices": _TEXT,
    "taxes": _TEXT,
    "integer": _NUMBER,
    "bigint": _NUMBER,
    "decimal": _NUMBER,
    "date": _TIME,
    "datetime": _TIME,
    "boolean": ("equal",),
    "record": _SAME,
    "any_record": _SAME,
    "user": _SAME,
    "layout": _SAME,
}


def read_criteria(body: Any, fields: Mapping[str, Row]) -> Criteria:
    """Judge the criteria of a job.

    Args:
        body: `{field, comparator, value}` or `{group_operator, group}`.
        fields: The module's fields by API name.

    Raises:
        ZohoError: 400 with a code for each thing that can be wrong.
    """
    if _count(body) > MOST_CONDITIONS:
        details = {"max_limit": MOST_CONDITIONS}
        raise refusal("CRITERIA_LIMIT_EXCEEDED", "the criteria limit is exceeded", details)
    return _criteria(body, fields)


def refusal(code: str, message: str, details: Mapping[str, Any] | None = None) -> ZohoError:
    """400 with one of Bulk Read's own codes."""
    return ZohoError(400, code, message, details)


def _count(body: Any) -> int:
    group = body.get("group") if isinstance(body, dict) else None
    return sum(map(_count, group)) if isinstance(group, list) else 1


def _criteria(body: Any, fields: Mapping[str, Row]) -> Criteria:
    if not isinstance(body, dict) or not body:
        raise refusal("CRITERIA_NOT_SUPPORTED", "the criteria given is not supported", {})
    if body.keys() & _GROUP_KEYS:
        return _group(body, fields)
    unknown = body.keys() - _CONDITION_KEYS
    if unknown or not {"field", "comparator", "value"} <= body.keys():
        raise refusal("AMBIGUOUS_CRITERIA", "the criteria given is ambiguous", _told(body))
    return _condition(body, fields)


def _group(body: Mapping[str, Any], fields: Mapping[str, Row]) -> Group:
    parts = body.get("group")
    if body.keys() != _GROUP_KEYS or not isinstance(parts, list) or len(parts) < _PAIR:
        message = "the group in the criteria is ambiguous"
        raise refusal("AMBIGUOUS_GROUP_IN_CRITERIA", message, _told(body))
    if body["group_operator"] not in _OPERATORS:
        details = {"supported": list(_OPERATORS)}
        message = "the group operator is not supported"
        raise refusal("GROUP_OPERATOR_NOT_SUPPORTED", message, details)
    return Group(body["group_operator"], tuple(_criteria(part, fields) for part in parts))


def _condition(body: Mapping[str, Any], fields: Mapping[str, Row]) -> Condition:
    reference, comparator, value = body["field"], body["comparator"], body["value"]
    name = reference.get("api_name") if isinstance(reference, dict) else None
    if not isinstance(name, str):
        raise refusal("AMBIGUOUS_CRITERIA", "the criteria given is ambiguous", _told(body))
    field = fields.get(name)
    details: dict[str, Any] = {"api_name": name}
    if field is None or field["type"] == "unused":
        message = "the field in the criteria is not available"
        raise refusal("FIELD_IN_CRITERIA_NOT_AVAILABLE", message, details)
    kind: Kind = "record" if name == "id" else kind_of(field)
    known = _COMPARATORS.get(kind)
    if known is None or is_encrypted(field):
        message = "the field in the criteria is not supported"
        raise refusal("FIELD_IN_CRITERIA_NOT_SUPPORTED", message, details)
    if comparator not in known:
        raise refusal(
            "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED",
            "the comparator is not supported for the field",
            {**details, "comparator": comparator, "supported": list(known)},
        )
    if value == _EMPTY and comparator in {"equal", "not_equal"}:
        return Condition(name, "is null" if comparator == "equal" else "is not null")
    _refuse_long_lists(value, comparator, details)
    try:
        if comparator in _LIKE:
            operator, pattern = _LIKE[comparator]
            return Condition(name, operator, pattern.format(_a_text(value)))
        return Condition(name, _SQL[comparator], _value(field, kind, comparator, value))
    except (ArithmeticError, TypeError, ValueError) as error:
        raise refusal(
            "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE",
            "the comparator and the value are not compatible",
            {**details, "comparator": comparator, "value": value},
        ) from error


def _refuse_long_lists(value: Any, comparator: str, details: Mapping[str, Any]) -> None:
    if comparator in {"in", "not_in"} and isinstance(value, list) and len(value) > MOST_VALUES:
        raise refusal(
            "VALUE_LIMIT_EXCEEDED_IN_CRITERIA",
            "the limit of values is exceeded",
            {**details, "max_limit": MOST_VALUES},
        )


def _value(field: Row, kind: Kind, comparator: str, value: Any) -> Any:
    if comparator in {"in", "not_in", "between", "not_between"}:
        pair = "between" in comparator
        if not isinstance(value, list) or not value or (pair and len(value) != _PAIR):
            raise ValueError("no list of values")
        return tuple(_one(field, kind, each) for each in value)
    return _one(field, kind, value)


def _one(field: Row, kind: Kind, value: Any) -> Any:
    if kind == "datetime" and not _INSTANT.fullmatch(_a_text(value)):
        raise ValueError("no instant")
    if kind in {"text", "rich_text", "choices", "taxes", "date"}:
        _a_text(value)
    return comparable(field, value)


def _a_text(value: Any) -> str:
    if not isinstance(value, str):
        raise TypeError("no text")
    return value


def _told(body: Mapping[str, Any]) -> dict[str, Any]:
    return {key: body[key] for key in body if key in _CONDITION_KEYS | _GROUP_KEYS}
