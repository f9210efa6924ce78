"""What an organisation consists of, as Zoho's metadata APIs return it: one table, one reader.

Paths, keys and scopes are those of the page that each definition names, and of Zoho's OpenAPI
files.
"""

from __future__ import annotations

from collections.abc import Mapping

from tap_zohocrm_modules.definitions import definitions
from tap_zohocrm_modules.definitions.endpoint import Endpoint, ForEach, Row
from tap_zohocrm_modules.zoho.metadata.reader import EndpointReader
from tap_zohocrm_modules.zoho.metadata.result import EndpointResult

ENDPOINTS: Mapping[str, Endpoint] = {
    name: definition.endpoint for name, definition in definitions().items()
}
MODULES = ENDPOINTS["modules"]

__all__ = ["ENDPOINTS", "MODULES", "Endpoint", "EndpointReader", "EndpointResult", "ForEach", "Row"]
