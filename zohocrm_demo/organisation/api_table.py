"""The calls that the sample organisation's user may make, as `GET /crm/v8/__apis` lists them.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/list-available-rest-apis.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.references import Row

# Path below /crm/v8: methods, scope without operation.
_APIS = """
/org|GET|org
/org/currencies|GET POST PUT|settings.currencies
/users|GET POST PUT|users
/users/{user}|GET PUT DELETE|users
/users/{user}/territories|GET PUT DELETE|users
/settings/modules|GET POST|settings.modules
/settings/modules/{module}|GET PUT|settings.modules
/settings/fields|GET POST PATCH|settings.fields
/settings/layouts|GET PATCH|settings.layouts
/settings/custom_views|GET|settings.custom_views
/settings/related_lists|GET|settings.related_lists
/settings/roles|GET POST PUT|settings.roles
/settings/roles/{role}|GET PUT DELETE|settings.roles
/settings/profiles|GET|settings.profiles
/settings/profiles/{profile}|GET PUT DELETE|settings.profiles
/settings/territories|GET POST PUT DELETE|settings.territories
/settings/user_groups|GET POST|settings.user_groups
/settings/user_groups/{group}|GET PUT DELETE|settings.user_groups
/settings/business_hours|GET POST PUT|settings.business_hours
/settings/holidays|GET POST PUT|settings.business_hours
/settings/fiscal_year|GET PUT|settings.fiscal_year
/settings/variables|GET POST PUT DELETE|settings.variables
/settings/variable_groups|GET|settings.variable_groups
/settings/tags|GET POST PUT|settings.tags
/settings/recycle_bin|GET DELETE|settings.recycle_bin
/settings/audit_log_export|GET POST|settings.audit_logs
/settings/portals|GET POST|settings.clientportal
/actions/watch|GET POST PUT PATCH DELETE|notifications
/coql|POST|coql
/{module}|GET POST PUT DELETE|modules
/{module}/{record}|GET PUT DELETE|modules
/{module}/deleted|GET|modules
"""
_OPERATIONS = {
    "GET": "READ",
    "POST": "CREATE",
    "PUT": "UPDATE",
    "PATCH": "UPDATE",
    "DELETE": "DELETE",
}
_CREDITS = {"/coql": (1, 3), "/{module}": (1, 10)}


def apis() -> list[Row]:
    """Every path with its verbs, each verb with its scope and its cost in credits."""
    return [_api(*line.split("|")) for line in _APIS.strip().splitlines()]


def _api(path: str, methods: str, scope: str) -> Row:
    least, most = _CREDITS.get(path, (1, 1))
    return {
        "path": f"/crm/v8{path}",
        "operation_types": [
            {
                "method": method,
                "oauth_scope": f"ZohoCRM.{scope}.{_OPERATIONS[method]}",
                "max_credits": most,
                "min_credits": least,
            }
            for method in methods.split()
        ],
    }
