"""Custom views: `GET /crm/v8/settings/custom_views` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/custom-view-meta.html
"""

from __future__ import annotations

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import not_supported
from zohocrm_demo.families.chosen_module import (
    DETAILS,
    INNER_DETAILS,
    MODULE,
    chosen_module,
)
from zohocrm_demo.families.rows import FILTERS, PAGES, Row, page, pick, without
from zohocrm_demo.routes import Context, Route

_SCOPES = ("ZohoCRM.settings.custom_views.READ",)
_DETAILS = (
    "criteria",
    "cross_filters",
    "fields",
    "shared_to",
    "sort_by",
    "sort_order",
    "wrap_text",
)
_SERVED = frozenset({"default", "custom"})
_TRANSLATION = {
    "public_views": "Public Views",
    "other_users_views": "Other Users' Views",
    "shared_with_me": "Shared With Me",
    "created_by_me": "Created By Me",
}


def list_custom_views(context: Context) -> Answer:
    """The views of `module`, without criteria, fields and sorting; 204 for a module with none.

    Raises:
        ZohoError: 400 INVALID_MODULE, or NOT_SUPPORTED for subforms, linking modules and histories.
    """
    views = _views(context)
    rows = [without(view, _DETAILS) for view in views]
    return page(context, "custom_views", rows, **_info(views))


def get_custom_view(context: Context) -> Answer:
    """One whole view of `module` by its id; 204 for an unknown one.

    Raises:
        ZohoError: As for the list.
    """
    views = _views(context)
    view = pick(views, context.variables["one"])
    return json_answer({"custom_views": [view], "info": _info(views)}) if view else NO_CONTENT


def _info(views: list[Row]) -> Row:
    default = next((view["id"] for view in views if view["default"]), None)
    return {"default": default, "translation": _TRANSLATION}


def _views(context: Context) -> list[Row]:
    module = chosen_module(context)
    if module["generated_type"] not in _SERVED:
        raise not_supported("the given module has no custom views", DETAILS)
    return context.organisation.customization.custom_views.get(module["api_name"], [])


ROUTES = (
    Route("/crm/v8/settings/custom_views", list_custom_views, _SCOPES, (MODULE, FILTERS, *PAGES)),
    Route(
        "/crm/v8/settings/custom_views/{one}",
        get_custom_view,
        _SCOPES,
        (MODULE, INNER_DETAILS),
    ),
)
