"""How Get Records, COQL and Bulk Read write values, each in its own way.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html,
https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html

What is kept for a field: text and days as text, numbers as int or Decimal, date-times as seconds
since 1970, choices and tags as tuples of text, records and users as their ids (`(module, id)`
where any module will do), recurrences and alarms as their rules, all else as JSON values.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.organisation.records.json_text import json_number, number_text
from zohocrm_demo.organisation.records.kinds import is_restricted, kind_of
from zohocrm_demo.organisation.records.times import written
from zohocrm_demo.organisation.records.view import OrganisationView as View

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Row

__all__ = ["CHOICE_SEPARATOR", "Place", "View", "coql_writer", "csv_writer", "rest_writer"]

RICH_TEXT_IN_LISTS = 500
# What joins choices is documented nowhere; tags come joined by commas.
CHOICE_SEPARATOR = ";"
TAG_SEPARATOR = ","

Writer: TypeAlias = Callable[[Any], Any]
_WriterAt: TypeAlias = "Callable[[Place], Writer]"


@dataclass(frozen=True, slots=True)
class Place:
    """A field in its module, seen by a caller.

    Attributes:
        module: The module's API name.
        field: The field's metadata.
        view: What ids refer to.
    """

    module: str
    field: Row
    view: View


def rest_writer(place: Place, *, whole: bool = False) -> Writer:
    """How Get Records writes the field's values; `whole` texts come from single records."""
    kind = kind_of(place.field)
    if kind == "rich_text" and not whole:
        return _guarded(place, lambda value: value[:RICH_TEXT_IN_LISTS])
    return _guarded(place, _REST.get(kind, _plain)(place))


def coql_writer(place: Place) -> Writer:
    """How COQL writes them."""
    kind = kind_of(place.field)
    return _guarded(place, _COQL.get(kind, _REST.get(kind, _plain))(place))


def csv_writer(place: Place) -> Callable[[Any], str]:
    """How Bulk Read writes them, everything as text; null is an empty cell."""
    write = _CSV.get(kind_of(place.field), _as_text)(place)
    hidden = is_restricted(place.field)
    return lambda value: "" if value is None or hidden else write(value)


def _guarded(place: Place, write: Writer) -> Writer:
    if is_restricted(place.field):
        return lambda _: None
    if write is _same:
        return write
    return lambda value: None if value is None else write(value)


def _same(value: Any) -> Any:
    return value


def _plain(_: Place) -> Writer:
    return _same


def _as_text(_: Place) -> Writer:
    return str


def _datetime(place: Place) -> Writer:
    # In the caller's zone, the same in all three ways.
    zone = place.view.zone
    return lambda value: written(value, zone)


def _taxes(place: Place) -> Writer:
    values = place.field.get("pick_list_values") or ()
    ids = {value["actual_value"]: value["id"] for value in values}
    return lambda value: [{"value": name, "id": ids.get(name)} for name in value]


def _record(place: Place) -> Writer:
    module = place.field["lookup"]["module"]["api_name"]
    return lambda value: place.view.reference(module, value)


def _any_record(place: Place) -> Writer:
    view = place.view
    if place.field["data_type"] == "lookup":
        # The record's `$se_module` names the module.
        return lambda value: view.reference(*value)
    return lambda value: {**view.reference(*value), "module": view.module_reference(value[0])}


def _any_id(place: Place) -> Writer:
    if place.field["data_type"] == "lookup":
        return lambda value: {"id": value[1]}
    return lambda value: {"id": value[1], "module": place.view.module_reference(value[0])}


def _assigned_territories(place: Place) -> Writer:
    return lambda value: [{**place.view.territory(one), "assigned": "automatic"} for one in value]


def _only_id(_: Place) -> Writer:
    return lambda value: {"id": value}


def _coql_user(place: Place) -> Writer:
    view = place.view
    return lambda value: {"name": view.user(value)["name"], "id": value}


def _named_in_coql(named: _WriterAt) -> _WriterAt:
    return lambda place: (named if place.view.names_in_coql else _only_id)(place)


_REST: Mapping[str, _WriterAt] = {
    "bigint": _as_text,
    "decimal": lambda _: json_number,
    "datetime": _datetime,
    "choices": lambda _: list,
    "taxes": _taxes,
    "record": _record,
    "any_record": _any_record,
    "user": lambda place: place.view.user,
    "tags": lambda place: lambda value: [place.view.tag(place.module, name) for name in value],
    "recurrence": lambda _: lambda value: {"RRULE": value},
    "alarm": lambda _: lambda value: {"ALARM": value},
    "layout": lambda place: lambda value: place.view.layout(place.module, value),
    "module": lambda place: place.view.module_reference,
    "territories": _assigned_territories,
    "territory": lambda place: place.view.territory,
}
_COQL: Mapping[str, _WriterAt] = {
    "bigint": _plain,
    "taxes": lambda _: list,
    "record": _named_in_coql(_record),
    "any_record": _any_id,
    "user": _named_in_coql(_coql_user),
    "alarm": _plain,
    "consent": lambda _: lambda value: {"id": value["id"]},
    "layout": _only_id,
    "territories": lambda place: lambda value: [place.view.territory(one) for one in value],
}
_CSV: Mapping[str, _WriterAt] = {
    "decimal": lambda _: number_text,
    "boolean": lambda _: lambda value: "true" if value else "false",
    "datetime": _datetime,
    "choices": lambda _: CHOICE_SEPARATOR.join,
    "taxes": lambda _: CHOICE_SEPARATOR.join,
    "tags": lambda _: TAG_SEPARATOR.join,
    "any_record": lambda _: lambda value: str(value[1]),
    "consent": lambda _: lambda value: str(value["id"]),
    "reminders": lambda _: lambda value: json.dumps(value, ensure_ascii=False),
}
