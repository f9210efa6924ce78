"""Modules and fields, and where global picklists are in use.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html,
https://www.zoho.com/crm/developer/docs/api/v8/module-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-global-picklist.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.rows import ref, rows_named
from zohocrm_demo.organisation.directory import Directory
from zohocrm_demo.organisation.ids import CUSTOM_VIEWS, make_id

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

_CARD_FIELDS = 5
_VIEW_FIELDS = 6
_WEB_TABS = frozenset({"web", "webtab_link"})
_ALLOWED = {"read_write": True, "read_only": True, "hidden": True}
_PROPERTIES = ("$approval", "$process_flow", "$editable", "$locked_for_me", "$state", "$in_merge")


def modules(context: Context) -> list[Row]:
    """All modules, or those of the statuses asked for."""
    status = context.params.get("status")
    rows = context.organisation.modules
    return [row for row in rows if status is None or row["status"] in status.split(",")]


def get_module(context: Context) -> Answer:
    """One module by API name or id, with more keys than in the list; 204 for web tabs.

    Raises:
        ZohoError: 400 INVALID_MODULE for an unknown one, 400 NOT_SUPPORTED for one without API.
    """
    module = context.organisation.module(context.variables["module"])
    if module is None:
        raise ZohoError("INVALID_MODULE", resource_path_index=2)
    if module["generated_type"] in _WEB_TABS:
        return NO_CONTENT
    if not module["api_supported"]:
        raise ZohoError("NOT_SUPPORTED", resource_path_index=2)
    # The list's own values win over the details' defaults.
    return json_answer(
        {"modules": [{**module, **_details(module, context.organisation), **module}]}
    )


def _details(module: Row, organisation: Organisation) -> Row:
    fields = organisation.fields.get(module["api_name"], [])
    used = [field for field in fields if field["type"] == "used" and field["visible"]]
    names = [field["api_name"] for field in used]
    shape = Directory().shape
    with_views = bool(module["show_as_tab"] and names)
    view = shape(
        "default_view",
        name=f"All {module['plural_label']}",
        module=ref(module),
        fields=[{**ref(field), "_pin": False} for field in used[:_VIEW_FIELDS]],
        id=make_id(CUSTOM_VIEWS + module["sequence_number"]),
    )
    searched = [field["api_name"] for field in used if field["searchable"]]
    return shape(
        "module_details",
        view=view if with_views else None,
        with_views=with_views,
        card=names[: min(_CARD_FIELDS, module["business_card_field_limit"])],
        searched=searched[:_CARD_FIELDS],
        display=next((ref(field) for field in used if field["display_field"]), None),
        properties=list(_PROPERTIES) if module["editable"] else [],
        lookups=[{"sequence_number": at, **ref(field)} for at, field in enumerate(used[:2], 1)],
        related=names[:2],
        triggers=module["isBlueprintSupported"],
        badge="Enabled" if with_views else "Disabled",
    )


def fields(context: Context) -> list[Row]:
    """The fields of `module` of a `type`; by default those in use, and for one by its id all."""
    kind = context.params.get("type", "all" if "one" in context.variables else "used")
    rows = (row for row in rows_named(context, "fields") if kind in {"all", row["type"]})
    return [{**row, "allowed_permissions_to_update": dict(_ALLOWED)} for row in rows]


def global_picklists(context: Context) -> list[Row]:
    """The global picklists with their values and where they are in use."""
    rows = []
    for row in context.organisation.global_picklists:
        uses = list(_uses(context, row["id"]))
        used_in = list({module["id"]: ref(module) for module, _ in uses}.values())
        rows.append({**row, "associated_fields_count": len(uses), "used_in_modules": used_in})
    return rows


def uses_of_picklist(context: Context) -> list[Row]:
    """The fields that use a global picklist."""
    return [
        {
            "field": ref(field),
            "module": ref(module),
            "layouts": [ref(place, "name", "id") for place in field["layout_associations"]],
        }
        for module, field in _uses(context, context.known["picklist"]["id"])
    ]


def _uses(context: Context, picklist_id: str) -> Iterator[tuple[Row, Row]]:
    for module in context.organisation.modules:
        for field in context.organisation.fields.get(module["api_name"], []):
            used = field["global_picklist"]
            if used and used["id"] == picklist_id:
                yield module, field
