"""Ids like Zoho's: 19 digits, a prefix for the organisation and a running number."""

from __future__ import annotations

_PREFIX = "5937104"


def make_id(number: int) -> str:
    """The id with this number; the ranges below keep the kinds apart."""
    return f"{_PREFIX}{number:012d}"


# First numbers. Zoho's own standard modules and profiles have small, well-known ones.
STANDARD_MODULES = 2_173
STANDARD_PROFILES = 26_011
STANDARD_ROLES = 26_005
USERS = 411_001
CUSTOM_PROFILES = 871_001
CUSTOM_MODULES = 1_204_003
FIELDS = 20_000_000
LAYOUTS = 91_055
CUSTOM_VIEWS = 5_087_501
LOOKUPS = 40_000_000
PICK_LIST_VALUES = 60_000_000
