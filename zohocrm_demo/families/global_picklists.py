"""Global picklists, where they are in use, and which of their values are being replaced.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-global-picklist.html,
https://www.zoho.com/crm/developer/docs/api/v8/global-picklist-field-association.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-replaced-values.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.families.rows import Row, existing, ref

if TYPE_CHECKING:
    from collections.abc import Iterator

    from zohocrm_demo.routes import Context

_PATH_INDEX = 2
_MODULES, _VALUES, _COUNT = "used_in_modules", "pick_list_values", "associated_fields_count"


def listed(context: Context) -> list[Row]:
    """The picklists with what `include` names."""
    return _shown(context)


def whole(context: Context) -> list[Row]:
    """The picklists with their values, and with what `include` names."""
    return _shown(context, _VALUES)


def associations(context: Context) -> list[Row]:
    """The fields that use a picklist; 400 INVALID_DATA for an unknown one."""
    return [
        {
            "field": ref(field),
            "module": ref(module),
            "layouts": [ref(place, "name", "id") for place in field["layout_associations"]],
        }
        for module, field in _uses(context, _known_id(context))
    ]


def replaced_values(context: Context) -> list[Row]:
    """The values of a picklist that are being replaced; 400 INVALID_DATA for an unknown one."""
    return context.organisation.customization.replaced_values.get(_known_id(context), [])


def _shown(context: Context, *more: str) -> list[Row]:
    included = {*context.params.get("include", "").split(","), *more}
    rows = []
    for row in context.organisation.customization.global_picklists:
        shown = {key: row[key] for key in row if key != _VALUES or key in included}
        uses = list(_uses(context, row["id"]))
        if _COUNT in included:
            shown[_COUNT] = len(uses)
        if _MODULES in included:
            shown[_MODULES] = list({module["id"]: ref(module) for module, _ in uses}.values())
        rows.append(shown)
    return rows


def _known_id(context: Context) -> str:
    rows = context.organisation.customization.global_picklists
    return str(existing(rows, context.variables["one"], _PATH_INDEX)["id"])


def _uses(context: Context, picklist_id: str) -> Iterator[tuple[Row, Row]]:
    for module in context.organisation.modules:
        for field in context.organisation.fields.get(module["api_name"], []):
            used = field["global_picklist"]
            if used and used["id"] == picklist_id:
                yield module, field
