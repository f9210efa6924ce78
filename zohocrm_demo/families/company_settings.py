"""The company, its variables, its preferences for appointments.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-org-data.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-variables.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-variable-group.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-appointment-preferences.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError, invalid_id
from zohocrm_demo.families.rows import Row, without

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zohocrm_demo.routes import Context

_PATH_INDEX = 2


def company(context: Context) -> list[Row]:
    """The company, its currency, zone and licence."""
    return [context.organisation.company]


def variable(context: Context) -> list[Row]:
    """One variable of `group`; both by id or API name.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown group or variable.
    """
    group = context.params["group"]
    own = [row for row in context.organisation.variables if _is(row["variable_group"], group)]
    if not own:
        raise ZohoError(400, "INVALID_DATA", "invalid data", {"param_name": "group"})
    return _named(own, context)


def variable_group(context: Context) -> list[Row]:
    """One group of variables, by id or API name; 400 INVALID_DATA for an unknown one."""
    return _named(context.organisation.variable_groups, context)


def appointment_preferences(context: Context) -> Row:
    """What deals are made of comes only if `include` names it."""
    preferences = context.organisation.appointment_preferences
    hidden = () if "include" in context.params else ("deal_record_configuration",)
    return without(preferences, hidden)


def _named(rows: Iterable[Row], context: Context) -> list[Row]:
    found = [row for row in rows if _is(row, context.variables["one"])]
    if not found:
        raise invalid_id(_PATH_INDEX)
    return found[:1]


def _is(row: Row, wanted: str) -> bool:
    return wanted in {row["id"], row["api_name"]}
