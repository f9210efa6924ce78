"""What the edition offers: features, licences, APIs.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-features.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-licenses.html,
https://www.zoho.com/crm/developer/docs/api/v8/list-available-rest-apis.html
"""

from __future__ import annotations

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.errors import ZohoError, invalid_module
from zohocrm_demo.families.rows import FILTERS, PAGES, Row, all_of, page, pick
from zohocrm_demo.params import Param
from zohocrm_demo.routes import Context, Route

_SCOPES = ("ZohoCRM.features.READ",)
_MODULE = Param("module")
_KEY = "__features"


def list_features(context: Context) -> Answer:
    """A page of all features, or of those that `api_names` has; by `module` if that is given.

    Raises:
        ZohoError: 400 INVALID_MODULE, or INVALID_DATA for a name that no feature has.
    """
    rows = _features(context)
    names = context.params.get("api_names")
    if names is not None:
        rows = [_feature(rows, name, {"param_name": "api_names"}) for name in names.split(",")]
    return page(context, _KEY, rows)


def get_feature(context: Context) -> Answer:
    """One feature.

    Raises:
        ZohoError: 400 INVALID_MODULE, or INVALID_DATA for a name that no feature has.
    """
    return json_answer({_KEY: [_feature(_features(context), context.variables["one"], {})]})


def _features(context: Context) -> list[Row]:
    features, module = context.organisation.features, context.params.get("module")
    if module is None:
        return features
    if all(row["api_name"] != module for row in context.organisation.modules):
        raise invalid_module({})
    return [row for row in features if row["module_supported"]]


def _feature(rows: list[Row], name: str, details: dict[str, str]) -> Row:
    row = pick(rows, name, "api_name")
    if row is None:
        raise ZohoError(400, "INVALID_DATA", "invalid data", details)
    return row


ROUTES = (
    Route("/crm/v8/__features", list_features, _SCOPES, (_MODULE, Param("api_names"), *PAGES)),
    Route(
        "/crm/v8/__features/user_licenses",
        all_of(_KEY, lambda context: context.organisation.user_licenses),
        _SCOPES,
    ),
    Route("/crm/v8/__features/{one}", get_feature, _SCOPES, (_MODULE,)),
    Route(
        "/crm/v8/__apis",
        all_of("__apis", lambda context: context.organisation.apis),
        ("ZohoCRM.apis.READ",),
        (FILTERS,),
    ),
)
