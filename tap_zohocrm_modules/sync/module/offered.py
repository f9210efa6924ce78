"""Modules that Zoho lists as supported and offers to nobody."""

from __future__ import annotations

from datetime import datetime, timedelta

from typing_extensions import TypeIs

from tap_zohocrm_modules.sync.module.start import ReadStart
from tap_zohocrm_modules.zoho.records.model import RecordModule
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    PermissionRefusedError,
    UnavailableError,
    ZohoError,
)

# In silence: it may be offered by now.
_ASKED_AGAIN_AFTER = timedelta(days=30)


def is_not_offered(error: ZohoError, module: RecordModule, start: ReadStart) -> TypeIs[ApiError]:
    """Whether an error means that Zoho offers a module to nobody, whatever its list says.

    Some modules are listed as supported and not viewable, and refused by various codes; others of
    that kind can be read. One that was read before has been taken away, which is a failure.
    """
    is_refusal = isinstance(error, (PermissionRefusedError, UnavailableError))
    return is_refusal and not module.viewable and not start.was_read


def is_known_not_offered(refused: datetime | None, module: RecordModule, now: datetime) -> bool:
    """Whether Zoho last refused a module lately, if ever, and lists it as not viewable still."""
    return refused is not None and not module.viewable and now < refused + _ASKED_AGAIN_AFTER
