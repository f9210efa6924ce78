"""Values of a picklist: `GET /crm/v8/settings/fields/{field}/pick_list_values`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-pick-list-values.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import invalid_id
from zohocrm_demo.families.chosen_module import MODULE, chosen_module
from zohocrm_demo.families.rows import Row, all_of, pick
from zohocrm_demo.routes import Route

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_PATH_INDEX = 2
_WITH_VALUES = frozenset({"picklist", "multiselectpicklist"})


def _values(context: Context) -> list[Row]:
    fields = context.organisation.fields.get(chosen_module(context)["api_name"], [])
    field = pick(fields, context.variables["field"])
    if field is None:
        raise invalid_id(_PATH_INDEX)
    if field["data_type"] not in _WITH_VALUES:
        return []
    places = field["layout_associations"]
    return [{**value, "layout_associations": places} for value in field["pick_list_values"]]


ROUTES = (
    Route(
        "/crm/v8/settings/fields/{field}/pick_list_values",
        all_of("pick_list_values", _values),
        ("ZohoCRM.settings.fields.READ",),
        (MODULE,),
    ),
)
