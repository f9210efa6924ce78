"""Search: `GET /crm/v8/{module}/search` by criteria, e-mail, phone or word.

Source: https://www.zoho.com/crm/developer/docs/api/v8/search-records.html
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Mapping
from itertools import islice
from typing import Any, TypeAlias

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import module_scopes, readable_module, record_test
from zohocrm_demo.families.records_list import MOST_PER_PAGE
from zohocrm_demo.families.records_shown import field_names, in_lists
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Criteria,
    Group,
    comparable,
    compiled,
    reader,
)
from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of
from zohocrm_demo.organisation.records.table import By, Record, sort_key
from zohocrm_demo.organisation.references import Row

_Test: TypeAlias = Callable[[Record], bool]
_MOST = 2_000
_WAYS = ("criteria", "email", "phone", "word")
_OPERATORS: Mapping[str, Any] = {
    "equals": "=",
    "not_equal": "!=",
    "greater_than": ">",
    "greater_equal": ">=",
    "less_than": "<",
    "less_equal": "<=",
    "between": "between",
    "in": "in",
    "starts_with": "like",
    "contains": "like",
}
_ORDERED = frozenset({"integer", "bigint", "decimal", "date", "datetime"})
_CONDITION = re.compile(r"(\w+):(\w+):((?:\\.|[^()\\])*)", re.ASCII)
_ESCAPED = re.compile(r"\\(.)")


def scopes(context: Context) -> tuple[str, ...]:
    """The scopes that search the module in the path."""
    return (*module_scopes(context), "ZohoSearch.securesearch.READ")


def search(context: Context) -> Answer:
    """One page of what is found, the latest id first; 204 without any."""
    module = readable_module(context)
    name, store, params = module["api_name"], context.organisation.records, context.params
    known = store.fields(name)
    size, number = int(params.get("per_page", MOST_PER_PAGE)), int(params.get("page", "1"))
    if number * size > _MOST:
        raise ZohoError("LIMIT_REACHED", limit=_MOST)
    text = params.get("fields")
    names = tuple(known) if text is None else field_names(context, text, known)
    tests = record_test(context, module), search_test(known, params)
    with store.lock:
        show = in_lists(store, name, names)
        found = (it for it in store.scan(name, descending=_is_down(params)) if tests[0](it))
        hits: Iterable[Record] = (it for it in found if tests[1](it))
        order = params.get("sort_by", "id")
        if order != "id":
            by: By = "Created_Time" if order == "Created_Time" else "Modified_Time"
            hits = sorted(hits, key=lambda it: sort_key(it, by), reverse=_is_down(params))
        shown = list(islice(hits, (number - 1) * size, number * size + 1))
        rows = [show(record) for record in shown[:size]]
    if not rows:
        return NO_CONTENT
    info: Row = {"per_page": size, "count": len(rows), "page": number}
    info |= {"sort_by": order, "sort_order": "desc" if _is_down(params) else "asc"}
    return json_answer({"data": rows, "info": {**info, "more_records": len(shown) > size}})


def search_test(known: Mapping[str, Row], params: Mapping[str, str]) -> _Test:
    """What tells whether a record is found; ZohoError: nothing is asked for, or not rightly."""
    way = next((one for one in _WAYS if one in params), None)
    if way is None:
        raise ZohoError("REQUIRED_PARAM_MISSING", param_name="criteria")
    return _TESTS[way](known, params[way])


def _is_down(params: Mapping[str, str]) -> bool:
    return params.get("sort_order", "desc") == "desc"


def _by_criteria(known: Mapping[str, Row], text: str) -> _Test:
    criteria, rest = _parsed(known, text.strip())
    if rest.strip():
        raise _unreadable()
    return compiled(criteria, lambda name: reader(known[name]))


def _parsed(known: Mapping[str, Row], text: str) -> tuple[Criteria, str]:
    first, rest = _part(known, text)
    parts, operator = [first], None
    while (match := re.match(r"\s*(and|or)\s*", rest, re.IGNORECASE)) is not None:
        if operator not in {None, match[1].lower()}:
            raise _unreadable()
        operator = match[1].lower()
        part, rest = _part(known, rest[match.end() :])
        parts.append(part)
    if operator is None:
        return first, rest
    return Group("and" if operator == "and" else "or", tuple(parts)), rest


def _part(known: Mapping[str, Row], text: str) -> tuple[Criteria, str]:
    if text.startswith("("):
        found, rest = _parsed(known, text[1:].lstrip())
        if not rest.startswith(")"):
            raise _unreadable()
        return found, rest[1:]
    match = _CONDITION.match(text)
    if match is None:
        raise _unreadable()
    return _condition(known, match[1], match[2], match[3]), text[match.end() :]


def _condition(known: Mapping[str, Row], name: str, operator: str, value: str) -> Condition:
    field, sign = known.get(name), _OPERATORS.get(operator)
    if field is None or kind_of(field) in COMPUTED:
        raise ZohoError("INVALID_QUERY", "the field is not available for search", api_name=name)
    ordered = operator.startswith(("greater", "less")) or operator == "between"
    if sign is None or (ordered and kind_of(field) not in _ORDERED):
        raise ZohoError("INVALID_QUERY", "the operator is not supported", operator=operator)
    values = [_ESCAPED.sub(r"\1", one) for one in re.split(r"(?<!\\),", value)]
    if sign == "like":
        before = "%" if operator == "contains" else ""
        return Condition(name, "like", before + _ESCAPED.sub(r"\1", value) + "%")
    try:
        if sign in {"in", "between"}:
            wanted = [comparable(field, one.strip()) for one in values]
            if sign == "between" and len(wanted) != 2:  # noqa: PLR2004 (from, until)
                raise _unreadable()
            return Condition(name, sign, wanted)
        return Condition(name, sign, comparable(field, _ESCAPED.sub(r"\1", value)))
    except ValueError as error:
        raise ZohoError("INVALID_QUERY", "invalid value", api_name=name) from error


def _unreadable() -> ZohoError:
    return ZohoError("INVALID_QUERY", "Invalid query formed", param_name="criteria")


def _holding(data_types: frozenset[str], match: Callable[[str, str], bool]) -> Any:
    def test_of(known: Mapping[str, Row], wanted: str) -> _Test:
        names = [name for name, field in known.items() if field["data_type"] in data_types]
        want = wanted.casefold()

        def test(record: Record) -> bool:
            values = (record.value(name) for name in names)
            return any(isinstance(it, str) and match(it.casefold(), want) for it in values)

        return test

    return test_of


def _digits(text: str) -> str:
    return re.sub(r"\D", "", text)


_TEXTS = frozenset({"text", "email", "phone", "website", "picklist", "textarea", "autonumber"})
_TESTS: Mapping[str, Callable[[Mapping[str, Row], str], _Test]] = {
    "criteria": _by_criteria,
    "email": _holding(frozenset({"email"}), lambda found, wanted: found == wanted),
    "phone": _holding(
        frozenset({"phone"}), lambda found, wanted: _digits(found) == _digits(wanted)
    ),
    "word": _holding(
        _TEXTS, lambda found, want: any(one.startswith(want) for one in re.split(r"\W+", found))
    ),
}
