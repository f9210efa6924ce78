"""Modules: the list, and one of them with more keys.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html,
https://www.zoho.com/crm/developer/docs/api/v8/module-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import invalid_module, not_supported
from zohocrm_demo.families.module_details import details

if TYPE_CHECKING:
    from zohocrm_demo.families.rows import Row
    from zohocrm_demo.routes import Context

_PATH_INDEX = {"resource_path_index": 2}
_WEB_TABS = frozenset({"web", "webtab_link"})


def listed(context: Context) -> list[Row]:
    """All modules, or those of the statuses asked for."""
    status = context.params.get("status")
    modules = context.organisation.modules
    return [row for row in modules if status is None or row["status"] in status.split(",")]


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
