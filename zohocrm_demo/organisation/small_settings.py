"""Tags, record locks, wizards, the duplicate check and the defaults of sharing.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-tag-list.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-record-locking-config.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-wizards.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-duplicate-record-check.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-data-sharing.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.people import profile_refs
from zohocrm_demo.organisation.references import (
    RECORD_LOCKS,
    TAGS,
    WIZARDS,
    Fields,
    Row,
    by_api_name,
    field_ref,
    has_tab,
    module_ref,
    stamps,
)

if TYPE_CHECKING:
    from collections.abc import Mapping

_TAGS: Mapping[str, str] = {
    "Leads": "Trade fair;Hot;Newsletter;Kaltakquise;要確認",
    "Contacts": "Newsletter;Key user",
    "Accounts": "Reference;Public body;Slow payer",
    "Deals": "Hot;Tender",
    "Cases": "Safety",
    "Sites": "Protected area;No road",
    "Water_Samples": "Repeat;Accredited",
}
_COLOURS = ("#57B1FD", "#F17574", "#63C57E", None)
_LOCKED = {
    "Quotes": ("Quote_Stage", "Confirmed"),
    "Invoices": ("Status", "Approved"),
    "Service_Contracts": ("Begins", "${TODAY}"),
}
_WIZARDS = {"Leads": "Walk-in at the fair", "Cases": "Sensor returned", "Sites": "New site"}
_PRIVATE = frozenset({"Deals", "Expense_Claims", "Lab_Notebook"})


def tags(modules: list[Row]) -> dict[str, list[Row]]:
    """The tags of every module that has some, by the module's API name."""
    known = by_api_name(modules)
    return {
        name: [
            {
                **stamps(20 * place + index, "Amara", "Haruto"),
                "name": label,
                "id": make_id(TAGS + 100 * place + index),
                "color_code": _COLOURS[(place + index) % len(_COLOURS)],
            }
            for index, label in enumerate(labels.split(";"))
        ]
        for place, (name, labels) in enumerate(_TAGS.items())
        if name in known
    }


def tag_record_counts(tags_by_module: dict[str, list[Row]]) -> dict[str, int]:
    """How many records have a tag, by its id."""
    rows = [row for own in tags_by_module.values() for row in own]
    return {row["id"]: 7 * index for index, row in enumerate(rows)}


def record_locking_configurations(modules: list[Row], fields: Fields) -> dict[str, list[Row]]:
    """The record locks, by the module's API name; most modules have none."""
    made: dict[str, list[Row]] = {}
    profiles = profile_refs()
    for place, (name, (api_name, value)) in enumerate(_LOCKED.items()):
        own = by_api_name(fields.get(name, []))
        if name not in by_api_name(modules) or api_name not in own:
            continue
        number = RECORD_LOCKS + 10 * place
        except_some = place == 0
        made[name] = [
            {
                "lock_type": ("both", "automatic", "manual")[place],
                "locked_for": "all_profiles_except_excluded_profiles"
                if except_some
                else "all_profiles",
                "restricted_actions": ["update", "delete", "change_owner"],
                **stamps(120 + place, "Owen", "Mei-Ling"),
                "excluded_fields": [field_ref(own["Owner"])] if "Owner" in own else [],
                "feature_type": "record_locking",
                "locking_rules": [
                    {
                        "name": f"{own[api_name]['field_label']} rule",
                        "id": make_id(number + 1),
                        "lock_existing_records": True,
                        "criteria": {
                            "comparator": "equal",
                            "field": field_ref(own[api_name]),
                            "type": "value",
                            "value": value,
                        },
                    }
                ],
                "restricted_communications": ["send_mail"],
                "system_defined": False,
                "id": make_id(number),
                "restricted_custom_buttons": None,
                "lock_excluded_profiles": [profiles["Administrator"]] if except_some else [],
                "lock_for_portal_users": True,
            }
        ]
    return made


def duplicate_check_preferences(modules: list[Row], fields: Fields) -> dict[str, Row]:
    """The duplicate check of Leads against Contacts; no other module can have one."""
    leads, contacts = by_api_name(fields["Leads"]), by_api_name(fields["Contacts"])
    mapped = by_api_name(modules)["Contacts"]
    return {
        "Leads": {
            "type": "mapped_module_records",
            "type_configurations": [
                {
                    "field_mappings": [
                        {
                            "current_field": _named(leads[name]),
                            "mapped_field": _named(contacts[name]),
                        }
                        for name in ("Email", "Secondary_Email", "Phone")
                        if name in leads and name in contacts
                    ],
                    "mapped_module": {**module_ref(mapped), "name": mapped["plural_label"]},
                }
            ],
        }
    }


def wizards(modules: list[Row], layouts: dict[str, list[Row]]) -> list[Row]:
    """The wizards, whole: one container for each layout, a screen for each of its sections."""
    known = by_api_name(modules)
    profiles = profile_refs()
    return [
        {
            **stamps(200 + place, "Tomás"),
            "display_label": label,
            "portal_user_types": [],
            "module": module_ref(known[name]),
            "name": label,
            "profiles": [
                {**profiles[profile], "display_label": profile}
                for profile in ("Administrator", "Standard")
            ],
            "active": name != "Sites",
            "containers": [
                _container(layout, WIZARDS + 1_000 * place + 100 * index)
                for index, layout in enumerate(layouts[name], 1)
            ],
            "id": make_id(WIZARDS + 1_000 * place),
        }
        for place, (name, label) in enumerate(_WIZARDS.items())
        if name in known and name in layouts
    ]


def data_sharing(modules: list[Row]) -> list[Row]:
    """Who sees whose records by default, one row for each module with a tab."""
    return [
        {
            "share_type": "private" if module["api_name"] in _PRIVATE else "public_read_write",
            "public_in_portals": False,
            "module": module_ref(module),
            "rule_computation_running": False,
        }
        for module in modules
        if has_tab(module)
    ]


def _named(field: Row) -> Row:
    return {**field_ref(field), "name": field["field_label"]}


def _container(layout: Row, number: int) -> Row:
    screens = [
        {
            "api_name": section["api_name"],
            "id": make_id(number + index),
            "reference_id": str(index),
            "display_label": section["display_label"],
            "segments": [
                {
                    "sequence_number": 1,
                    "display_label": section["display_label"],
                    "column_count": section["column_count"],
                    "id": make_id(number + 30 + index),
                    "type": "field",
                    "fields": [field_ref(field) for field in section["fields"]],
                }
            ],
        }
        for index, section in enumerate(layout["sections"], 1)
    ]
    return {
        "layout": {key: layout[key] for key in ("name", "display_label", "id")},
        "chart_data": {
            "nodes": [
                {
                    "pos_x": 40,
                    "pos_y": 120 * index,
                    "start_node": index == 0,
                    "screen": {key: screen[key] for key in ("api_name", "id", "display_label")},
                }
                for index, screen in enumerate(screens)
            ],
            "connections": [],
            "color_palette": {"button_background": ["#2c66dd"]},
        },
        "screens": screens,
        "id": make_id(number),
    }
