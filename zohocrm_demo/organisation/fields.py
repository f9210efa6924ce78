"""The fields of the sample organisation, as the Fields API shows them.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

from typing import Any

from zohocrm_demo.organisation.field_rows import FieldRow, read_rows
from zohocrm_demo.organisation.field_tables import FIELD_TABLES
from zohocrm_demo.organisation.field_types import typed_part
from zohocrm_demo.organisation.ids import FIELDS, LAYOUTS, make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.people import profile_refs

_FIELDS_PER_MODULE = 1_000
_TRACKERS = frozenset({"field_tracker", "picklisttracker"})
_SHARED_WITH = ("Administrator", "Standard")
_CUSTOMISED = local("2025-03-30T01:30:00")
_UNMAPPED = {"Contacts": None, "Deals": None, "Accounts": None}


def fields(modules: list[dict[str, Any]]) -> dict[str, list[dict[str, Any]]]:
    """The fields of every module that has any, by the module's API name."""
    builder = _Builder(modules)
    return {
        module["api_name"]: builder.module(module, index)
        for index, module in enumerate(modules)
        if module["api_name"] in FIELD_TABLES
    }


class _Builder:
    def __init__(self, modules: list[dict[str, Any]]) -> None:
        self._module_ids = {module["api_name"]: module["id"] for module in modules}
        self._trackers = {
            module["parent_module"]["api_name"]: module
            for module in modules
            if module["generated_type"] in _TRACKERS
        }
        refs = profile_refs()
        self._profiles = [{"permission_type": "read_write", **refs[name]} for name in _SHARED_WITH]

    def module(self, module: dict[str, Any], position: int) -> list[dict[str, Any]]:
        first = FIELDS + position * _FIELDS_PER_MODULE
        rows = read_rows(FIELD_TABLES[module["api_name"]])
        layout = {
            "api_name": "Standard",
            "name": "Standard",
            "id": make_id(LAYOUTS + 2 * position),
        }
        return [
            self._field(row, make_id(first + index), index, module, layout)
            for index, row in enumerate(rows, 1)
        ]

    def _field(
        self,
        row: FieldRow,
        field_id: str,
        number: int,
        module: dict[str, Any],
        layout: dict[str, str],
    ) -> dict[str, Any]:
        traits = row.traits
        own = "custom" in traits or _is_own(row, module)
        changeable = "readonly" not in traits
        field_ref = {"api_name": row.api_name, "id": field_id}
        shown = "hidden" not in traits and "unused" not in traits
        field: dict[str, Any] = {
            "associated_module": None,
            "webhook": changeable,
            "operation_type": {
                "web_update": changeable,
                "api_create": changeable,
                "web_create": changeable,
                "api_update": changeable,
            },
            "colour_code_enabled_by_system": False,
            "field_label": row.label,
            "tooltip": None,
            "type": "unused" if "unused" in traits else "used",
            "field_read_only": not changeable,
            "customizable_properties": [],
            "display_label": row.label,
            "read_only": not changeable,
            "association_details": None,
            "businesscard_supported": shown,
            "multi_module_lookup": {},
            "id": field_id,
            "created_time": _CUSTOMISED if own else None,
            "filterable": row.data_type not in {"subform", "fileupload", "imageupload"},
            "visible": "unused" not in traits and row.api_name != "id",
            "profiles": [dict(profile) for profile in self._profiles],
            "view_type": {
                "view": shown,
                "edit": changeable and "unused" not in traits,
                "quick_create": "mandatory" in traits,
                "create": changeable and "unused" not in traits,
            },
            "separator": row.data_type in {"integer", "bigint", "currency", "double"},
            "searchable": row.data_type in {"text", "email", "phone", "website", "lookup"},
            "external": {"show": True, "type": "org"} if "external" in traits else None,
            "api_name": row.api_name,
            "unique": {"case_sensitive": False} if "unique" in traits else {},
            "enable_colour_code": False,
            "pick_list_values": [],
            "system_mandatory": "mandatory" in traits,
            "virtual_field": "virtual" in traits,
            "private": None,
            "json_type": None,
            "crypt": {"mode": "decryption", "status": 1} if "encrypted" in traits else None,
            "created_source": "default",
            "display_type": 3,
            "ui_type": 1,
            "modified_time": _CUSTOMISED if own else None,
            "public": False,
            "email_parser": {
                "fields_update_supported": changeable,
                "record_operations_supported": changeable,
            },
            "currency": {},
            "custom_field": own,
            "lookup": {},
            "hipaa_compliance_enabled": "hipaa" in traits,
            "hipaa_compliance": (
                {"restricted_in_export": True, "restricted": True} if "hipaa" in traits else None
            ),
            "rollup_summary": {},
            "length": None,
            "column_name": f"{'CUSTOMFIELD' if own else 'FIELD'}{number}",
            "display_field": "display" in traits,
            "pick_list_values_sorted_lexically": False,
            "sortable": row.data_type not in {"subform", "textarea", "fileupload", "imageupload"},
            "global_picklist": None,
            "history_tracking": self._history(field_ref, module) if "tracked" in traits else None,
            "history_tracking_enabled": "tracked" in traits,
            "data_type": row.data_type,
            "formula": {},
            "additional_column": None,
            "decimal_place": None,
            "mass_update": changeable,
            "multiselectlookup": {},
            "auto_number": {},
            "layout_associations": [] if "unused" in traits else [layout],
            # A number in quotes: so it is in Zoho's answers.
            "quick_sequence_number": str(number),
            "blueprint_supported": changeable,
        }
        if module["api_name"] == "Leads":
            field["convert_mapping"] = dict(_UNMAPPED)
        field.update(typed_part(row, field_id, self._module_ids))
        return _with_gaps(field, traits)

    def _history(self, field: dict[str, str], module: dict[str, Any]) -> dict[str, Any]:
        tracker = self._trackers[module["api_name"]]
        return {
            "related_list_name": tracker["plural_label"],
            "module": {"api_name": tracker["api_name"], "id": tracker["id"]},
            "duration_configured_field": field,
            "duration_configuration": "days",
            "followed_fields": [],
        }


def _is_own(row: FieldRow, module: dict[str, Any]) -> bool:
    made_by_zoho = {"Owner", "Tag", "Record_Image", "id", "Parent_Id", "Currency", "Exchange_Rate"}
    return (
        module["generated_type"] in {"custom", "linking"}
        or (module["generated_type"] == "subform" and module["module_name"].startswith("SubForm"))
    ) and not (row.api_name in made_by_zoho or row.api_name.startswith(("Created_", "Modified_")))


def _with_gaps(field: dict[str, Any], traits: frozenset[str]) -> dict[str, Any]:
    # Seen in life (airbyte#27422, #31433); clients that rely on these keys lose whole modules.
    if "nulljson" in traits:
        field["json_type"] = None
    if "nojson" in traits:
        del field["json_type"]
    if "nolength" in traits:
        del field["length"]
    return field
