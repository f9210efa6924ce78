"""The query parameter `module`: which one it names, and whether the call serves it.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError, invalid_module, module_without_api
from zohocrm_demo.params import Param, refused

if TYPE_CHECKING:
    from collections.abc import Callable

    from zohocrm_demo.families.rows import Row, Rows
    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.routes import Context

MODULE = Param("module", required=True)
ANY_MODULE = Param("module")
INNER_DETAILS = Param(
    "include_inner_details", refused("inner details are not supported by the demo")
)
DETAILS = {"param_name": "module"}


def chosen_module(context: Context) -> Row:
    """The module that the call names by its API name; an id won't do.

    Raises:
        ZohoError: 400 INVALID_MODULE for unknown modules and those without API.
    """
    name = context.params["module"]
    module = context.organisation.module(name)
    if module is None or module["api_name"] != name:
        raise invalid_module(DETAILS)
    if not module["api_supported"]:
        raise module_without_api(DETAILS)
    return module


def of_chosen_module(
    rows: Callable[[Organisation], list[Row]],
    code: str = "INVALID_MODULE",
    message: str = "The value provided to the param is Invalid",
) -> Rows:
    """Find the rows of the module that the call names, all of them when it names none.

    Args:
        rows: All rows, each with a reference `module`.
        code: Zoho's code for a name that isn't a module's: it differs between families.
        message: Zoho's message with it.
    """

    def found(context: Context) -> list[Row]:
        everything = rows(context.organisation)
        if "module" not in context.params:
            return everything
        try:
            module = chosen_module(context)
        except ZohoError as error:
            raise ZohoError(400, code, message, DETAILS) from error
        return [row for row in everything if row["module"]["api_name"] == module["api_name"]]

    return found
