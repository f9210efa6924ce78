"""The features of the edition.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-features.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError, invalid_module
from zohocrm_demo.families.rows import Row, pick

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context


def listed(context: Context) -> list[Row]:
    """All features, or those that `api_names` has; by `module` if that is there.

    Raises:
        ZohoError: 400 INVALID_MODULE, or INVALID_DATA for a name that no feature has.
    """
    rows = _features(context)
    names = context.params.get("api_names")
    if names is None:
        return rows
    return [_feature(rows, name, {"param_name": "api_names"}) for name in names.split(",")]


def one(context: Context) -> list[Row]:
    """One feature; the errors are those of the list."""
    return [_feature(_features(context), context.variables["one"], {})]


def _features(context: Context) -> list[Row]:
    features: list[Row] = context.organisation.content("features")
    module = context.params.get("module")
    if module is None:
        return features
    if pick(context.organisation.modules, module, "api_name") is None:
        raise invalid_module({})
    return [row for row in features if row["module_supported"]]


def _feature(rows: list[Row], name: str, details: dict[str, str]) -> Row:
    row = pick(rows, name, "api_name")
    if row is None:
        raise ZohoError(400, "INVALID_DATA", "invalid data", details)
    return row
