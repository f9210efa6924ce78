"""Related lists: `GET /crm/v8/settings/related_lists`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/related-list-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.chosen_module import MODULE, chosen_module
from zohocrm_demo.families.rows import Row, all_of, pick
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context


def _related_lists(context: Context) -> list[Row]:
    # Hidden ones too, unless the status says otherwise.
    name = chosen_module(context)["api_name"]
    made = context.organisation.customization
    layout = context.params.get("layout_id")
    if layout is not None and pick(made.layouts.get(name, []), layout) is None:
        details = {"param_name": "layout_id"}
        raise ZohoError(400, "INVALID_DATA", "the layout id given seems to be invalid", details)
    status = context.params.get("status")
    return [row for row in made.related_lists.get(name, []) if status in {None, row["status"]}]


ROUTES = (
    Route(
        "/crm/v8/settings/related_lists",
        all_of("related_lists", _related_lists),
        ("ZohoCRM.settings.related_lists.READ",),
        (
            MODULE,
            Param("layout_id"),
            Param("status", one_of("visible", "scheduled_for_deletion", "user_hidden")),
        ),
    ),
)
