"""Pipelines: `GET /crm/v8/settings/pipeline` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-pipelines.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.rows import Row, all_of, one_row, pick
from zohocrm_demo.params import Param
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_SCOPES = ("ZohoCRM.settings.pipeline.READ",)
_PARAMS = (Param("layout_id", required=True),)
_PATH = "/crm/v8/settings/pipeline"


def _pipelines(context: Context) -> list[Row]:
    made = context.organisation.customization
    layout = context.params["layout_id"]
    if pick(made.layouts.get("Deals", []), layout) is None:
        details = {"param_name": "layout_id"}
        raise ZohoError(400, "INVALID_DATA", "the layout id given seems to be invalid", details)
    return made.pipelines.get(layout, [])


ROUTES = (
    Route(_PATH, all_of("pipeline", _pipelines), _SCOPES, _PARAMS),
    Route(f"{_PATH}/{{one}}", one_row("pipeline", _pipelines), _SCOPES, _PARAMS),
)
