"""How Get Records, COQL and Bulk Read write values, each in its own way.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html,
https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html

What is kept for a field: text and days as text, numbers as int or Decimal, date-times as seconds
since 1970, choices and tags as tuples of text, records and users as their ids (`(module, id)`
where any module will do), recurrences and alarms as their rules, all else as JSON values.
"""

from __future__ import annotations

import functools
import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import tzinfo
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from zohocrm_demo.organisation.records.kinds import is_restricted, kind_of
from zohocrm_demo.organisation.records.times import written
from zohocrm_demo.organisation.references import Row, by_api_name, ref

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation


class OrganisationView:
    """Looks ids up in the organisation; made anew for each call, for both may change."""

    def __init__(
        self, organisation: Organisation, zone: tzinfo, namer: Callable[[str], Any], **options: bool
    ) -> None:
        self.zone = zone
        self.names_in_coql = options.get("names_in_coql", False)
        self._organisation = organisation
        self._namer = functools.cache(namer)
        self._users: dict[str, Row] = {user["id"]: user for user in organisation.users}
        self._modules = by_api_name(organisation.modules)

    def user_row(self, user_id: str) -> Row:
        """A user with all keys; empty for unknown ones."""
        return self._users.get(user_id, {})

    def user(self, user_id: str) -> Row:
        """`{name, id, email}` of a user."""
        user = self.user_row(user_id)
        return {"name": user.get("full_name"), "id": user_id, "email": user.get("email")}

    def reference(self, module: str, record_id: str) -> Row:
        """`{name, id}` of a record; a deleted one has no name any more."""
        return {"name": self._namer(module)(record_id), "id": record_id}

    def module_reference(self, api_name: str) -> Row:
        """`{api_name, id}` of a module."""
        return ref(self._modules[api_name])

    def tag(self, module: str, name: str) -> Row:
        """`{name, id, color_code}` of a tag; null where nobody has described it."""
        known = _found(self._organisation.tags.get(module, ()), "name", name)
        return {"name": name, "id": known.get("id"), "color_code": known.get("color_code")}

    def territory(self, territory_id: str) -> Row:
        """`{name, id}` of a territory."""
        known = _found(self._organisation.territories, "id", territory_id)
        return {"name": known["name"], "id": territory_id}

    def layout(self, module: str, layout_id: str) -> Row:
        """`{name, display_label, id}` of a layout."""
        known = _found(self._organisation.layouts.get(module, ()), "id", layout_id)
        name = known.get("name")
        return {"name": name, "display_label": known.get("display_label", name), "id": layout_id}


def _found(rows: Iterable[Row], key: str, value: str) -> Row:
    return next((row for row in rows if row[key] == value), {})


RICH_TEXT_IN_LISTS = 500
# What joins choices is documented nowhere; tags come joined by commas.
CHOICE_SEPARATOR = ";"
TAG_SEPARATOR = ","

Writer: TypeAlias = Callable[[Any], Any]
_WriterAt: TypeAlias = "Callable[[Place], Writer]"


@dataclass(frozen=True, slots=True)
class Place:
    """A field in its module, seen by a caller."""

    module: str
    field: Row
    view: OrganisationView


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


def _always(write: Writer) -> _WriterAt:
    return lambda _: write


_plain, _as_text = _always(_same), _always(str)
_only_id = _always(lambda value: {"id": value})


def _json_number(number: Decimal) -> int | float | Decimal:
    # In the type that JSON is written fastest with, with the same digits.
    if number == (whole := int(number)):
        return whole
    nearest = float(number)
    return nearest if repr(nearest) == str(number) else number


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


def _named_in_coql(named: _WriterAt) -> _WriterAt:
    return lambda place: (named if place.view.names_in_coql else _only_id)(place)


_REST: Mapping[str, _WriterAt] = {
    "bigint": _as_text,
    "decimal": _always(_json_number),
    "datetime": _datetime,
    "choices": _always(list),
    "taxes": _taxes,
    "record": _record,
    "any_record": _any_record,
    "user": lambda place: place.view.user,
    "tags": lambda place: lambda value: [place.view.tag(place.module, name) for name in value],
    "recurrence": lambda _: lambda value: {"RRULE": value},
    "alarm": lambda _: lambda value: {"ALARM": value},
    "layout": lambda place: lambda value: place.view.layout(place.module, value),
    "module": lambda place: place.view.module_reference,
    "territories": lambda place: (
        lambda value: [{**place.view.territory(one), "assigned": "automatic"} for one in value]
    ),
    "territory": lambda place: place.view.territory,
}
_COQL: Mapping[str, _WriterAt] = {
    "bigint": _plain,
    "taxes": _always(list),
    "record": _named_in_coql(_record),
    "any_record": _any_id,
    "user": _named_in_coql(
        lambda place: lambda value: {"name": place.view.user(value)["name"], "id": value}
    ),
    "alarm": _plain,
    "consent": lambda _: lambda value: {"id": value["id"]},
    "layout": _only_id,
    "territories": lambda place: lambda value: [place.view.territory(one) for one in value],
}
_CSV: Mapping[str, _WriterAt] = {
    "decimal": _always("{:f}".format),
    "boolean": lambda _: lambda value: "true" if value else "false",
    "datetime": _datetime,
    "choices": _always(CHOICE_SEPARATOR.join),
    "taxes": _always(CHOICE_SEPARATOR.join),
    "tags": _always(TAG_SEPARATOR.join),
    "any_record": lambda _: lambda value: str(value[1]),
    "consent": lambda _: lambda value: str(value["id"]),
    "reminders": lambda _: lambda value: json.dumps(value, ensure_ascii=False),
}
