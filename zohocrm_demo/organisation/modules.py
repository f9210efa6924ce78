"""The modules of the sample organisation, as the Modules API shows them.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html
"""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from zohocrm_demo.organisation.ids import (
    CUSTOM_MODULES,
    STANDARD_MODULES,
    make_id,
)
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.module_rows import SORTS, ModuleRow
from zohocrm_demo.organisation.module_tables import MODULE_TABLE
from zohocrm_demo.organisation.people import profile_refs, user_refs

_MOST_PROFILES = 50
_DEFAULT_PROFILES = ("Administrator", "Standard", "Field Engineer")

# The numbers in the names that Zoho makes for generated modules.
_NUMBERED = {"custom": "CustomModule", "linking": "LinkingModule", "subform": "SubForm"}


def module_ids() -> dict[str, str]:
    """The id of every module, by API name."""
    standard = {"default", "field_tracker"}
    ids: dict[str, str] = {}
    for index, row in enumerate(MODULE_TABLE):
        kind = SORTS[row.sort].get("generated_type", "default")
        first, step = (STANDARD_MODULES, 2) if kind in standard else (CUSTOM_MODULES, 1_007)
        ids[row.api_name] = make_id(first + step * index)
    return ids


def modules() -> list[dict[str, Any]]:
    """Every module in the order of the menu: the 39 keys of Zoho's sample, some with more."""
    ids = module_ids()
    counts: dict[str, int] = {}
    return [_module(row, position, ids, counts) for position, row in enumerate(MODULE_TABLE, 1)]


def _module(
    row: ModuleRow, position: int, ids: dict[str, str], counts: dict[str, int]
) -> dict[str, Any]:
    singular, plural = row.labels.split("/")
    traits = {**SORTS[row.sort], **row.extra}
    kind = traits.get("generated_type", "default")
    shared = _profiles(traits.pop("profiles", _DEFAULT_PROFILES))
    private = traits.pop("private_profile", None)
    module: dict[str, Any] = {
        "has_more_profiles": len(shared) > _MOST_PROFILES,
        "access_type": "org_based",
        "private_profile": _private_profile(private),
        "global_search_supported": False,
        "deletable": False,
        "description": None,
        "creatable": False,
        "recycle_bin_on_delete": False,
        "modified_time": None,
        "plural_label": plural,
        "presence_sub_menu": False,
        "actual_plural_label": plural,
        "lookupable": False,
        "id": ids[row.api_name],
        "isBlueprintSupported": False,
        "visibility": 1,
        "convertable": False,
        "sub_menu_available": False,
        "editable": False,
        "actual_singular_label": singular,
        "profiles": shared[:_MOST_PROFILES],
        "show_as_tab": True,
        "web_link": None,
        "sequence_number": position,
        "singular_label": singular,
        "viewable": True,
        "api_supported": False,
        "api_name": row.api_name,
        "quick_create": False,
        "modified_by": None,
        "generated_type": "default",
        "feeds_required": False,
        "public_fields_configured": False,
        "arguments": [],
        "module_name": _module_name(row, kind, counts),
        "profile_count": len(shared),
        "business_card_field_limit": 5,
        "parent_module": {},
        "status": "visible",
    }
    if row.parent is not None:
        module["parent_module"] = {"api_name": row.parent, "id": ids[row.parent]}
    if row.changed is not None:
        instant, _, user = row.changed.partition(" ")
        module["modified_time"] = local(instant)
        module["modified_by"] = user_refs()[user]
    return {**module, **deepcopy(traits)}


def _module_name(row: ModuleRow, kind: str, counts: dict[str, int]) -> str:
    prefix = _NUMBERED.get(kind)
    if prefix is None or row.sort == "line_items":
        return row.api_name
    counts[kind] = counts.get(kind, 0) + 1
    return f"{prefix}{counts[kind]}"


def _profiles(wanted: int | tuple[str, ...]) -> list[dict[str, str]]:
    refs = profile_refs()
    names = tuple(refs)[:wanted] if isinstance(wanted, int) else wanted
    return [dict(refs[name]) for name in names]


def _private_profile(shape: str | None) -> list[dict[str, str]] | dict[str, str] | None:
    # The page says array, the OpenAPI file object, the sample null: all three occur here.
    if shape is None:
        return None
    profile = profile_refs()["Central Laboratory" if shape == "object" else "Central Finance"]
    return profile if shape == "object" else [profile]
