"""`--test` says whether access works, and what to do if not."""

from __future__ import annotations

import json
import time
from pathlib import Path
from typing import Any

import pytest
from support.demo import MODULES, TOKEN, calls_of, module_ids, read, small_demo
from support.run import FAST, Run, run_tap, with_options

from tap_zohocrm_modules.sync.run_options import Quick
from zohocrm_demo import DemoOrganisation, Fault

QUICK = Quick()


def check(demo: DemoOrganisation, **more: Any) -> Run:
    return read(demo, "--test", catalog=None, **more)


def test_what_works_is_said_step_by_step(demo: DemoOrganisation) -> None:
    run = check(demo)
    assert run.code == 0
    token, host, modules = run.stdout.decode().splitlines()
    assert token.startswith("token")
    assert "127.0.0.1" in token
    assert "ZohoCRM.settings.ALL" in token
    assert demo.api_url in host
    assert str(len(module_ids(demo))) in modules
    readable = sum(module["api_supported"] for module in demo.organisation.modules)
    assert f"records of {readable} can be read" in modules
    assert calls_of(demo, TOKEN) == 1
    assert calls_of(demo, MODULES) == 1


def test_the_demo_can_be_tested_without_settings() -> None:
    run = run_tap("--test", config={"environment": "demo"})
    assert run.code == 0
    assert len(run.stdout.splitlines()) == 3


def test_a_revoked_token_is_the_first_thing_that_fails(demo: DemoOrganisation) -> None:
    demo.revoke_refresh_token()
    run = check(demo)
    assert "revoked" in run.error
    assert run.stdout == b""


def test_a_missing_scope_is_named_with_the_streams_that_it_costs() -> None:
    with small_demo(scopes=("ZohoCRM.settings.ALL", "ZohoCRM.modules.READ")) as demo:
        run = check(demo)
    assert run.code == 0
    lines = run.stdout.decode().splitlines()
    assert [line.split()[0] for line in (*lines[:2], lines[-1])] == ["token", "API", "modules"]
    missing = dict(
        line.removeprefix("scope    missing: ").split(", without which there is no ")
        for line in lines[2:-1]
    )
    assert "org" in missing["ZohoCRM.org.READ"].split(", ")
    assert "users" in missing["ZohoCRM.users.READ"].split(", ")
    assert missing["ZohoCRM.coql.READ"].startswith("COQL")
    assert missing["ZohoCRM.bulk.READ"].startswith("Bulk Read")
    assert not [scope for scope in missing if scope.startswith("ZohoCRM.settings.")]


def test_the_scope_that_everything_needs_is_named_and_fails_the_check() -> None:
    with small_demo(scopes=("ZohoCRM.users.READ",)) as demo:
        run = check(demo)
    assert "ZohoCRM.settings.modules.READ" in run.error
    lines = run.stdout.decode().splitlines()
    (line,) = [line for line in lines if "missing: ZohoCRM.settings.modules.READ" in line]
    # What fans out over the modules is lost as well.
    assert {"modules", "fields", "layouts"} <= set(line.replace(",", "").split())


@pytest.mark.parametrize(
    ("path", "fault", "words"),
    [
        (TOKEN, Fault(status=200, body='{"error":"invalid_client"}'), ("client_id", "data_center")),
        (TOKEN, Fault(status=400, body='{"error":"Access Denied"}'), ("wait 10 minutes",)),
        (MODULES, Fault.error(401, "INVALID_TOKEN"), ("data_center", "environment")),
        (MODULES, Fault.error(403, "NO_PERMISSION"), ("profile", "administrator")),
        (MODULES, Fault.error(429, "TOO_MANY_REQUESTS"), ("max_concurrency",)),
    ],
)
def test_each_failure_comes_with_its_remedy(
    demo: DemoOrganisation, path: str, fault: Fault, words: tuple[str, ...]
) -> None:
    demo.inject(path, fault, times=None)
    error = check(demo).error
    assert all(word in error for word in words), error
    assert calls_of(demo, TOKEN) + calls_of(demo, MODULES) <= 6


