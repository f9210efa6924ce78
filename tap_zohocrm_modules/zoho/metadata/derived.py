"""Rows that are made of the parents' rows, without any call.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from tap_zohocrm_modules.definitions.endpoint import Endpoint, Row

USERS = "users"
"""What owners and users refer to: no module, but the organisation's people."""

_USER_KINDS = {"ownerlookup": "owner", "userlookup": "user"}


def derived_rows(endpoint: Endpoint, parent: Row) -> Iterable[Row]:
    """Return the rows of an endpoint without a path that its parent's row holds."""
    if endpoint.derive:
        return _DERIVED[endpoint.derive](parent)
    return [row for row in parent.get(endpoint.rows) or () if isinstance(row, dict)]


def relationships_of(field: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    """Yield a row for each module that a field refers to; most fields refer to none.

    A row has the columns of the stream `relationships`: the field, the kind of edge, the module it
    leads to, and for multi-select fields the linking module whose rows are the links, to which
    they have a row of their own.
    """
    about = {
        "field_id": field.get("id"),
        "field_api_name": field.get("api_name"),
        "field_label": field.get("field_label"),
        "data_type": field.get("data_type"),
        "required": field.get("system_mandatory"),
        "custom": field.get("custom_field"),
        "visible": field.get("visible"),
    }
    for edge in _edges(field):
        if edge.get("to_module"):
            yield {**about, **edge}


def _edges(field: Mapping[str, Any]) -> Iterator[dict[str, Any]]:
    data_type = str(field.get("data_type"))
    if data_type in _USER_KINDS:
        yield {"kind": _USER_KINDS[data_type], "to_module": USERS}
    elif linked := _object(field, "multiuserlookup"):
        yield from _linked("multi_user_lookup", {"to_module": USERS}, linked)
    elif linked := _object(field, "multiselectlookup"):
        connected = _object(linked, "connected_details")
        yield from _linked("multi_select_lookup", _module(connected.get("module")), linked)
    elif several := _several(field):
        for module in several:
            yield {"kind": "multi_module_lookup", **_module(module)}
    elif subform := (field.get("subform") or field.get("associated_module")):
        yield {"kind": "subform", **_module(subform)}
    elif lookup := _object(field, "lookup"):
        yield {
            "kind": "lookup",
            "related_list": lookup.get("api_name"),
            **_module(lookup.get("module")),
        }


def _several(field: Mapping[str, Any]) -> list[object]:
    """Return the modules that a polymorphic lookup can lead to; none for other fields."""
    # What_Id of activities names its modules in allowed_modules only.
    listed = _object(field, "multi_module_lookup").get("modules") or field.get("allowed_modules")
    return listed if isinstance(listed, list) else []


def _linked(
    kind: str, target: Mapping[str, Any], linked: Mapping[str, Any]
) -> Iterator[dict[str, Any]]:
    """Yield the edge to the module at the other end, and the one to the module between."""
    details = _object(linked, "linking_details")
    between = _module(details.get("module"))
    about = {
        "linking_module": between.get("to_module"),
        "linking_module_id": between.get("to_module_id"),
        "linking_field": _object(details, "lookup_field").get("api_name"),
        "connected_field": _object(details, "connected_lookup_field").get("api_name"),
    }
    yield {"kind": kind, **target, **about}
    yield {"kind": "linking", **between, **about}


def _module(module: object) -> dict[str, Any]:
    """Return the module that a field names, by its bare name in older answers."""
    if isinstance(module, str):
        return {"to_module": module}
    if not isinstance(module, dict):
        return {}
    name = module.get("api_name") or module.get("module") or module.get("module_name")
    return {"to_module": name, "to_module_id": module.get("id")}


def _object(holder: Mapping[str, Any], key: str) -> Mapping[str, Any]:
    value = holder.get(key)
    return value if isinstance(value, dict) else {}


_DERIVED: Mapping[str, Callable[[Row], Iterable[Row]]] = {"relationships": relationships_of}
"""What `derive` of a definition names."""
