"""Fields of a module, and the values of a picklist.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-pick-list-values.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.rows import Row, existing

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_PATH_INDEX = 2
_PERMISSIONS = "allowed_permissions_to_update"
_WITH_VALUES = frozenset({"picklist", "multiselectpicklist"})


def listed(context: Context) -> list[Row]:
    """The fields of `module`: those in use unless `type` says otherwise."""
    return _of_type(context, "used")


def one(context: Context) -> list[Row]:
    """One field by its id, in use or not, unless `type` says otherwise.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    return [existing(_of_type(context, "all"), context.variables["field"], _PATH_INDEX)]


def pick_list_values(context: Context) -> list[Row]:
    """The values of one field, each with the field's layouts.

    Raises:
        ZohoError: 400 INVALID_DATA for an unknown id.
    """
    field = existing(_fields(context), context.variables["field"], _PATH_INDEX)
    if field["data_type"] not in _WITH_VALUES:
        return []
    places = field["layout_associations"]
    return [{**value, "layout_associations": places} for value in field["pick_list_values"]]


def _of_type(context: Context, usual: str) -> list[Row]:
    kind = context.params.get("type", usual)
    fields = [field for field in _fields(context) if kind in {"all", field["type"]}]
    if "include" in context.params:
        allowed = {"read_write": True, "read_only": True, "hidden": True}
        fields = [{**field, _PERMISSIONS: allowed} for field in fields]
    return fields


def _fields(context: Context) -> list[Row]:
    return context.organisation.fields.get(context.named_module["api_name"], [])
