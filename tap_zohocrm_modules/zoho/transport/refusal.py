"""What Zoho's refusals look like in an answer.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from tap_zohocrm_modules.zoho.transport.errors import Refusal
from tap_zohocrm_modules.zoho.transport.http import ReplyHead

_MOST_DETAILS = 10


def refusal_of(status: int, error: Mapping[str, Any], mask: Callable[[str], str]) -> Refusal:
    """Return one of Zoho's error objects as a refusal that may be shown."""
    details = error.get("details")
    listed = [*details.items()][:_MOST_DETAILS] if isinstance(details, dict) else []
    return Refusal(
        status,
        code=mask(str(error["code"])),
        message=mask(str(error.get("message") or "")),
        details={mask(key): mask(str(value)) for key, value in listed},
    )


def refusal_in(
    head: ReplyHead, body: Mapping[str, Any], mask: Callable[[str], str]
) -> Refusal | None:
    """Return Zoho's refusal, flat or wrapped in a list, or None for a success.

    The status alone is not enough: some endpoints wrap an error in a list under HTTP 200.
    """
    wrapped = [
        row for rows in body.values() if isinstance(rows, list) and len(rows) == 1 for row in rows
    ]
    error = next((row for row in (body, *wrapped) if _is_error(row)), None)
    if error is None and not head.is_success and isinstance(body.get("code"), str):
        # Some endpoints leave out the error's own `status`.
        error = body
    if error is None:
        return None if head.is_success else Refusal(head.status)
    return refusal_of(head.status, error, mask)


def _is_error(value: object) -> bool:
    return isinstance(value, dict) and value.get("status") == "error" and "code" in value
