"""Which records a call means: converted, approved, by id, in a custom view.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/custom-view-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.bulk_criteria import OPERATORS
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Criteria,
    Group,
    comparable,
    compiled,
    reader,
)
from zohocrm_demo.organisation.records.kinds import kind_of
from zohocrm_demo.params import MOST_IDS, is_number

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.records import Record
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

_EMPTY = "${EMPTY}"
_CALLER = "${CURRENTUSER}"


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
    tests += _either(params.get("approved", "true"), lambda it: it.approved)
    if "ids" in params:
        wanted = _ids(params["ids"])
        tests.append(lambda record: record.id in wanted)
    if "cvid" in params:
        tests.append(view_test(context.organisation, module["api_name"], params["cvid"]))
    return lambda record: all(test(record) for test in tests)


def view_test(organisation: Organisation, module: str, view_id: str) -> Callable[[Record], bool]:
    """A test for the records in a custom view; 400 INVALID_DATA for a view that isn't there."""
    views = organisation.custom_views.get(module, ())
    view = next((row for row in views if row["id"] == view_id), None)
    if view is None:
        raise ZohoError("INVALID_DATA", param_name="cvid")
    if view["criteria"] is None:
        return lambda _: True
    known = organisation.records.fields(module)
    criteria = view_criteria(view["criteria"], known, organisation.users[0]["id"])
    return compiled(criteria, lambda name: reader(known[name]))


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
    return Condition(name, OPERATORS[comparator], comparable(field, meant))


def _is_converted(record: Record) -> bool:
    return bool(record.value("Converted__s"))


def _either(value: str, trait: Callable[[Record], bool]) -> list[Callable[[Record], bool]]:
    if value == "both":
        return []
    wanted = value == "true"
    return [lambda record: trait(record) is wanted]


def _ids(text: str) -> frozenset[int]:
    parts = text.split(",")
    if len(parts) > MOST_IDS:
        raise ZohoError("LIMIT_EXCEEDED", limit=MOST_IDS, param_name="ids")
    for index, part in enumerate(parts):
        if not is_number(part):
            message = "the id given seems to be invalid"
            raise ZohoError("INVALID_DATA", message, param_name="ids", index=index)
    return frozenset(map(int, parts))
