"""Every call of metadata, with variables and parameters that find something."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from support.sample import awkward_sample

from zohocrm_demo.families.rows import GenericHandler
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.routes import Route, read_routes

from .conftest import Client, speaking

Row = dict[str, Any]
SAMPLE = awkward_sample()
DEALS_LAYOUT = SAMPLE.layouts["Deals"][0]["id"]
UNKNOWN = "5937104999999999999"
SINCE = "If-Modified-Since"
# What variables and parameters are.
VARIABLES = {
    "module": "Leads",
    "layout": SAMPLE.layouts["Leads"][0]["id"],
    "group": SAMPLE.user_groups[0]["id"],
    "portal": SAMPLE.portals[0]["name"],
    "kind": next(iter(SAMPLE.portal_users)),
    "picklist": SAMPLE.global_picklists[0]["id"],
    "territory": next(place for place, ids in SAMPLE.territory_users.items() if ids),
    "user": next(ids[0] for ids in SAMPLE.territory_users.values() if ids),
    "blueprint": SAMPLE.blueprints[0]["id"],
    "connected_workflow": SAMPLE.connected_workflows[0]["id"],
    "kiosk": next(iter(SAMPLE.kiosk_executions)),
    "tag": SAMPLE.tags["Leads"][0]["id"],
    "threshold": SAMPLE.assignment_thresholds[0]["id"],
}
PARAMS = {
    "module": "Leads",
    "group": SAMPLE.variables[0]["variable_group"]["id"],
    "include_inner_details": "field_label",
    "group_by": "module",
    # One that a view or a rule names.
    "picklist_value_id": SAMPLE.global_picklists[0]["pick_list_values"][1]["id"],
    "ids": ",".join(SAMPLE.blueprints[0][key][0]["id"] for key in ("states", "transitions")),
}
# Never empty: objects that are always there, numbers, what hangs on the organisation itself.
ALWAYS_THERE = ("count", "configurations", "/org", "/users", "/modules")
# Own code shows other things in the list than alone.
OWN_LISTS = ("shift_hours", "wizards", "field_updates")
NOT_METADATA = ("/crm/v8/{", "/crm/bulk/v8/", "/v2/crm/")
TABLE = {
    (call.get("verb", "GET"), family["path"] + call.get("path", "")): call
    for family in read_file("routes.yaml")["families"]
    for call in family["calls"]
}


@dataclass(frozen=True)
class Case:
    """A call of metadata, with variables and parameters that find something."""

    route: Route
    path: str
    params: dict[str, str]

    @property
    def generic(self) -> GenericHandler | None:
        handler = self.route.handler
        return handler if isinstance(handler, GenericHandler) else None

    @property
    def key(self) -> str | None:
        return None if self.generic is None or self.generic.shape == "count" else self.generic.key

    def has(self, param: str) -> bool:
        return any(known.name == param for known in self.route.params)

    def ask(self, client: Client, since: str | None = None, **more: str) -> Any:
        headers = {} if since is None else {SINCE: since}
        return client.get(self.path, params={**self.params, **more}, headers=headers)

    def rows(self, client: Client, **more: str) -> list[Row]:
        size = {"per_page": "100"} if self.has("per_page") else {}
        answer = self.ask(client, **size, **more)
        found: list[Row] = [] if answer.status_code == 204 else answer.json()[self.key]
        return found


def cases() -> Iterator[Case]:
    with speaking(SAMPLE, daily_credits=10**6) as client:
        for route in read_routes().rows:
            if route.method != "GET" or route.path.startswith(NOT_METADATA):
                continue
            params = {p.name: PARAMS.get(p.name, "") for p in route.params if p.required}
            if "layout_id" in params:
                wizards = "wizards" in route.path
                params["layout_id"] = VARIABLES["layout"] if wizards else DEALS_LAYOUT
            if "record_locking" in route.path:
                params["module"] = "Quotes"
            if "connected_workflow" in route.path and "module" in params:
                params["module"] = "Deals"
            yield Case(route, path_of(route, params, client), params)


def path_of(route: Route, params: dict[str, str], client: Client) -> str:
    parent, variable, _ = route.path.partition("/{one}")
    grouped = {"user": SAMPLE.users[4]["id"]} if "groups" in parent else {}
    parent = parent.format(**{**VARIABLES, **grouped})
    if not variable:
        return parent
    names = ("module", "layout_id") if params.get("layout_id") == DEALS_LAYOUT else ("module",)
    listing = {name: value for name, value in params.items() if name in names}
    if parent.endswith(("/states", "/transitions")):
        listing["ids"] = PARAMS["ids"]
    if "connected_workflow" in parent and parent.endswith("/rules"):
        listing["module"] = "Deals"
    answer = client.get(parent, params=listing).json()
    rows = next(value for value in answer.values() if isinstance(value, list))
    by = route.handler.by[0] if isinstance(route.handler, GenericHandler) else "id"
    return f"{parent}/{rows[0][by]}"


CASES = {case.path: case for case in cases()}


def calls(*chosen: Case) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("case", chosen, ids=[case.path for case in chosen])
