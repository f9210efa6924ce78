"""Zoho's refusals, one function per documented code.

Source: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import Answer, error_answer

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping


class ZohoError(Exception):
    """A refusal on its way to the client.

    Attributes:
        answer: What the client gets: `{code, details, message, status: "error"}`.
    """

    def __init__(
        self,
        status: int,
        code: str,
        message: str,
        details: Mapping[str, Any] | None = None,
    ) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.answer: Answer = error_answer(status, code, message, details)


def invalid_url_pattern() -> ZohoError:
    """404: no route has this path."""
    return ZohoError(
        404, "INVALID_URL_PATTERN", "Please check if the URL trying to access is a correct one"
    )


def invalid_request_method() -> ZohoError:
    """400 (not 405): the path exists, the verb is wrong."""
    return ZohoError(
        400, "INVALID_REQUEST_METHOD", "The http request method type is not a valid one"
    )


def authentication_failure() -> ZohoError:
    """401: no usable Authorization header."""
    return ZohoError(401, "AUTHENTICATION_FAILURE", "Authentication failed")


def invalid_token() -> ZohoError:
    """401: the access token is unknown, expired or revoked."""
    return ZohoError(401, "INVALID_TOKEN", "invalid oauth token")


def scope_mismatch() -> ZohoError:
    """401 (not 403): the token is good but lacks a scope."""
    return ZohoError(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope to access this URL")


def too_many_requests() -> ZohoError:
    """429: credits or simultaneous calls; Zoho's body doesn't say which."""
    return ZohoError(
        429, "TOO_MANY_REQUESTS", "You have made too many requests. Please try again later."
    )


def required_param_missing(param: str) -> ZohoError:
    """400: a mandatory query parameter is absent; `details.param_name`."""
    return ZohoError(
        400,
        "REQUIRED_PARAM_MISSING",
        "One of the expected parameter is missing",
        {"param_name": param},
    )


def invalid_request() -> ZohoError:
    """400: a parameter nobody documented, or one given twice."""
    return ZohoError(
        400,
        "INVALID_REQUEST",
        "unable to process your request. please verify whether you have entered proper method "
        "name, parameter and parameter values.",
    )


def invalid_param(param: str, supported: Iterable[str], index: int = 0) -> ZohoError:
    """400 INVALID_DATA; `details {index, supported_values, param_name}`."""
    details = {"index": index, "supported_values": list(supported), "param_name": param}
    return ZohoError(400, "INVALID_DATA", "invalid data", details)


def limit_exceeded(param: str, limit: int) -> ZohoError:
    """400 LIMIT_EXCEEDED; `details {limit, param_name}`."""
    details = {"limit": limit, "param_name": param}
    return ZohoError(400, "LIMIT_EXCEEDED", "the limit of the parameter is exceeded", details)


def invalid_module(details: Mapping[str, Any]) -> ZohoError:
    """400: no module has this API name; names are case-sensitive."""
    return ZohoError(400, "INVALID_MODULE", "the module name given seems to be invalid", details)


def module_without_api(details: Mapping[str, Any]) -> ZohoError:
    """400: the module exists, but its `api_supported` is false; the same code, other words."""
    return ZohoError(400, "INVALID_MODULE", "the given module is not supported in api", details)


def invalid_id(path_index: int) -> ZohoError:
    """400 INVALID_DATA: an id in the path; `details.resource_path_index` counts from 0."""
    return ZohoError(
        400,
        "INVALID_DATA",
        "the id given seems to be invalid",
        {"resource_path_index": path_index},
    )


def not_supported(message: str, details: Mapping[str, Any]) -> ZohoError:
    """400: it exists, but not through this call."""
    return ZohoError(400, "NOT_SUPPORTED", message, details)


def internal_error() -> ZohoError:
    """500: the demo itself has failed."""
    return ZohoError(500, "INTERNAL_ERROR", "Internal Server Error")
