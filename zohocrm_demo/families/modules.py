"""Modules: `GET /crm/v8/settings/modules` and one of them.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html,
https://www.zoho.com/crm/developer/docs/api/v8/module-meta.html
"""

from __future__ import annotations

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer, json_answer
from zohocrm_demo.errors import ZohoError, invalid_module, not_supported
from zohocrm_demo.families.modified_since import changed, modified_since
from zohocrm_demo.families.module_details import details
from zohocrm_demo.params import Param, list_of, refused
from zohocrm_demo.routes import Context, Route

STATUSES = ("visible", "user_hidden", "system_hidden", "scheduled_for_deletion")
_SCOPES = ("ZohoCRM.settings.modules.READ",)
_PATH_INDEX = {"resource_path_index": 2}
_WEB_TABS = frozenset({"web", "webtab_link"})


def list_modules(context: Context) -> Answer:
    """All modules, or those of the given statuses; 204 when none has them.

    With If-Modified-Since only those changed since then; 304 when there are none.
    """
    status = context.params.get("status")
    wanted = frozenset(STATUSES if status is None else status.split(","))
    chosen = [module for module in context.organisation.modules if module["status"] in wanted]
    if not chosen:
        return NO_CONTENT
    recent = changed(chosen, modified_since(context))
    return json_answer({"modules": recent}) if recent else NOT_MODIFIED


def get_module(context: Context) -> Answer:
    """One module by API name or id, with more keys than in the list; 204 for web tabs.

    Raises:
        ZohoError: 400 INVALID_MODULE for an unknown one, 400 NOT_SUPPORTED for one without API.
    """
    organisation = context.organisation
    module = organisation.module(context.variables["module"])
    if module is None:
        raise invalid_module(_PATH_INDEX)
    if module["generated_type"] in _WEB_TABS:
        return NO_CONTENT
    if not module["api_supported"]:
        raise not_supported("the given module is not supported in api", _PATH_INDEX)
    # The list's own values win over the details' defaults.
    return json_answer({"modules": [{**module, **details(module, organisation), **module}]})


def _feature(name: str, value: str) -> None:
    # Which module has which of Zoho's 800 internal features is published nowhere.
    if not value:
        raise ZohoError(400, "INVALID_DATA", "invalid data")
    refused("the feature not available in the demo")(name, value)


ROUTES = (
    Route(
        "/crm/v8/settings/modules",
        list_modules,
        _SCOPES,
        (
            Param("status", list_of(*STATUSES)),
            Param("feature_name", _feature),
            # Only in the OpenAPI file of 2026, and for layouts and related lists a call apiece.
            Param("include", refused("include is not supported by the demo")),
        ),
    ),
    Route("/crm/v8/settings/modules/{module}", get_module, _SCOPES),
)
