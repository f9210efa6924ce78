"""Which modules give their records away, to whom, and with which scopes.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/scopes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.organisation.data_files import read_file

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

ACCESS: Mapping[str, Any] = read_file("records_access.yaml")


def readable_module(context: Context) -> Row:
    """The module in the path, if its records may be read.

    Raises:
        ZohoError: 400 INVALID_MODULE or NOT_SUPPORTED, 403 NO_PERMISSION or NOT_SUPPORTED.
    """
    organisation = context.organisation
    module = _known_module(organisation, context.variables["module"])
    name = module["api_name"]
    if not module["api_supported"]:
        message = "the given module is not supported in api"
        raise ZohoError("INVALID_MODULE", message, resource_path_index=0)
    if name in ACCESS["refusals"]:
        refusal, details = ACCESS["refusals"][name]
        raise ZohoError(*refusal, **details)
    if name == "Notes" and organisation.users[0]["profile"]["name"] != "Administrator":
        message = "this API is supported only for admin users"
        raise ZohoError("NOT_SUPPORTED", message, 403)
    return module


def module_scopes(context: Context) -> tuple[str, ...]:
    """The scope that reads the module in the path.

    Raises:
        ZohoError: 404 INVALID_URL_PATTERN or 400 INVALID_REQUEST_METHOD where no module can be,
            400 INVALID_MODULE for an unknown one.
    """
    return (read_scope(_known_module(context.organisation, context.variables["module"])),)


def count_scopes(context: Context) -> tuple[str, ...]:
    """The scopes that count the records of the module in the path."""
    searching = ("ZohoSearch.securesearch.READ", "ZohoCRM.settings.layouts.READ")
    return (*searching, *module_scopes(context))


def read_scope(module: Row) -> str:
    """The scope that reads a module; `ZohoCRM.modules.READ` covers it, too."""
    name = module["api_name"]
    part = ACCESS["scope_names"].get(name)
    if part is None and not name.endswith("_Items"):
        part = "custom" if module["generated_type"] in ACCESS["custom_scope"] else None
    if part is None:
        parent = (module["parent_module"] or {}).get("api_name")
        part = (parent or name).lower().replace("_", "")
    return f"ZohoCRM.modules.{part}.READ"


def _known_module(organisation: Organisation, name: str) -> Row:
    if name in ACCESS["no_modules"]:
        raise ZohoError("INVALID_URL_PATTERN")
    if name == "coql":
        raise ZohoError("INVALID_REQUEST_METHOD")
    module = organisation.module(name)
    if module is None or module["api_name"] != name:
        raise ZohoError("INVALID_MODULE", resource_path_index=0)
    return module
