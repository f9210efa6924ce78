"""Which records a call means: converted, approved, by id, in a custom view.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/custom-view-meta.html
"""

from __future__ import annotations

import functools
from typing import TYPE_CHECKING, Any

from zohocrm_demo.errors import ZohoError, limit_exceeded
from zohocrm_demo.families.checks import MOST_IDS
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Criteria,
    Group,
    comparable,
    compiled,
    reader,
)
from zohocrm_demo.organisation.records.kinds import kind_of

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.records import Record
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

_EMPTY = "${EMPTY}"
_CALLER = "${CURRENTUSER}"
_COMPARATORS: Mapping[str, Any] = {
    "equal": "=",
    "not_equal": "!=",
    "greater_than": ">",
    "greater_equal": ">=",
    "less_than": "<",
    "less_equal": "<=",
}


def record_test(context: Context, module: Row) -> Callable[[Record], bool]:
    """A test for the records that a call means.

    Raises:
        ZohoError: 400 INVALID_DATA or LIMIT_EXCEEDED for wrong ids and unknown views.
    """
    params = context.params
    tests: list[Callable[[Record], bool]] = []
    known = context.organisation.records.fields(module["api_name"])
    if "Converted__s" in known:
        tests += _either(params.get("converted", "false"), _is_converted)
    elif params.get("converted") == "true":
        tests.append(lambda _: False)
    tests += _either(params.get("approved", "true"), _is_approved)
    if "ids" in params:
        wanted = _ids(params["ids"])
        tests.append(lambda record: record.id in wanted)
    if "cvid" in params:
        tests.append(view_test(context.organisation, module["api_name"], params["cvid"]))
    return lambda record: all(test(record) for test in tests)


def _reader_of(fields: Mapping[str, Any], name: str) -> Callable[[Any], Any]:
    return reader(fields[name])


def view_test(organisation: Organisation, module: str, view_id: str) -> Callable[[Record], bool]:
    """A test for the records in a custom view.

    Raises:
        ZohoError: 400 INVALID_DATA for a view that isn't there.
    """
    for view in organisation.customization.custom_views.get(module, ()):
        if view["id"] == view_id:
            known = organisation.records.fields(module)
            if view["criteria"] is None:
                return lambda _: True
            criteria = view_criteria(view["criteria"], known, organisation.users[0]["id"])
            return compiled(criteria, functools.partial(_reader_of, known))
    raise ZohoError(400, "INVALID_DATA", "invalid data", {"param_name": "cvid"})


def view_criteria(row: Row, fields: Mapping[str, Row], caller: str) -> Criteria:
    """The conditions of a custom view, out of its metadata."""
    if "group" in row:
        parts = tuple(view_criteria(part, fields, caller) for part in row["group"])
        return Group(row["group_operator"].lower(), parts)
    name, comparator, value = row["field"]["api_name"], row["comparator"], row["value"]
    if value == _EMPTY:
        return Condition(name, "is null" if comparator == "equal" else "is not null")
    field = fields[name]
    if comparator == "contains":
        texts = value if isinstance(value, list) else [value]
        if kind_of(field) == "text" and field["data_type"] != "picklist":
            return Group("or", tuple(Condition(name, "like", f"%{text}%") for text in texts))
        return Condition(name, "in", [comparable(field, text) for text in texts])
    meant = caller if value == _CALLER else value
    return Condition(name, _COMPARATORS[comparator], comparable(field, meant))


def _either(value: str, trait: Callable[[Record], bool]) -> list[Callable[[Record], bool]]:
    if value == "both":
        return []
    wanted = value == "true"
    return [lambda record: trait(record) is wanted]


def _is_approved(record: Record) -> bool:
    return record.approved


def _is_converted(record: Record) -> bool:
    return bool(record.value("Converted__s"))


def _ids(text: str) -> frozenset[int]:
    parts = text.split(",")
    if len(parts) > MOST_IDS:
        raise limit_exceeded("ids", MOST_IDS)
    for index, part in enumerate(parts):
        if not (part.isascii() and part.isdecimal()):
            details = {"param_name": "ids", "index": index}
            raise ZohoError(400, "INVALID_DATA", "the id given seems to be invalid", details)
    return frozenset(map(int, parts))
