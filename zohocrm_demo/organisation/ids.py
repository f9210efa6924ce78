"""Ids like Zoho's: 19 digits, a prefix for the organisation and a running number."""

from __future__ import annotations

ID_PREFIX = "5937104"


def make_id(number: int) -> str:
    """The id with this number; the ranges below, and those of the data files, are apart."""
    return f"{ID_PREFIX}{number:012d}"


# First numbers. Zoho's own standard modules have small, well-known ones.
STANDARD_MODULES = 2_173
LAYOUTS = 91_055
CUSTOM_MODULES = 1_204_003
PERMISSIONS = 3_010_001
CUSTOM_VIEWS = 5_087_501
FIELDS = 20_000_000
LOOKUPS = 40_000_000
PICK_LIST_VALUES = 60_000_000
SECTIONS = 7_010_000_000
RELATED_LISTS = 7_020_000_000
OWN_VIEWS = 7_030_000_000
GLOBAL_PICKLISTS = 7_040_000_000
MAP_DEPENDENCIES = 7_050_000_000
FORECAST_CATEGORIES = 7_060_000_000
WIZARDS = 7_090_000_000
