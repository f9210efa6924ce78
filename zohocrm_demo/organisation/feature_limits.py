"""The features of the sample organisation's edition, and its licences.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/get-features.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-user-licenses.html
"""

from __future__ import annotations

from typing import Any

from zohocrm_demo.organisation.references import Row

# Feature: label, feature above, whether by module, limit, used; no limit where there is none.
_FEATURES = {
    "custom_field": ("Custom Field", None, True, (155, 41)),
    "unique_field": ("Unique Field", "custom_field", True, (2, 1)),
    "encrypt_field": ("Encrypted Field", "custom_field", True, (10, 1)),
    "external_field": ("External Field", "custom_field", True, (10, 1)),
    "private_fields": ("Private Fields", "custom_field", True, None),
    "personal_health_fields": ("Personal Health Fields", "custom_field", True, (0, 0)),
    "custom_module": ("Custom Modules", None, False, (200, 15)),
    "custom_view": ("Custom Views", None, True, None),
    "workflow_rules": ("Workflow Rules", None, True, (1000, 12)),
    "scoring_rules": ("Scoring Rules", None, True, (30, 2)),
    "validation_rules": ("Validation Rules", None, True, (10, 0)),
    "territory_management": ("Territory Management", None, False, None),
    "multi_currency": ("Multiple Currencies", None, False, (20, 4)),
    "portals": ("Portals", None, False, (10, 2)),
    "kiosk_studio": ("Kiosk Studio", None, False, (0, 0)),
}
_COMPONENTS = {"workflow_rules": (("instant_actions", "Instant Actions"),)}


def features() -> list[Row]:
    """Every feature; no `details` where the edition sets no limit."""
    return [
        {
            "api_name": name,
            "parent_feature": None if above is None else {"api_name": above},
            "module_supported": by_module,
            "details": None if counts is None else _counts(*counts),
            "feature_label": label,
            "components": [
                {
                    "api_name": part,
                    "module_supported": by_module,
                    "details": {"limits": {"total": 5, "edition_limit": 5}},
                    "feature_label": part_label,
                }
                for part, part_label in _COMPONENTS.get(name, ())
            ]
            or None,
        }
        for name, (label, above, by_module, counts) in _FEATURES.items()
    ]


def user_licenses(company: dict[str, Any], users: list[Row]) -> list[Row]:
    """The licences bought, and those that active users take up."""
    bought = company["license_details"]["users_license_purchased"]
    active = [user for user in users if user["status"] == "active"]
    developers = sum(user["sandboxDeveloper"] for user in active)
    return [
        {
            "api_name": "user_licenses",
            "parent_feature": None,
            "module_supported": False,
            "details": _counts(bought, len(active)),
            "feature_label": "User Licenses",
            "components": [
                {
                    "api_name": "sandbox_developer_users",
                    "module_supported": False,
                    "details": _counts(2, developers),
                    "feature_label": "Sandbox Developer Users",
                }
            ],
        }
    ]


def _counts(limit: int, used: int) -> Row:
    return {
        "available_count": {"total": limit - used},
        "limits": {"total": limit, "edition_limit": limit},
        "used_count": {"total": used},
    }
