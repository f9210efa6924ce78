"""Webhooks, the modules that have some, and their failures.

Source: https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

import re
from datetime import date
from typing import TYPE_CHECKING

from zohocrm_demo.answers import Answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.chosen_module import (
    ANY_MODULE,
    chosen_module,
    of_chosen_module,
)
from zohocrm_demo.families.rows import (
    FILTERS,
    PAGES,
    Row,
    all_of,
    one_row,
    page,
    pick,
)
from zohocrm_demo.families.sorting import in_order, sorting
from zohocrm_demo.families.workflow_actions import SCOPES
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Context, Route

if TYPE_CHECKING:
    from collections.abc import Iterable

_PATH = "/crm/v8/settings/automation/webhooks"
_MOST_HOOKS = 500
_MOST_FAILURES = 10_000
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_of_module = of_chosen_module(lambda organisation: organisation.automation.webhooks)


def list_webhooks(context: Context) -> Answer:
    """The webhooks, or those of `module`, `related_module` or `feature_type`; else 204.

    Raises:
        ZohoError: 400 INVALID_MODULE for unknown modules.
    """
    feature, related = context.params.get("feature_type"), context.params.get("related_module")
    hooks = [
        hook
        for hook in _of_module(context)
        if feature in {None, hook["feature_type"]}
        and related in {None, (hook["related_module"] or {}).get("api_name")}
    ]
    return page(context, "webhooks", in_order(context, hooks, "desc"), max_limit=_MOST_HOOKS)


def list_failures(context: Context) -> Answer:
    """The failures of the days `from` to `to`, of all webhooks or one; 204 without any.

    Raises:
        ZohoError: 400 INVALID_MODULE for unknown modules, INVALID_DATA for an unknown webhook.
    """
    automation = context.organisation.automation
    hook = context.params.get("webhook_id")
    if hook is not None and pick(automation.webhooks, hook) is None:
        details = {"param_name": "webhook_id"}
        raise ZohoError(400, "INVALID_DATA", "the id given seems to be invalid", details)
    name = chosen_module(context)["api_name"] if "module" in context.params else None
    first, last = context.params.get("from", ""), context.params.get("to", "9999-12-31")
    rows = [
        row
        for row in automation.webhook_failures
        if hook in {None, row["webhook"]["id"]}
        and name in {None, row["entity_details"]["module"]["api_name"]}
        and first <= row["failure_time"][:10] <= last
    ]
    return page(context, "webhook_failures", rows, max_limit=_MOST_FAILURES)


def _hooks(context: Context) -> list[Row]:
    return context.organisation.automation.webhooks


def _modules(context: Context) -> list[Row]:
    refs: Iterable[Row] = (hook["module"] for hook in _hooks(context))
    return list({ref["id"]: ref for ref in refs}.values())


def _day(name: str, value: str) -> None:
    try:
        if _DATE.fullmatch(value):
            date.fromisoformat(value)
            return
    except ValueError:
        pass
    details = {"expected_data_type": "date", "param_name": name}
    raise ZohoError(400, "INVALID_DATA", "The value provided to the param is Invalid", details)


ROUTES = (
    Route(
        _PATH,
        list_webhooks,
        SCOPES,
        (
            ANY_MODULE,
            Param("related_module"),
            Param("feature_type", one_of("workflow", "assignmentrules", "connectedworkflow")),
            FILTERS,
            *sorting("Modified_Time"),
            *PAGES,
        ),
    ),
    Route(f"{_PATH}/{{one}}", one_row("webhooks", _hooks), SCOPES),
    Route(f"{_PATH}/actions/associated_modules", all_of("associated_modules", _modules), SCOPES),
    Route(
        "/crm/v8/settings/automation/webhook_failures",
        list_failures,
        SCOPES,
        (
            Param("webhook_id"),
            ANY_MODULE,
            Param("from", _day),
            Param("to", _day),
            *PAGES,
        ),
    ),
)
