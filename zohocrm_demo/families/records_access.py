"""Which modules give their records away, to whom, and with which scopes.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/scopes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import (
    ZohoError,
    invalid_module,
    invalid_request_method,
    invalid_url_pattern,
    module_without_api,
    not_supported,
)

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

PATH_INDEX = {"resource_path_index": 0}

# First segments of paths that are no modules: what isn't found below them isn't there at all.
_NO_MODULES = frozenset({"settings", "users", "org", "actions", "files", "__features", "__apis"})

# Nor is this one, which takes another verb than records.
_QUERIES = "coql"

# Modules named in scopes otherwise than in lower case and without underscores.
_SCOPE_NAMES: Mapping[str, str] = {
    "Appointments__s": "appointments",
    "Appointments_Rescheduled_History__s": "appointments_rescheduled_history",
    "Services__s": "services",
    "Entity_Scores__s": "entity_scores",
}
_OWN_KINDS = frozenset({"custom", "subform", "static_subform", "linking"})


def _per_record() -> ZohoError:
    return not_supported("the given module is readable only through its records", PATH_INDEX)


def _unknown() -> ZohoError:
    return invalid_module(PATH_INDEX)


def _forbidden() -> ZohoError:
    return ZohoError(403, "NO_PERMISSION", "permission denied", {})


# Listed as supported by the API and yet refused when it comes to reading. No document has a list
# of all attachments; scores have one in the OpenAPI file of 2025.
_REFUSALS: Mapping[str, Callable[[], ZohoError]] = {
    "Attachments": _per_record,
    "Emails": _per_record,
    "CTI_Entry": _unknown,
    "Locking_Information__s": _forbidden,
}


def known_module(organisation: Organisation, name: str) -> Row:
    """The module with exactly this API name.

    Raises:
        ZohoError: 404 INVALID_URL_PATTERN or 400 INVALID_REQUEST_METHOD where no module can be,
            400 INVALID_MODULE otherwise.
    """
    if name in _NO_MODULES:
        raise invalid_url_pattern()
    if name == _QUERIES:
        raise invalid_request_method()
    module = organisation.module(name)
    if module is None or module["api_name"] != name:
        raise invalid_module(PATH_INDEX)
    return module


def readable_module(context: Context) -> Row:
    """The module in the path, if its records may be read.

    Raises:
        ZohoError: 400 INVALID_MODULE or NOT_SUPPORTED, 403 NO_PERMISSION or NOT_SUPPORTED.
    """
    module = known_module(context.organisation, context.variables["module"])
    name = module["api_name"]
    if not module["api_supported"]:
        raise module_without_api(PATH_INDEX)
    if name in _REFUSALS:
        refusal = _REFUSALS[name]()
        raise refusal
    if name == "Notes" and not _is_administrator(context.organisation):
        raise ZohoError(403, "NOT_SUPPORTED", "this API is supported only for admin users", {})
    return module


def module_scopes(context: Context) -> tuple[str, ...]:
    """The scope that reads the module in the path.

    Raises:
        ZohoError: As `known_module`.
    """
    return (read_scope(known_module(context.organisation, context.variables["module"])),)


def read_scope(module: Row) -> str:
    """The scope that reads a module; `ZohoCRM.modules.READ` covers it, too."""
    name = module["api_name"]
    parent = (module["parent_module"] or {}).get("api_name")
    if name in _SCOPE_NAMES:
        part = _SCOPE_NAMES[name]
    elif module["generated_type"] in _OWN_KINDS and not name.endswith("_Items"):
        part = "custom"
    else:
        part = (parent or name).lower().replace("_", "")
    return f"ZohoCRM.modules.{part}.READ"


def _is_administrator(organisation: Organisation) -> bool:
    return bool(organisation.users[0]["profile"]["name"] == "Administrator")
