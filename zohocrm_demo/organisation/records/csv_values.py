"""How Bulk Read writes values: everything as text, null as an empty cell.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html, and published runs
of clients. What joins choices is documented nowhere; tags come joined by commas.
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.records.json_text import number_text
from zohocrm_demo.organisation.records.kinds import Kind, is_restricted, kind_of
from zohocrm_demo.organisation.records.values import Place, datetime_writer

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

CHOICE_SEPARATOR = ";"
TAG_SEPARATOR = ","


def csv_writer(place: Place) -> Callable[[Any], str]:
    """How Bulk Read writes them; null is an empty cell."""
    if is_restricted(place.field):
        return _empty
    writer = _CSV.get(kind_of(place.field), _csv_text)(place)

    def write(value: Any) -> str:
        return "" if value is None else writer(value)

    return write


def _empty(value: Any) -> str:
    del value
    return ""


def _csv_text(_: Place) -> Callable[[Any], str]:
    return str


def _csv_number(_: Place) -> Callable[[Any], str]:
    return number_text


def _csv_boolean(_: Place) -> Callable[[Any], str]:
    return lambda value: "true" if value else "false"


def _csv_choices(_: Place) -> Callable[[Any], str]:
    return CHOICE_SEPARATOR.join


def _csv_tags(_: Place) -> Callable[[Any], str]:
    return TAG_SEPARATOR.join


def _csv_any_id(_: Place) -> Callable[[Any], str]:
    return lambda value: str(value[1])


def _csv_consent(_: Place) -> Callable[[Any], str]:
    return lambda value: str(value["id"])


def _csv_json(_: Place) -> Callable[[Any], str]:
    return lambda value: json.dumps(value, ensure_ascii=False)


_CSV: Mapping[Kind, Callable[[Place], Callable[[Any], str]]] = {
    "decimal": _csv_number,
    "boolean": _csv_boolean,
    "datetime": datetime_writer,
    "choices": _csv_choices,
    "taxes": _csv_choices,
    "tags": _csv_tags,
    "any_record": _csv_any_id,
    "consent": _csv_consent,
    "reminders": _csv_json,
}
