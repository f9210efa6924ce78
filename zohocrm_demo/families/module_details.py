"""What `GET /settings/modules/{one}` tells in addition to the list.

Source: https://www.zoho.com/crm/developer/docs/api/v8/module-meta.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.ids import CUSTOM_VIEWS, make_id

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation

_PER_PAGE = 20
_CARD_FIELDS = 5
_VIEW_FIELDS = 6
_PROPERTIES = ("$approval", "$process_flow", "$editable", "$locked_for_me", "$state", "$in_merge")


def details(module: dict[str, Any], organisation: Organisation) -> dict[str, Any]:
    """The keys that only the call for one module has.

    Args:
        module: The module as in the list.
        organisation: Where its fields are.
    """
    fields = organisation.fields.get(module["api_name"], [])
    used = [field for field in fields if field["type"] == "used" and field["visible"]]
    names = [field["api_name"] for field in used]
    with_views = bool(module["show_as_tab"] and names)
    display = next((_ref(field) for field in used if field["display_field"]), None)
    return {
        "custom_view": _default_view(module, used) if with_views else None,
        "business_card_fields": names[: min(_CARD_FIELDS, module["business_card_field_limit"])],
        "search_layout_fields": [field["api_name"] for field in used if field["searchable"]][
            :_CARD_FIELDS
        ],
        "display_field": display,
        "per_page": _PER_PAGE,
        "$properties": list(_PROPERTIES) if module["editable"] else [],
        "$on_demand_properties": [],
        "$field_states": [],
        "lookup_field_properties": {
            "fields": [
                {"sequence_number": index, **_ref(field)} for index, field in enumerate(used[:2], 1)
            ]
        },
        "related_list_properties": {"sort_by": None, "sort_order": None, "fields": names[:2]},
        "kanban_view": False,
        "kanban_view_supported": with_views,
        "chart_view": False,
        "chart_view_supported": with_views,
        "filter_status": with_views,
        "filter_supported": with_views,
        "triggers_supported": module["isBlueprintSupported"],
        "emailTemplate_support": with_views,
        "email_parser_supported": with_views,
        "inventory_template_supported": False,
        "webform_supported": False,
        "scoring_supported": False,
        "track_current_data": False,
        "activity_badge": "Enabled" if with_views else "Disabled",
        "territory": None,
        "source": "crm",
    }


def _default_view(module: dict[str, Any], fields: list[dict[str, Any]]) -> dict[str, Any]:
    label = f"All {module['plural_label']}"
    return {
        "display_value": label,
        "system_name": "ALLVIEWS",
        "category": "public_views",
        "created_time": None,
        "modified_time": None,
        "last_accessed_time": None,
        "name": label,
        "created_by": None,
        "modified_by": None,
        "module": {"api_name": module["api_name"], "id": module["id"]},
        "criteria": None,
        "default": True,
        "system_defined": True,
        "locked": False,
        "favorite": None,
        "access_type": "public",
        "shared_to": None,
        "fields": [{**_ref(field), "_pin": False} for field in fields[:_VIEW_FIELDS]],
        "sort_by": None,
        "sort_order": None,
        "wrap_text": False,
        "id": make_id(CUSTOM_VIEWS + module["sequence_number"]),
    }


def _ref(field: dict[str, Any]) -> dict[str, str]:
    return {"api_name": field["api_name"], "id": field["id"]}
