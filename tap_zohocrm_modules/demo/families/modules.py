"""Modules: `GET /crm/v8/settings/modules` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

from tap_zohocrm_modules.demo.answers import NO_CONTENT, Answer, json_answer
from tap_zohocrm_modules.demo.params import Param, list_of
from tap_zohocrm_modules.demo.routes import Context, Route

STATUSES = ("visible", "user_hidden", "system_hidden", "scheduled_for_deletion")


def list_modules(context: Context) -> Answer:
    """All modules, or those of the given statuses; 204 when none has them."""
    status = context.params.get("status")
    wanted = set(STATUSES if status is None else status.split(","))
    chosen = [module for module in context.organisation.modules if module["status"] in wanted]
    return json_answer({"modules": chosen}) if chosen else NO_CONTENT


ROUTES = (
    Route(
        "/crm/v8/settings/modules",
        list_modules,
        ("ZohoCRM.settings.modules.READ",),
        (Param("status", list_of(*STATUSES)),),
    ),
)
