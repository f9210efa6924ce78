"""The territories of the sample organisation: one tree.

Shape: https://www.zoho.com/crm/developer/docs/api/v8/territories.html
"""

from __future__ import annotations

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.named import field_named
from zohocrm_demo.organisation.people import user_refs
from zohocrm_demo.organisation.references import Fields, Row
from zohocrm_demo.organisation.wide_ids import TERRITORIES

# Territory: the one above, its manager, the country of its accounts, the places of its users
# in the list of users.
_TERRITORIES = {
    "World": (None, "Ingrid", None, (0, 1)),
    "North America": ("World", "Tomás", "US", (1, 2, 10, 11, 14)),
    "Pacific Coast": ("North America", "Amara", None, (2, 10, 18, 30)),
    "Mountains": ("North America", None, None, (11,)),
    "Europe": ("World", "Leïla", "NO", (4, 12, 19)),
    "Nordics": ("Europe", None, None, ()),
    "日本": ("World", "Haruto", "JP", (3, 15, 23)),
}


def territories(fields: Fields) -> list[Row]:
    """Every territory with its criteria, which Zoho shows on demand only."""
    users = user_refs()
    ids = {name: make_id(TERRITORIES + 9 * index) for index, name in enumerate(_TERRITORIES)}
    return [
        {
            "created_time": local("2020-02-03T19:00:00"),
            "modified_time": local(f"2025-0{index + 1}-17T21:45:12"),
            "manager": None if manager is None else users[manager],
            "reporting_to": None if above is None else {"name": above, "id": ids[above]},
            "permission_type": "read_only" if above is None else "read_write_delete",
            "modified_by": users["Ingrid"],
            "description": None if index % 2 else f"All of {name}",
            "id": ids[name],
            "created_by": users["Ingrid"],
            "account_rule_criteria": _one_rule(fields, country),
            "deal_rule_criteria": _two_rules(fields) if name == "Pacific Coast" else None,
            "lead_rule_criteria": None,
            "name": name,
            "api_name": name.replace(" ", "_") if name.isascii() else f"Territory_{index}",
        }
        for index, (name, (above, manager, country, _)) in enumerate(_TERRITORIES.items())
    ]


def territory_users(territories: list[Row], users: list[Row]) -> dict[str, list[str]]:
    """The ids of the users of each territory, by the territory's id."""
    return {
        territory["id"]: [users[place]["id"] for place in _TERRITORIES[territory["name"]][-1]]
        for territory in territories
    }


def _one_rule(fields: Fields, country: str | None) -> Row | None:
    if country is None:
        return None
    field = field_named(fields, "Accounts", "Billing_Country")
    return {"comparator": "equal", "field": field, "value": country}


def _two_rules(fields: Fields) -> Row:
    stage, amount = (field_named(fields, "Deals", name) for name in ("Stage", "Amount"))
    return {
        "group_operator": "AND",
        "group": [
            {"comparator": "equal", "field": stage, "value": ["Qualification", "Negotiation"]},
            {"comparator": "greater_than", "field": amount, "value": 5000},
        ],
    }
