"""What an organisation consists of, as Zoho's metadata APIs tell it: one table, one reader.

Paths, keys and scopes are those of the page that each row names, and of Zoho's OpenAPI files.
"""

from __future__ import annotations

from collections.abc import Mapping

from tap_zohocrm_modules.zoho.families.automation import AUTOMATION
from tap_zohocrm_modules.zoho.families.customization import CUSTOMIZATION, MODULES
from tap_zohocrm_modules.zoho.families.family import DOCS, Each, Family, Row
from tap_zohocrm_modules.zoho.families.organisation import ORGANISATION
from tap_zohocrm_modules.zoho.families.people import PEOPLE
from tap_zohocrm_modules.zoho.families.reader import FamilyReader, Part

FAMILIES: Mapping[str, Family] = {
    family.name: family for family in (*CUSTOMIZATION, *AUTOMATION, *PEOPLE, *ORGANISATION)
}

__all__ = ["DOCS", "FAMILIES", "MODULES", "Each", "Family", "FamilyReader", "Part", "Row"]
