"""What one call of an endpoint, with its pages and details, returned."""

from __future__ import annotations

import dataclasses
from typing import Any

from tap_zohocrm_modules.zoho.transport.errors import ZohoError


@dataclasses.dataclass(frozen=True, slots=True)
class EndpointResult:
    """What one call, with its pages and details, returned; `error` in place of rows if it failed.

    A row whose details Zoho does not offer is as it was listed, and the error is there too. One
    whose details cannot be asked for, or do not come, is as it was listed with `lacking`.
    """

    of: str
    rows: tuple[dict[str, Any], ...] = ()
    error: ZohoError | None = None
    inherited: bool = False  # the error is that of the parents' endpoint, whose stream reports it
    is_last: bool = False  # no further call was made after it
    lacking: str = ""  # why not everything is known of the row
