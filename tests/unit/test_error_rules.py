"""Every code that Zoho documents for reading, and what it means here.

https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html
"""

from __future__ import annotations

from typing import Any

import pytest

from tap_zohocrm_modules.zoho.transport.errors import (
    RULES,
    ApiError,
    NotByApiError,
    PermissionRefusedError,
    Refusal,
    TokenRefusedError,
    TransientError,
    UnavailableError,
    ZohoError,
    error_for,
    rule_for,
)
from tap_zohocrm_modules.zoho.transport.http import ReplyHead
from tap_zohocrm_modules.zoho.transport.refusal import refusal_in

RETRY, RENEW, FAIL = TransientError, TokenRefusedError, ApiError
PERMISSION, EDITION, NOT_BY_API = PermissionRefusedError, UnavailableError, NotByApiError

# (HTTP status, code, error), as the documentation has them.
DOCUMENTED = [
    (400, "INVALID_DATA", FAIL),
    (400, "INVALID_MODULE", NOT_BY_API),
    (400, "REQUIRED_PARAM_MISSING", FAIL),
    (400, "MANDATORY_NOT_FOUND", FAIL),
    (400, "EXPECTED_PARAM_MISSING", FAIL),
    (400, "LIMIT_EXCEEDED", FAIL),
    (400, "DISCRETE_PAGINATION_LIMIT_EXCEEDED", FAIL),
    (400, "PAGINATION_LIMIT_EXCEEDED", FAIL),
    (400, "EXPIRED_VALUE", FAIL),
    (400, "TOKEN_BOUND_DATA_MISMATCH", FAIL),
    (400, "AMBIGUITY_DURING_PROCESSING", FAIL),
    (400, "PATTERN_NOT_MATCHED", FAIL),
    (400, "INVALID_REQUEST_METHOD", FAIL),
    (400, "INVALID_REQUEST", FAIL),
    (400, "INVALID_HOST", FAIL),
    (400, "VERSION_NOT_SUPPORTED", FAIL),
    (400, "AUTHORIZATION_FAILED", PERMISSION),
    (400, "NO_PERMISSION", PERMISSION),
    (403, "NO_PERMISSION", PERMISSION),
    (400, "NOT_SUPPORTED", NOT_BY_API),
    (400, "NOT_ALLOWED", NOT_BY_API),
    (400, "API_NOT_SUPPORTED", NOT_BY_API),
    (400, "FEATURE_NOT_ENABLED", EDITION),
    (403, "FEATURE_NOT_ENABLED", EDITION),
    (400, "FEATURE_NOT_SUPPORTED", EDITION),
    (403, "FEATURE_NOT_SUPPORTED", EDITION),
    (400, "TERRITORY_NOT_ENABLED", EDITION),
    (400, "TERRITORY_DISABLED", EDITION),
    (403, "PERMISSION_DENIED", PERMISSION),
    (400, "LIMIT_REACHED", FAIL),
    (400, "INVALID_QUERY", FAIL),
    (400, "SYNTAX_ERROR", FAIL),
    (400, "UNABLE_TO_PARSE_DATA_TYPE", FAIL),
    (400, "CRITERIA_LIMIT_EXCEEDED", FAIL),
    (400, "INVALID_ALIAS", FAIL),
    (400, "DUPLICATE_ALIAS", FAIL),
    (400, "DUPLICATE_DATA", FAIL),
    (400, "RECORD_LOCKED", FAIL),
    (400, "NOT_APPROVED", FAIL),
    (401, "INVALID_TOKEN", RENEW),
    (401, "AUTHENTICATION_FAILURE", FAIL),
    (401, "OAUTH_SCOPE_MISMATCH", PERMISSION),
    (404, "INVALID_URL_PATTERN", FAIL),
    (404, "INVALID_DATA", FAIL),
    (404, "RESOURCE_NOT_FOUND", FAIL),
    (412, "ALREADY_MODIFIED", FAIL),
    (415, "MEDIA_TYPE_NOT_SUPPORTED", FAIL),
    (429, "TOO_MANY_REQUESTS", RETRY),
    (429, "RATE_LIMIT_EXCEEDED", RETRY),
    (500, "INTERNAL_ERROR", RETRY),
    (500, "INTERNAL_SERVER_ERROR", RETRY),
    (502, "SERVICE_UNAVAILABLE", RETRY),
    (503, "SERVICE_UNAVAILABLE", RETRY),
    (504, "SERVICE_UNAVAILABLE", RETRY),
]

# (HTTP status, code, error) where the status decides, the code being unknown or none.
BY_STATUS = [
    (302, "", FAIL),
    (400, "", FAIL),
    (400, "BRAND_NEW", FAIL),
    (401, "", FAIL),
    (401, "BRAND_NEW", FAIL),
    (403, "", PERMISSION),
    (403, "BRAND_NEW", PERMISSION),
    (404, "", FAIL),
    (408, "", RETRY),
    (413, "", FAIL),
    (429, "", RETRY),
    (429, "429", RETRY),
    (429, "INVALID_DATA", RETRY),
    (500, "", RETRY),
    (500, "NO_PERMISSION", RETRY),
    (502, "BRAND_NEW", RETRY),
    (599, "", RETRY),
]

