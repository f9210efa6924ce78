"""What failed of the webhooks, and the modules that have some.

Source: https://www.zoho.com/crm/developer/docs/api/v8/openapi-specification.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.rows import Row, known_param

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context


def failures(context: Context) -> list[Row]:
    """The failures of the days `from` to `to`, of all webhooks or one, of all modules or one.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown webhook.
    """
    automation = context.organisation.automation
    hook = known_param(context, "webhook_id", automation.webhooks)
    name = None if context.module is None else context.module["api_name"]
    first, last = context.params.get("from", ""), context.params.get("to", "9999-12-31")
    return [
        row
        for row in automation.webhook_failures
        if hook in {None, row["webhook"]["id"]}
        and name in {None, row["entity_details"]["module"]["api_name"]}
        and first <= row["failure_time"][:10] <= last
    ]


def modules(context: Context) -> list[Row]:
    """The modules that have webhooks, once each."""
    refs = (hook["module"] for hook in context.organisation.automation.webhooks)
    return list({row["id"]: row for row in refs}.values())
