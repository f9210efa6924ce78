"""Why a table cannot be compared."""

from __future__ import annotations

from tap_zohocrm_modules.zoho.transport.errors import ZohoError


class WarehouseError(ZohoError):
    """A warehouse, a table or a column cannot be read; the text has no password."""


class IncomparableError(ZohoError):
    """A value of a column is nothing that the tap's values could be compared with."""