# Codes and words that tell a user what to do.
REMEDIES = {
    "OAUTH_SCOPE_MISMATCH": ("refresh token", "scopes", "ZohoCRM.settings.modules.READ"),
    "INVALID_TOKEN": ("data_center", "environment", "api_url"),
    "NO_PERMISSION": ("profile", "administrator"),
    "AUTHORIZATION_FAILED": ("profile", "administrator"),
    "INVALID_HOST": ("api_url", "zohoapis"),
    "FEATURE_NOT_ENABLED": ("edition", "settings"),
    "INVALID_MODULE": ("API",),
    "TOO_MANY_REQUESTS": ("max_concurrency", "run again"),
    "INTERNAL_ERROR": ("run again", "support"),
    "EXPIRED_VALUE": ("Run again", "STATE"),
    "INVALID_DATA": ("report",),
    "SYNTAX_ERROR": ("report",),
}

SCOPE = "ZohoCRM.settings.modules.READ"


def error(status: int, code: str) -> ZohoError:
    refusal = Refusal(status, code, "Zoho's own words", {"param_name": "status"})
    return error_for("GET /crm/v8/settings/modules", refusal, scope=SCOPE)


@pytest.mark.parametrize(("status", "code", "kind"), DOCUMENTED + BY_STATUS)
def test_a_refusal_is_handled_by_its_code_and_status(
    status: int, code: str, kind: type[ZohoError]
) -> None:
    assert rule_for(Refusal(status, code)).error is kind


@pytest.mark.parametrize(("status", "code", "kind"), DOCUMENTED)
def test_every_documented_code_has_a_rule_of_its_own(
    status: int, code: str, kind: type[ZohoError]
) -> None:
    assert RULES[code].error is kind
    assert rule_for(Refusal(status, code.lower())).error is kind


@pytest.mark.parametrize(("status", "code", "kind"), DOCUMENTED + BY_STATUS)
def test_the_error_says_what_failed_in_zohos_words_and_what_to_do(
    status: int, code: str, kind: type[ZohoError]
) -> None:
    found = error(status, code)
    start = f"GET /crm/v8/settings/modules: HTTP {status} {code}".rstrip()
    text = str(found)
    assert type(found) is kind
    assert text.startswith(f"{start} (Zoho's own words) [param_name: status]. ")
    remedy = text.partition("]. ")[2]
    assert len(remedy) > 20
    assert remedy.endswith(".")
    assert "{" not in text
    assert "\n" not in text


@pytest.mark.parametrize("code", REMEDIES)
def test_the_remedy_names_what_is_to_be_changed(code: str) -> None:
    status = next(status for status, other, _ in DOCUMENTED if other == code)
    remedy = str(error(status, code)).partition("]. ")[2]
    assert all(word in remedy for word in REMEDIES[code]), remedy


def test_refused_calls_carry_zohos_words() -> None:
    found = error(403, "NO_PERMISSION")
    assert isinstance(found, ApiError)
    assert (found.refusal.status, found.refusal.code) == (403, "NO_PERMISSION")


def test_what_zoho_asks_to_wait_is_carried_on() -> None:
    refusal = Refusal(429, "TOO_MANY_REQUESTS")
    found = error_for("GET /x", refusal, scope=SCOPE, wait=42)
    assert isinstance(found, TransientError)
    assert found.wait == 42


@pytest.mark.parametrize("rule", RULES.values(), ids=RULES.keys())
def test_no_rule_is_without_a_remedy(rule: object) -> None:
    remedy = getattr(rule, "remedy", "")
    assert remedy.format(scope=SCOPE).endswith((".", ")."))
    assert len(remedy) > 20


@pytest.mark.parametrize("status", [400, 403, 404, 407, 451])
def test_an_answer_without_a_code_names_who_probably_gave_it(status: int) -> None:
    remedy = rule_for(Refusal(status)).remedy
    assert "proxy or gateway" in remedy
    assert "defect" not in remedy


def test_a_field_that_zoho_does_not_know_may_have_gone_since_the_run_began() -> None:
    refusal = Refusal(400, "INVALID_DATA", "invalid data", {"param_name": "fields", "index": "3"})
    assert "run again" in rule_for(refusal).remedy
    assert "defect" not in rule_for(refusal).remedy


DENIED = {"code": "NO_PERMISSION", "message": "denied", "status": "error"}


@pytest.mark.parametrize(
    "body",
    [
        {"modules": [DENIED]},
        {"data": [DENIED]},
        {**DENIED, "details": {}},
        {**DENIED, "code": "no_permission", "details": None},
    ],
)
@pytest.mark.parametrize("status", [200, 400, 403])
def test_a_refusal_is_known_in_every_form(body: dict[str, Any], status: int) -> None:
    found = refusal_in(ReplyHead(status, {}), body, str)
    assert found is not None
    assert (found.status, found.code.upper(), found.message) == (status, "NO_PERMISSION", "denied")
    assert rule_for(found).error is PERMISSION


@pytest.mark.parametrize("said", ["failure", None])
def test_a_refusal_without_its_status_is_known_by_that_of_the_answer(said: str | None) -> None:
    body = {"code": "OAUTH_SCOPE_MISMATCH", "message": "wrong", "status": said}
    assert refusal_in(ReplyHead(401, {}), body, str) == Refusal(
        401, "OAUTH_SCOPE_MISMATCH", "wrong"
    )
    assert refusal_in(ReplyHead(200, {}), body, str) is None
