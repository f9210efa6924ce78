"""Every refusal of the Modules API: not asked again, and one line with cause and remedy."""

from __future__ import annotations

import json

import pytest
from support.cases import sample
from support.demo import (
    MODULES,
    TOKEN,
    calls_of,
    chosen,
    metadata_catalog,
    module_ids,
    read,
    small_demo,
)

from zohocrm_demo import DemoOrganisation, Fault

JSON = "application/json;charset=utf-8"
DETAILS = {"index": 0, "param_name": "status"}

# Fault, and words of the remedy.
REFUSALS = {
    "AUTHORIZATION_FAILED": (400, "User does not have sufficient privilege", "administrator"),
    "OAUTH_SCOPE_MISMATCH": (401, "invalid oauth scope", "ZohoCRM.settings.modules.READ"),
    "NO_PERMISSION": (403, "permission denied", "administrator"),
    "INVALID_URL_PATTERN": (404, "Please check if the URL is a correct one", "any proxy"),
    "INVALID_DATA": (400, "invalid data", "report"),
    "FEATURE_NOT_ENABLED": (400, "feature not enabled", "edition"),
    "API_NOT_SUPPORTED": (400, "the api is not supported", "API"),
    "SOMETHING_NEW": (400, "never seen before", "report"),
}


def fault_of(code: str) -> Fault:
    status, message, _ = REFUSALS[code]
    return Fault.error(status, code, message, DETAILS)


@pytest.mark.parametrize("code", REFUSALS)
def test_a_refusal_ends_the_run_with_zohos_words_and_the_remedy_and_is_not_asked_again(
    demo: DemoOrganisation, code: str
) -> None:
    status, message, remedy = REFUSALS[code]
    demo.inject(MODULES, fault_of(code), times=None)
    run = read(demo)
    error = run.error
    assert error.startswith("modules: GET /crm/v8/settings/modules: ")
    assert f"HTTP {status} {code} ({message})" in error
    assert remedy in error
    assert "status" in error
    assert run.rows == []
    assert calls_of(demo, MODULES) == 1
    assert calls_of(demo, TOKEN) == 1


@pytest.mark.parametrize("code", sample(["NO_PERMISSION", "OAUTH_SCOPE_MISMATCH"], "NO_PERMISSION"))
def test_without_a_catalog_too_a_run_that_read_nothing_fails(
    demo: DemoOrganisation, code: str
) -> None:
    demo.inject("/crm/*", fault_of(code), times=None)
    run = read(demo, catalog=None, record_modules=[])
    assert run.code == 1
    assert any(code in line for line in run.logged("ERROR"))


def test_a_refusal_in_a_list_under_a_status_of_success_is_one(demo: DemoOrganisation) -> None:
    refusal = {"code": "NO_PERMISSION", "message": "denied", "status": "error"}
    fault = Fault(status=200, body=json.dumps({"modules": [refusal]}), content_type=JSON)
    demo.inject(MODULES, fault, times=None)
    error = read(demo).error
    assert "NO_PERMISSION (denied)" in error
    assert "administrator" in error
    assert calls_of(demo, MODULES) == 1


@pytest.mark.parametrize("code", ["NO_PERMISSION", "AUTHORIZATION_FAILED", "OAUTH_SCOPE_MISMATCH"])
def test_missing_permissions_only_warn_when_they_may(demo: DemoOrganisation, code: str) -> None:
    demo.inject(MODULES, fault_of(code), times=None)
    run = read(demo, ignore_missing_permissions=True)
    assert run.code == 0
    assert run.logged("ERROR") == []
    (warning,) = [text for text in run.logged("WARNING") if code in text]
    assert "modules" in warning
    assert run.rows == []


def test_other_refusals_fail_the_run_whatever_may_be_ignored(demo: DemoOrganisation) -> None:
    demo.inject(MODULES, fault_of("INVALID_URL_PATTERN"), times=None)
    assert "INVALID_URL_PATTERN" in read(demo, ignore_missing_permissions=True).error


def test_a_missing_scope_is_named_and_no_token_minted_for_it() -> None:
    with small_demo(scopes=("ZohoCRM.users.READ", "ZohoCRM.modules.ALL")) as demo:
        run = read(demo)
        assert "OAUTH_SCOPE_MISMATCH" in run.error
        assert "ZohoCRM.settings.modules.READ" in run.error
        assert calls_of(demo, TOKEN) == 1
        assert calls_of(demo, MODULES) == 1


def test_an_invalid_token_is_replaced_once_and_the_rows_are_complete(
    demo: DemoOrganisation,
) -> None:
    demo.inject(MODULES, Fault.error(401, "INVALID_TOKEN", "invalid oauth token"))
    run = read(demo)
    assert run.code == 0
    assert [row["id"] for row in run.rows] == module_ids(demo)
    used = [call.headers["authorization"] for call in demo.calls if call.path == MODULES]
    assert len(used) == len(set(used)) == 2
    assert calls_of(demo, TOKEN) == 2


def test_a_token_that_is_never_accepted_is_minted_twice_and_no_more(
    demo: DemoOrganisation,
) -> None:
    demo.inject(MODULES, Fault.error(401, "INVALID_TOKEN", "invalid oauth token"), times=None)
    error = read(demo).error
    assert "INVALID_TOKEN" in error
    assert "data_center" in error
    assert calls_of(demo, TOKEN) == 2
    assert calls_of(demo, MODULES) == 2


def test_a_token_that_no_call_accepts_ends_the_run_and_not_the_patience_of_zoho(
    demo: DemoOrganisation,
) -> None:
    demo.inject("/crm/*", Fault.error(401, "INVALID_TOKEN", "invalid oauth token"), times=None)
    run = read(demo, catalog=None, record_modules=[])
    errors = run.logged("ERROR")
    assert run.code == 1
    assert 1 <= len(errors) <= 3
    assert all("INVALID_TOKEN" in error and "environment" in error for error in errors)
    # Zoho issues ten in ten minutes, and the next run wants one as well.
    assert calls_of(demo, TOKEN) <= 6


def test_a_token_that_one_call_does_not_accept_costs_that_stream_only(
    demo: DemoOrganisation,
) -> None:
    refused = Fault.error(401, "INVALID_TOKEN", "invalid oauth token")
    demo.inject("/crm/v8/org", refused, times=None)
    run = read(demo, catalog=metadata_catalog(modules={}, org={}))
    assert run.error.startswith("org: ")
    assert [row["id"] for row in run.rows] == module_ids(demo)


def test_a_redirect_is_not_followed_and_the_host_is_to_be_checked(demo: DemoOrganisation) -> None:
    elsewhere = {"Location": f"{demo.api_url}/crm/v8/settings/elsewhere"}
    demo.inject(MODULES, Fault(status=302, body="", headers=elsewhere), times=None)
    error = read(demo).error
    assert "HTTP 302" in error
    assert "api_url" in error
    assert [call.path for call in demo.calls] == [TOKEN, MODULES]


@pytest.mark.parametrize("code", ["NO_PERMISSION", "FEATURE_NOT_ENABLED", "INVALID_DATA"])
def test_what_is_read_module_by_module_does_not_end_silently_without_modules(
    demo: DemoOrganisation, code: str
) -> None:
    demo.inject(MODULES, fault_of(code), times=None)
    run = read(demo, catalog=chosen("layouts", "modules", "tags"))
    (line,) = [text for text in run.logged("ERROR") if code in text]
    assert all(stream in line for stream in ("layouts", "modules", "tags"))
    assert run.code == 1
