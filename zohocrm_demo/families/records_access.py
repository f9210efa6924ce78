"""Which modules give their records away, with which scopes, and which records a call means."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.calls import Context
from zohocrm_demo.families.bulk_criteria import OPERATORS
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.records.conditions import (
    Condition,
    Criteria,
    Group,
    comparable,
    compiled,
    reader,
)
from zohocrm_demo.organisation.records.kinds import kind_of
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.params import MOST_IDS, is_number

ACCESS: Mapping[str, Any] = read_file("records_access.yaml")


def readable_module(context: Context) -> Row:
    """The module in the path, if its records may be read."""
    organisation = context.organisation
    module = _known_module(organisation, context.variables["module"])
    name = module["api_name"]
    if not module["api_supported"]:
        message = "the given module is not supported in api"
        raise ZohoError("INVALID_MODULE", message, resource_path_index=0)
    if name in ACCESS["refusals"]:
        refusal, details = ACCESS["refusals"][name]
        raise ZohoError(*refusal, **details)
    if name == "Notes" and organisation.users[0]["profile"]["name"] != "Administrator":
        message = "this API is supported only for admin users"
        raise ZohoError("NOT_SUPPORTED", message, 403)
    return module


def named_module(context: Context) -> Row:
    """The module in the path, whether its records may be read or not."""
    return _known_module(context.organisation, context.variables["module"])


def module_scopes(context: Context) -> tuple[str, ...]:
    """The scope that reads the module in the path."""
    return (read_scope(named_module(context)),)


def count_scopes(context: Context) -> tuple[str, ...]:
    """The scopes that count the records of the module in the path."""
    searching = ("ZohoSearch.securesearch.READ", "ZohoCRM.settings.layouts.READ")
    return (*searching, *module_scopes(context))


def read_scope(module: Row) -> str:
    """The scope that reads a module; `ZohoCRM.modules.READ` covers it, too."""
    return f"ZohoCRM.modules.{scope_part(module)}.READ"


def scope_part(module: Row) -> str:
    """What a module is called in scopes."""
    name = module["api_name"]
    part = ACCESS["scope_names"].get(name)
    if part is None and not name.endswith("_Items"):
        part = "custom" if module["generated_type"] in ACCESS["custom_scope"] else None
    if part is None:
        parent = (module["parent_module"] or {}).get("api_name")
        part = (parent or name).lower().replace("_", "")
    return str(part)


def _known_module(organisation: Organisation, name: str) -> Row:
    if name in ACCESS["no_modules"]:
        raise ZohoError("INVALID_URL_PATTERN")
    if name in ACCESS["no_lists"]:
        raise ZohoError("INVALID_REQUEST_METHOD")
    module = organisation.module(name)
    if module is None or module["api_name"] != name:
        raise ZohoError("INVALID_MODULE", resource_path_index=0)
    return module


_EMPTY = "${EMPTY}"
_CALLER = "${CURRENTUSER}"


def record_test(context: Context, module: Row) -> Callable[[Record], bool]:
    """A test for the records that a call means."""
    params = context.params
    tests: list[Callable[[Record], bool]] = []
    known = context.organisation.records.fields(module["api_name"])
    if "Converted__s" in known:
        tests += _either(
            params.get("converted", "false"), lambda it: bool(it.value("Converted__s"))
        )
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


def only_in(module: Row, names: Sequence[str]) -> None:
    """400 NOT_SUPPORTED for a module that is neither among these nor a custom one."""
    if module["api_name"] not in names and module["generated_type"] != "custom":
        raise ZohoError("NOT_SUPPORTED", resource_path_index=0)
