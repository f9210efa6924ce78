"""Currencies, variables, senders, contact roles, preferences.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-currencies-data.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-variables.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-variable-group.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-from-addresses-list.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-contact-roles.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-appointment-preferences.html
"""

from __future__ import annotations

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.errors import ZohoError, invalid_id
from zohocrm_demo.families.rows import Row, all_of, one_object, one_row, without
from zohocrm_demo.params import Param, one_of, refused
from zohocrm_demo.routes import Context, Route

_CURRENCIES = ("ZohoCRM.settings.currencies.READ",)
_VARIABLES = ("ZohoCRM.settings.variables.READ",)
_VARIABLE_GROUPS = ("ZohoCRM.settings.variable_groups.READ",)
_CONTACTS = ("ZohoCRM.modules.contacts.READ",)
_MODULES = ("ZohoCRM.settings.modules.READ",)
_VARIABLE_INDEX = 2
_DEAL_CONFIGURATION = "deal_record_configuration"


def _currencies(context: Context) -> list[Row]:
    return context.organisation.currencies


def _contact_roles(context: Context) -> list[Row]:
    return context.organisation.contact_roles


def get_variable(context: Context) -> Answer:
    """One variable of `group`; both by id or API name.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown group or variable.
    """
    variables = context.organisation.variables
    group = context.params["group"]
    own = [row for row in variables if _is(row["variable_group"], group)]
    if not own:
        raise ZohoError(400, "INVALID_DATA", "invalid data", {"param_name": "group"})
    for row in own:
        if _is(row, context.variables["one"]):
            return json_answer({"variables": [row]})
    raise invalid_id(_VARIABLE_INDEX)


def get_variable_group(context: Context) -> Answer:
    """One group of variables, by id or API name.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown one.
    """
    for row in context.organisation.variable_groups:
        if _is(row, context.variables["one"]):
            return json_answer({"variable_groups": [row]})
    raise invalid_id(_VARIABLE_INDEX)


def get_appointment_preferences(context: Context) -> Answer:
    """One object; what deals are made of comes only if `include` names it."""
    preferences = context.organisation.appointment_preferences
    if "include" not in context.params:
        preferences = without(preferences, (_DEAL_CONFIGURATION,))
    return json_answer({"appointment_preferences": preferences})


def _is(row: Row, wanted: str) -> bool:
    return wanted in {row["id"], row["api_name"]}


ROUTES = (
    Route("/crm/v8/org/currencies", all_of("currencies", _currencies), _CURRENCIES),
    Route("/crm/v8/org/currencies/{one}", one_row("currencies", _currencies), _CURRENCIES),
    Route(
        "/crm/v8/settings/variables",
        all_of("variables", lambda context: context.organisation.variables),
        _VARIABLES,
    ),
    Route(
        "/crm/v8/settings/variables/{one}",
        get_variable,
        _VARIABLES,
        (
            Param("group", required=True),
            Param("group_rid", refused("group_rid is not supported by the demo")),
        ),
    ),
    Route(
        "/crm/v8/settings/variable_groups",
        all_of("variable_groups", lambda context: context.organisation.variable_groups),
        _VARIABLE_GROUPS,
    ),
    Route("/crm/v8/settings/variable_groups/{one}", get_variable_group, _VARIABLE_GROUPS),
    Route(
        "/crm/v8/settings/emails/actions/from_addresses",
        all_of("from_addresses", lambda context: context.organisation.from_addresses),
        ("ZohoCRM.settings.emails.READ",),
    ),
    Route("/crm/v8/Contacts/roles", all_of("contact_roles", _contact_roles), _CONTACTS),
    Route("/crm/v8/Contacts/roles/{one}", one_row("contact_roles", _contact_roles), _CONTACTS),
    Route(
        "/crm/v8/settings/appointment_preferences",
        get_appointment_preferences,
        ("ZohoCRM.org.READ",),
        (Param("include", one_of(_DEAL_CONFIGURATION)),),
    ),
    Route(
        "/crm/v8/settings/service_preferences",
        one_object("service_preferences", lambda context: context.organisation.service_preferences),
        _MODULES,
    ),
    Route(
        "/crm/v8/settings/call_preferences",
        one_object("call_preferences", lambda context: context.organisation.call_preferences),
        _MODULES,
    ),
)
