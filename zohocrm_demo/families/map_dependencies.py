"""Dependencies between picklists: `GET /crm/v8/settings/layouts/{layout}/map_dependency`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-map-dependency.html
"""

from __future__ import annotations

from zohocrm_demo.answers import Answer
from zohocrm_demo.errors import invalid_id
from zohocrm_demo.families.chosen_module import MODULE
from zohocrm_demo.families.layouts import layouts_of
from zohocrm_demo.families.rows import FILTERS, PAGES, Row, one_row, page, pick, without
from zohocrm_demo.families.short_pages import short_pages
from zohocrm_demo.routes import Context, Route

_SCOPES = ("ZohoCRM.settings.map_dependency.READ",)
_PATH = "/crm/v8/settings/layouts/{layout}/map_dependency"
_PATH_INDEX = 2


def list_map_dependencies(context: Context) -> Answer:
    """The dependencies of a layout of `module`, without their values; 204 without any.

    Raises:
        ZohoError: 400 INVALID_MODULE, NOT_SUPPORTED for modules that can't have layouts,
            INVALID_DATA for a layout that isn't the module's.
    """
    rows = [without(row, ("pick_list_values",)) for row in _dependencies(context)]
    return page(short_pages(context), "map_dependency", rows)


def _whole_dependencies(context: Context) -> list[Row]:
    return [without(row, ("sub_module",)) for row in _dependencies(context)]


def _dependencies(context: Context) -> list[Row]:
    layout = context.variables["layout"]
    if pick(layouts_of(context), layout) is None:
        raise invalid_id(_PATH_INDEX)
    return context.organisation.customization.map_dependencies.get(layout, [])


ROUTES = (
    Route(_PATH, list_map_dependencies, _SCOPES, (MODULE, FILTERS, *PAGES)),
    Route(f"{_PATH}/{{one}}", one_row("map_dependency", _whole_dependencies), _SCOPES, (MODULE,)),
)
