"""Fields: `GET /crm/v8/settings/fields` and one of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from typing import Any

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer, json_answer
from zohocrm_demo.errors import invalid_id, invalid_module, module_without_api
from zohocrm_demo.families.modified_since import changed, modified_since
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Context, Route

_SCOPES = ("ZohoCRM.settings.fields.READ",)
_PATH_INDEX = 2
_MODULE_PARAM = {"param_name": "module"}
_PERMISSIONS = "allowed_permissions_to_update"
_PARAMS = (
    Param("module", required=True),
    Param("type", one_of("used", "unused", "all")),
    Param("include", one_of(_PERMISSIONS)),
)


def list_fields(context: Context) -> Answer:
    """The fields of `module`: those in use unless `type` says otherwise; 204 without any.

    Raises:
        ZohoError: 400 INVALID_MODULE for unknown modules and those without API.
    """
    kind = context.params.get("type", "used")
    chosen = [field for field in _fields_of(context) if kind in {"all", field["type"]}]
    if not chosen:
        return NO_CONTENT
    recent = changed(chosen, modified_since(context))
    return _answer(context, recent) if recent else NOT_MODIFIED


def get_field(context: Context) -> Answer:
    """One field by its id, in use or not, unless `type` says otherwise.

    Raises:
        ZohoError: 400 INVALID_MODULE as for the list, 400 INVALID_DATA for an unknown id.
    """
    kind = context.params.get("type", "all")
    for field in _fields_of(context):
        if field["id"] == context.variables["field"] and kind in {"all", field["type"]}:
            return _answer(context, [field])
    raise invalid_id(_PATH_INDEX)


def _fields_of(context: Context) -> list[dict[str, Any]]:
    name = context.params["module"]
    module = context.organisation.module(name)
    # Unlike the path of a module, this parameter takes no id.
    if module is None or module["api_name"] != name:
        raise invalid_module(_MODULE_PARAM)
    if not module["api_supported"]:
        raise module_without_api(_MODULE_PARAM)
    return context.organisation.fields.get(name, [])


def _answer(context: Context, fields: list[dict[str, Any]]) -> Answer:
    if "include" in context.params:
        allowed = {"read_write": True, "read_only": True, "hidden": True}
        fields = [{**field, _PERMISSIONS: allowed} for field in fields]
    return json_answer({"fields": fields})


ROUTES = (
    Route("/crm/v8/settings/fields", list_fields, _SCOPES, _PARAMS),
    Route("/crm/v8/settings/fields/{field}", get_field, _SCOPES, _PARAMS),
)
