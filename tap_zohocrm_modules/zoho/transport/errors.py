"""What Zoho's refusals mean: to be retried, a stream to be skipped, or the end of the run.

Codes: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

import dataclasses
import traceback
from collections.abc import Mapping
from http import HTTPStatus

from typing_extensions import override


class ZohoError(Exception):
    """A call that failed for good; its text is one sentence for people, with the remedy."""

    def adding(self, more: str) -> ZohoError:
        """Return the same error with a further sentence."""
        return type(self)(f"{self} {more}")

    def begin_with(self, what: object) -> None:
        """Let the text begin with the call that has failed."""
        self.args = (f"{what}: {self}", *self.args[1:])


def forget_locals(error: BaseException | None) -> None:
    """Let go of what the calls behind an error had in hand, which may be a large answer.

    Errors are kept until the end of the run; their tracebacks still show where they were raised.
    """
    while error is not None:
        traceback.clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__


class TransientError(ZohoError):
    """A failure that may pass; `wait` is how many seconds Zoho asks for, if it says so."""

    def __init__(self, text: str, *, wait: float | None = None) -> None:
        super().__init__(text)
        self.wait = wait


class NoAnswerError(TransientError):
    """No answer has begun: no connection, a stall, or a connection that broke off."""


class UnknownHostError(NoAnswerError):
    """No name server knows the host, or none can be asked."""


class UnfinishedError(TransientError):
    """An answer has begun, and stalls, drips, or breaks off."""


class GivenUpError(ZohoError):
    """A failure did not pass within the bounds of the retries; the cause is the last one."""


class AbandonedError(ZohoError):
    """An exchange whose answer nobody waits for any more."""


class RunEndError(ZohoError):
    """No further call of this run can succeed, or may be made."""


class AuthError(RunEndError):
    """No access token is to be had, or none is accepted."""


class OutOfCreditsError(RunEndError):
    """The organisation's daily API credits, the reserve of them, or the budget are used up.

    `least` is the budget by which the run had come further; None where no budget ended it.
    """

    def __init__(self, text: str, *, least: int | None = None) -> None:
        super().__init__(text)
        self.least = least


class DeadHostError(RunEndError):
    """A host does not answer, or not as itself."""


class ClosedError(RunEndError):
    """Whoever made the call wants no answer any more."""


class ClockError(RunEndError):
    """The clocks of this machine and of Zoho are too far apart to say what is new."""


class UnreadableAnswerError(ZohoError):
    """An answer that is complete but not what Zoho documents, so that rows might be missing."""


class RedirectedError(ZohoError):
    """A file lies elsewhere: at `location`, which may be relative to where it was asked for."""

    def __init__(self, text: str, location: str) -> None:
        super().__init__(text)
        self.location = location


class ApiError(ZohoError):
    """Zoho refused a call and said why; `refusal` has its words."""

    def __init__(self, text: str, refusal: Refusal) -> None:
        super().__init__(text)
        self.refusal = refusal

    @override
    def adding(self, more: str) -> ZohoError:
        return type(self)(f"{self} {more}", self.refusal)


class PermissionRefusedError(ApiError):
    """A scope or a permission is missing."""


class RefusedDespiteScopeError(PermissionRefusedError):
    """Zoho says that a scope is missing which the token has: it refuses this one thing."""


class UnavailableError(ApiError):
    """The edition, a switch or the API itself does not offer this."""


class NotByApiError(UnavailableError):
    """The API does not offer this module at all, whatever its list of modules says."""


class TokenRefusedError(ApiError):
    """The access token is not accepted (any more)."""


@dataclasses.dataclass(frozen=True, slots=True)
class Refusal:
    """Zoho's own words, with secrets masked: the status, and the error's code, message, details."""

    status: int
    code: str = ""
    message: str = ""
    details: Mapping[str, str] = dataclasses.field(default_factory=dict)

    @override
    def __str__(self) -> str:
        words = f"HTTP {self.status} {self.code}".rstrip()
        said = f" ({self.message})" if self.message else ""
        details = ", ".join(f"{key}: {value}" for key, value in self.details.items())
        return words + said + (f" [{details}]" if details else "")


@dataclasses.dataclass(frozen=True, slots=True)
class Rule:
    """The error that a code means, and what its reader can do about it in one sentence."""

    error: type[ApiError | TransientError]
    remedy: str


REPORT = "If it stays so, Zoho's API has changed: please report it with this line."

_BUG = "This looks like a defect of the tap: please report it with this line."
_ELSEWHERE = "The API is not to be found there: check api_url, and data_center."
_NOT_ZOHOS = (
    "The answer has no error code, as Zoho's have: a proxy or gateway in between probably gave it."
    " Check HTTPS_PROXY and api_url, and run again."
)
_FIELDS = (
    "A field may have been deleted, or hidden from this user, since the run began: run again. If it"
    " stays so, please report it with this line."
)
_PROFILE = (
    "The profile of the user who made the refresh token lacks this permission:"
    " add it to the profile, or make the token as an administrator."
)
_SCOPE = "Make a new refresh token whose scopes include {scope} (see the README)."
_NOT_ACCEPTED = (
    "The access token was not accepted even when fresh: the refresh token may belong to"
    " another data centre or environment than data_center, environment and api_url say."
)
_URL = (
    "This is not the address of a Zoho API host: check api_url, and any proxy in between. If"
    " these are right, the tap has a defect: please report it with this line."
)
_BUSY = Rule(
    TransientError,
    "Too many calls at once or no API credits left: lower max_concurrency, or run again later.",
)
_BROKEN = Rule(
    TransientError,
    "Zoho's servers failed on it: run again later, and ask Zoho's support if it stays.",
)

SCOPE_MISSING = "OAUTH_SCOPE_MISMATCH"

_CODES: Mapping[Rule, str] = {
    Rule(PermissionRefusedError, _SCOPE): SCOPE_MISSING,
    Rule(PermissionRefusedError, _PROFILE): "NO_PERMISSION AUTHORIZATION_FAILED PERMISSION_DENIED",
    Rule(UnavailableError, "The organisation's edition or settings do not offer this."): (
        "FEATURE_NOT_ENABLED FEATURE_NOT_SUPPORTED TERRITORY_NOT_ENABLED TERRITORY_DISABLED"
    ),
    Rule(NotByApiError, "Zoho does not offer this module through its API."): (
        "INVALID_MODULE NOT_SUPPORTED NOT_ALLOWED API_NOT_SUPPORTED MODULE_NOT_SUPPORTED"
        " MODULE_NOT_AVAILABLE"
    ),
    Rule(TokenRefusedError, _NOT_ACCEPTED): "INVALID_TOKEN",
    _BUSY: "TOO_MANY_REQUESTS RATE_LIMIT_EXCEEDED",
    _BROKEN: "INTERNAL_ERROR INTERNAL_SERVER_ERROR SERVICE_UNAVAILABLE",
    Rule(ApiError, "Zoho answers API calls on its zohoapis hosts only: correct api_url."): (
        "INVALID_HOST"
    ),
    Rule(ApiError, _BUG): (
        "INVALID_DATA REQUIRED_PARAM_MISSING MANDATORY_NOT_FOUND EXPECTED_PARAM_MISSING"
        " LIMIT_EXCEEDED DISCRETE_PAGINATION_LIMIT_EXCEEDED PAGINATION_LIMIT_EXCEEDED"
        " TOKEN_BOUND_DATA_MISMATCH AMBIGUITY_DURING_PROCESSING PATTERN_NOT_MATCHED"
        " INVALID_REQUEST_METHOD INVALID_REQUEST VERSION_NOT_SUPPORTED LIMIT_REACHED"
        " AUTHENTICATION_FAILURE ALREADY_MODIFIED RECORD_LOCKED NOT_APPROVED"
    ),
    Rule(ApiError, _URL): "INVALID_URL_PATTERN",
    Rule(ApiError, f"Zoho cannot run this query. {_BUG}"): (
        "INVALID_QUERY SYNTAX_ERROR UNABLE_TO_PARSE_DATA_TYPE CRITERIA_LIMIT_EXCEEDED"
        " INVALID_ALIAS DUPLICATE_ALIAS DUPLICATE_DATA"
    ),
    Rule(ApiError, f"Zoho's Bulk Read does not accept this. {_BUG}"): (
        "MEDIA_TYPE_NOT_SUPPORTED REQUEST_BODY_IS_EMPTY REQUEST_BODY_NOT_READABLE"
        " REQUEST_BODY_NOT_SUPPORTED INVALID_BULK_OPERATION QUERY_NOT_SUPPORTED JOB_NOT_SUPPORTED"
        " NOT_SUPPORTED_FEATURE INVALID_SERVICE_NAME FIELD_NOT_SUPPORTED JOIN_LIMIT_EXCEEDED"
        " CVID_NOT_SUPPORTED"
    ),
    Rule(ApiError, "Run again: the read then starts afresh from the last STATE."): (
        "EXPIRED_VALUE RESOURCE_NOT_FOUND"
    ),
}

RULES: Mapping[str, Rule] = {code: rule for rule, codes in _CODES.items() for code in codes.split()}
_BY_STATUS: Mapping[int, Rule] = {
    401: Rule(ApiError, "Zoho did not accept the access token: check data_center and api_url."),
    403: Rule(PermissionRefusedError, _PROFILE),
    404: Rule(ApiError, _ELSEWHERE),
    408: _BROKEN,
    429: _BUSY,
}


def rule_for(refusal: Refusal) -> Rule:
    """Return what to do about a refusal, by its code or else by its HTTP status."""
    if refusal.status == HTTPStatus.TOO_MANY_REQUESTS:
        return _BUSY
    if refusal.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        return _BROKEN
    if refusal.status < HTTPStatus.BAD_REQUEST and not refusal.code:
        return Rule(ApiError, _ELSEWHERE)
    return _by_code(refusal, refusal.code.upper()) if refusal.code else _without_code(refusal)


def _by_code(refusal: Refusal, code: str) -> Rule:
    if code == "INVALID_DATA" and refusal.details.get("param_name") == "fields":
        return Rule(ApiError, _FIELDS)
    return RULES.get(code) or _BY_STATUS.get(refusal.status) or Rule(ApiError, _BUG)


def _without_code(refusal: Refusal) -> Rule:
    known = _BY_STATUS.get(refusal.status)
    if known is None:
        return Rule(ApiError, _NOT_ZOHOS)
    if issubclass(known.error, TransientError):
        return known
    return Rule(known.error, f"{known.remedy} {_NOT_ZOHOS}")


def error_for(what: str, refusal: Refusal, *, scope: str, wait: float | None = None) -> ZohoError:
    """Return the error to raise: what failed, Zoho's own words, and the remedy.

    `scope` is what the call needs, and `wait` the seconds that the answer asks to wait.
    """
    rule = rule_for(refusal)
    text = f"{what}: {refusal}. {rule.remedy.format(scope=scope)}"
    if issubclass(rule.error, TransientError):
        return rule.error(text, wait=wait)
    return rule.error(text, refusal)
