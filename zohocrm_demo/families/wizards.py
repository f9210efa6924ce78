"""Wizards: `GET /crm/v8/settings/wizards` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-wizards.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.chosen_module import ANY_MODULE, of_chosen_module
from zohocrm_demo.families.rows import Row, all_of, pick, without
from zohocrm_demo.params import Param
from zohocrm_demo.routes import Context, Route

if TYPE_CHECKING:
    from collections.abc import Iterable

_SCOPES = ("ZohoCRM.settings.wizards.READ",)
_PATH = "/crm/v8/settings/wizards"
_PATH_INDEX = 2
_of_module = of_chosen_module(
    lambda organisation: organisation.customization.wizards,
    message="the module name given seems to be invalid",
)


def get_wizard(context: Context) -> Answer:
    """One wizard with its container for a layout: the screens' fields and the way through them.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown wizard, or a layout that it hasn't.
    """
    wizard = pick(context.organisation.customization.wizards, context.variables["one"])
    if wizard is None:
        index = {"resource_path_index": _PATH_INDEX}
        raise ZohoError(400, "INVALID_DATA", "Invalid Wizard ID", index)
    layout = context.params["layout_id"]
    containers = [row for row in wizard["containers"] if row["layout"]["id"] == layout]
    if not containers:
        details = {"param_name": "layout_id"}
        raise ZohoError(400, "INVALID_DATA", "the layout id given seems to be invalid", details)
    return json_answer({"wizards": [{**wizard, "containers": containers}]})


def _in_list(context: Context) -> list[Row]:
    return [
        {**wizard, "containers": list(_brief(wizard["containers"]))}
        for wizard in _of_module(context)
    ]


def _brief(containers: list[Row]) -> Iterable[Row]:
    for container in containers:
        screens = [without(screen, ("segments", "reference_id")) for screen in container["screens"]]
        yield {**without(container, ("chart_data",)), "screens": screens}


ROUTES = (
    Route(_PATH, all_of("wizards", _in_list), _SCOPES, (ANY_MODULE,)),
    Route(f"{_PATH}/{{one}}", get_wizard, _SCOPES, (Param("layout_id", required=True),)),
)
