"""Finds Zoho's refusal in an answer, whatever it is wrapped in.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.zoho.transport.errors import Refusal

_MOST_DETAILS = 10


def refusal_in(
    status: int, body: Mapping[str, Any] | None, mask: Callable[[str], str]
) -> Refusal | None:
    """Return Zoho's refusal, flat or wrapped in a list, or None for a success.

    The status alone is not enough: some endpoints wrap an error in a list under HTTP 200.
    """
    success = HTTPStatus.OK <= status < HTTPStatus.MULTIPLE_CHOICES
    error = _error_in(body or {})
    if error is None and not success and isinstance((body or {}).get("code"), str):
        # Some endpoints leave out the error's own `status`.
        error = body
    if error is None:
        return None if success else Refusal(status)
    return refusal_of(status, error, mask)


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


def _error_in(body: Mapping[str, Any]) -> Mapping[str, Any] | None:
    if _is_error(body):
        return body
    for value in body.values():
        if isinstance(value, list) and len(value) == 1 and _is_error(value[0]):
            found: Mapping[str, Any] = value[0]
            return found
    return None


def _is_error(value: object) -> bool:
    return isinstance(value, dict) and value.get("status") == "error" and "code" in value
