"""What an organisation consists of, as Zoho's metadata APIs tell it: one table, one reader.

Paths, keys and scopes are those of the page that each row names, and of Zoho's OpenAPI files.
"""

from __future__ import annotations

from collections.abc import Mapping

from tap_zohocrm_modules.zoho.metadata.automation import AUTOMATION
from tap_zohocrm_modules.zoho.metadata.customization import CUSTOMIZATION, MODULES
from tap_zohocrm_modules.zoho.metadata.endpoint import DOCS, Endpoint, ForEach, Row
from tap_zohocrm_modules.zoho.metadata.organisation import ORGANISATION
from tap_zohocrm_modules.zoho.metadata.people import PEOPLE
from tap_zohocrm_modules.zoho.metadata.reader import EndpointReader, EndpointResult

ENDPOINTS: Mapping[str, Endpoint] = {
    endpoint.name: endpoint for endpoint in (*CUSTOMIZATION, *AUTOMATION, *PEOPLE, *ORGANISATION)
}

__all__ = [
    "DOCS",
    "ENDPOINTS",
    "MODULES",
    "Endpoint",
    "EndpointReader",
    "EndpointResult",
    "ForEach",
    "Row",
]
