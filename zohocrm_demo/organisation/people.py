"""The people of the sample organisation: users, roles and profiles."""

from __future__ import annotations

from typing import Any

from zohocrm_demo.organisation.ids import (
    CUSTOM_PROFILES,
    STANDARD_PROFILES,
    STANDARD_ROLES,
    USERS,
    make_id,
)

ADMINISTRATOR = "Administrator"
STANDARD = "Standard"

_REGIONS = ("North", "South", "East", "West", "Central", "Coastal", "Alpine", "Island", "Delta")
_TEAMS = ("Sales", "Service", "Laboratory", "Logistics", "Finance", "Partners")


def profile_names() -> tuple[str, ...]:
    """Administrator, Standard, three by trade and one for each region and team: 59."""
    regional = tuple(f"{region} {team}" for region in _REGIONS for team in _TEAMS)
    return (ADMINISTRATOR, STANDARD, "Field Engineer", "Auditor", "मार्केटिंग", *regional)


def profile_refs() -> dict[str, dict[str, str]]:
    """`{name, id}` of every profile, by name."""
    refs: dict[str, dict[str, str]] = {}
    for index, name in enumerate(profile_names()):
        standard = name in {ADMINISTRATOR, STANDARD}
        number = STANDARD_PROFILES + 3 * index if standard else CUSTOM_PROFILES + 2 * index
        refs[name] = {"name": name, "id": make_id(number)}
    return refs


_USERS = (
    ("Ingrid", "Solheim", "CEO"),
    ("Tomás", "Quintero", "Sales Director"),
    ("Amara", "Okonkwo", "Sales"),
    ("Haruto", "Nishimura", "Sales"),
    ("Leïla", "Benkirane", "Service"),
    ("Priya", "Raghunathan", "Service"),
    ("Callum", "Drummond", "Laboratory"),
    ("Zuzana", "Kováčová", "Laboratory"),
    ("Owen", "Whitlock", "Finance"),
    ("Mei-Ling", "Cheung", "Finance"),
)


def user_refs() -> dict[str, dict[str, str]]:
    """`{name, id}` of every user, by first name."""
    return {
        first: {"name": f"{first} {last}", "id": make_id(USERS + 4 * index)}
        for index, (first, last, _) in enumerate(_USERS)
    }


def users() -> list[dict[str, Any]]:
    """The users; the first is the one whose refresh token the tap has."""
    roles = {role["name"]: role for role in role_refs()}
    profiles = profile_refs()
    refs = user_refs()
    return [
        {
            "id": refs[first]["id"],
            "first_name": first,
            "last_name": last,
            "full_name": f"{first} {last}",
            "email": f"user{index}@brightwater-instruments.example",
            "role": {"name": role, "id": roles[role]["id"]},
            "profile": profiles[ADMINISTRATOR if index == 0 else STANDARD],
            "status": "active",
        }
        for index, (first, last, role) in enumerate(_USERS)
    ]


def role_refs() -> list[dict[str, str]]:
    """`{name, id}` of every role."""
    names = ("CEO", "Sales Director", "Sales", "Service", "Laboratory", "Finance")
    return [
        {"name": name, "id": make_id(STANDARD_ROLES + 3 * index)}
        for index, name in enumerate(names)
    ]