def test_a_host_that_is_not_there_is_named_after_few_tries() -> None:
    with small_demo() as demo:
        closed = demo.accounts_url
    with small_demo() as demo:
        run = check(demo, accounts_url=closed)
    assert "accounts_url" in run.error
    assert "data_center" in run.error


def test_wrong_settings_are_named_before_anything_is_called(demo: DemoOrganisation) -> None:
    run = check(demo, data_center="mars")
    assert run.error.startswith("data_center is 'mars'")
    assert demo.calls == ()


def test_the_check_is_made_of_few_and_short_tries() -> None:
    assert QUICK.policy.max_tries <= 3
    assert QUICK.policy.max_time <= 15
    assert QUICK.timeout <= 15


@pytest.mark.parametrize("path", [TOKEN, MODULES])
def test_what_may_pass_is_not_waited_for_as_in_a_run(demo: DemoOrganisation, path: str) -> None:
    demo.inject(path, Fault.html(503, "Maintenance"), times=None)
    assert f"{QUICK.policy.max_tries} tries" in check(demo).error
    assert calls_of(demo, path) == QUICK.policy.max_tries < FAST.max_tries


def test_a_host_that_never_answers_is_not_waited_for_as_in_a_run(
    demo: DemoOrganisation,
) -> None:
    demo.inject(TOKEN, Fault.stall(), times=None)
    before = time.monotonic()
    with with_options(quick=Quick(timeout=0.2)):
        assert "did not answer" in check(demo, request_timeout=60).error
    assert time.monotonic() - before < 10


def test_the_schemas_alone_can_be_tested_without_any_call(demo: DemoOrganisation) -> None:
    run = read(demo, "--test=schema", catalog=None, record_modules=[])
    assert run.code == 0
    assert set(run.types) == {"SCHEMA"}
    assert "modules" in {message["stream"] for message in run.messages}
    assert calls_of(demo, MODULES) == 0


def test_the_check_asks_for_a_token_of_its_own(demo: DemoOrganisation, tmp_path: Path) -> None:
    settings: dict[str, Any] = {"token_cache_dir": str(tmp_path)}
    assert read(demo, **settings).code == 0
    run = check(demo, client_secret="wrong", **settings)
    assert "client_secret" in run.error


def test_records_need_the_scope_of_fields() -> None:
    scopes = ("ZohoCRM.settings.modules.READ", "ZohoCRM.modules.READ", "ZohoCRM.org.READ")
    with small_demo(scopes=scopes) as demo:
        lines = check(demo).stdout.decode().splitlines()
    (line,) = [one for one in lines if "missing: ZohoCRM.settings.fields.READ" in one]
    assert "the records of all modules" in line
    assert lines[-1].endswith("but no records without the scopes above")


def test_another_value_is_an_error(demo: DemoOrganisation) -> None:
    assert read(demo, "--test=foo", catalog=None).error == (
        "--test is 'foo', which must be one of all, schema, disabled"
    )


def test_fields_are_asked_for_where_zoho_does_not_list_the_scopes(demo: DemoOrganisation) -> None:
    token = {"access_token": "1000.a.b", "api_domain": demo.api_url, "expires_in": 3600}
    leads = {"id": "1", "api_name": "Leads", "api_supported": True}
    for path, body in ((TOKEN, token), (MODULES, {"modules": [leads]})):
        fault = Fault(status=200, body=json.dumps(body), content_type="application/json")
        demo.inject(path, fault, times=None)
    demo.inject("*/settings/fields", Fault.error(401, "OAUTH_SCOPE_MISMATCH"), times=None)
    lines = check(demo).stdout.decode().splitlines()
    assert "scopes that Zoho did not list" in lines[0]
    assert "missing: ZohoCRM.settings.fields.READ" in lines[-2]
    assert "no records" in lines[-1]
