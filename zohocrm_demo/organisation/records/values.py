"""How Get Records and COQL write values, each in its own way; `csv_values` has Bulk Read's.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html

What is kept for a field: text and days as text, numbers as int or Decimal, date-times as seconds
since 1970, choices and tags as tuples of text, records and users as their ids (`(module, id)`
where any module will do), recurrences and alarms as their rules, all else as JSON values.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Protocol, TypeAlias

from zohocrm_demo.organisation.records.json_text import json_number
from zohocrm_demo.organisation.records.kinds import Kind, is_restricted, kind_of
from zohocrm_demo.organisation.records.times import written

if TYPE_CHECKING:
    from collections.abc import Mapping
    from datetime import tzinfo

    from zohocrm_demo.organisation.references import Row

RICH_TEXT_IN_LISTS = 500

Writer: TypeAlias = Callable[[Any], Any]


class View(Protocol):
    """What else must be known to write a value: whom it is for, and what ids refer to."""

    @property
    def zone(self) -> tzinfo:
        """The caller's time zone."""

    @property
    def names_in_coql(self) -> bool:
        """Whether COQL gives names of looked-up records and users, too."""

    def user(self, user_id: str) -> Row:
        """`{name, id, email}` of a user."""

    def reference(self, module: str, record_id: str) -> Row:
        """`{name, id}` of a record."""

    def module_reference(self, api_name: str) -> Row:
        """`{api_name, id}` of a module."""

    def tag(self, module: str, name: str) -> Row:
        """`{name, id, color_code}` of a tag."""

    def territory(self, territory_id: str) -> Row:
        """`{name, id}` of a territory."""

    def layout(self, module: str, layout_id: str) -> Row:
        """`{name, display_label, id}` of a layout."""


@dataclass(frozen=True, slots=True)
class Place:
    """A field in its module, seen by a caller.

    Attributes:
        module: The module's API name.
        field: The field's metadata.
        view: What else must be known.
    """

    module: str
    field: Row
    view: View


def rest_writer(place: Place, *, whole: bool = False) -> Writer:
    """How Get Records writes the field's values; `whole` texts come from single records."""
    kind = kind_of(place.field)
    if kind == "rich_text":
        return _same if whole else _cut
    return _guarded(place, _REST.get(kind, _plain)(place))


def coql_writer(place: Place) -> Writer:
    """How COQL writes them."""
    kind = kind_of(place.field)
    return _guarded(place, _COQL.get(kind, _REST.get(kind, _plain))(place))


def _guarded(place: Place, writer: Writer) -> Writer:
    if is_restricted(place.field):
        return _nothing

    def write(value: Any) -> Any:
        return None if value is None else writer(value)

    return writer if writer is _same else write


def _same(value: Any) -> Any:
    return value


def _nothing(value: Any) -> None:
    del value


def _cut(value: Any) -> Any:
    return None if value is None else value[:RICH_TEXT_IN_LISTS]


def _plain(_: Place) -> Writer:
    return _same


def _text(_: Place) -> Writer:
    return str


def _number(_: Place) -> Writer:
    return json_number


def _listed(_: Place) -> Writer:
    return list


def datetime_writer(place: Place) -> Writer:
    """Writes date-times in the caller's zone, the same in all three ways."""
    zone = place.view.zone
    return lambda value: written(value, zone)


def _taxes(place: Place) -> Writer:
    ids = {
        value["actual_value"]: value["id"] for value in place.field.get("pick_list_values") or ()
    }
    return lambda value: [{"value": name, "id": ids.get(name)} for name in value]


def _record(place: Place) -> Writer:
    module = place.field["lookup"]["module"]["api_name"]
    return lambda value: place.view.reference(module, value)


def _any_record(place: Place) -> Writer:
    view = place.view
    return lambda value: {**view.reference(*value), "module": view.module_reference(value[0])}


def _any_id(place: Place) -> Writer:
    view = place.view
    return lambda value: {"id": value[1], "module": view.module_reference(value[0])}


def _user(place: Place) -> Writer:
    return place.view.user


def _tags(place: Place) -> Writer:
    return lambda value: [place.view.tag(place.module, name) for name in value]


def _recurrence(_: Place) -> Writer:
    return lambda value: {"RRULE": value}


def _alarm(_: Place) -> Writer:
    return lambda value: {"ALARM": value}


def _territory(place: Place) -> Writer:
    return place.view.territory


def _assigned_territories(place: Place) -> Writer:
    return lambda value: [{**place.view.territory(one), "assigned": "automatic"} for one in value]


def _territories(place: Place) -> Writer:
    return lambda value: [place.view.territory(one) for one in value]


def _layout(place: Place) -> Writer:
    return lambda value: place.view.layout(place.module, value)


def _module(place: Place) -> Writer:
    return place.view.module_reference


def _only_id(_: Place) -> Writer:
    return lambda value: {"id": value}


def _coql_record(place: Place) -> Writer:
    return _record(place) if place.view.names_in_coql else _only_id(place)


def _coql_user(place: Place) -> Writer:
    view = place.view
    if not view.names_in_coql:
        return _only_id(place)
    return lambda value: {"name": view.user(value)["name"], "id": value}


def _consent_id(_: Place) -> Writer:
    return lambda value: {"id": value["id"]}


_REST: Mapping[Kind, Callable[[Place], Writer]] = {
    "bigint": _text,
    "decimal": _number,
    "datetime": datetime_writer,
    "choices": _listed,
    "taxes": _taxes,
    "record": _record,
    "any_record": _any_record,
    "user": _user,
    "tags": _tags,
    "recurrence": _recurrence,
    "alarm": _alarm,
    "layout": _layout,
    "module": _module,
    "territories": _assigned_territories,
    "territory": _territory,
}
_COQL: Mapping[Kind, Callable[[Place], Writer]] = {
    "bigint": _plain,
    "taxes": _listed,
    "record": _coql_record,
    "any_record": _any_id,
    "user": _coql_user,
    "alarm": _plain,
    "consent": _consent_id,
    "layout": _only_id,
    "territories": _territories,
}
