"""Each setting: what it accepts, its default, and what it refuses in which words."""

from __future__ import annotations

import dataclasses
from pathlib import Path
from typing import Any

import pytest

from tap_zohocrm_modules.config.batch import BatchConfig
from tap_zohocrm_modules.config.choices import Environment, PrivateFields, ReadPathChoice
from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.config.settings import Settings

CREDENTIALS = {
    "client_id": "1000.CLIENT",
    "client_secret": "s3cr3t-of-the-client",
    "refresh_token": "1000.r3fr3sh.t0k3n",
}


def parse(**config: Any) -> Settings:
    return Settings.parse({**CREDENTIALS, **config})


def problem(**config: Any) -> str:
    """The one problem of these settings."""
    with pytest.raises(SettingsError) as caught:
        parse(**config)
    assert len(caught.value.problems) == 1
    return caught.value.problems[0]


def test_defaults_are_the_contracts() -> None:
    settings = parse()
    assert dataclasses.asdict(settings) == {
        **CREDENTIALS,
        "data_center": "us",
        "environment": Environment.PRODUCTION,
        "accounts_url": None,
        "api_url": None,
        "start_date": None,
        "module_statuses": (),
        "record_modules": ("*",),
        "child_lists": (),
        "child_sweep_days": None,
        "audit_log_export": False,
        "read_path": ReadPathChoice.AUTO,
        "max_concurrency": None,
        "credit_budget": None,
        "emit_activate_version_messages": False,
        "emit_tombstones": True,
        "ignore_missing_permissions": False,
        "formula_expressions": False,
        "private_fields": PrivateFields.KEEP,
        "private_field_key": "",
        "backfill_new_columns": True,
        "batch_config": None,
        "credit_reserve": None,
        "cutoff_lag": 10,
        "lookback": 300,
        "refresh_modules": None,
        "delete_sweep_days": None,
        "refresh_days": None,
        "request_timeout": 300,
        "token_cache": True,
        "token_cache_dir": None,
        "total_timeout": 900,
    }


@pytest.mark.parametrize(
    ("key", "value", "parsed"),
    [
        ("data_center", "eu", "eu"),
        ("environment", "sandbox", Environment.SANDBOX),
        ("environment", "developer", Environment.DEVELOPER),
        ("environment", "demo", Environment.DEMO),
        ("accounts_url", "https://accounts.zoho.eu", "https://accounts.zoho.eu"),
        ("accounts_url", "https://accounts.zoho.eu/", "https://accounts.zoho.eu"),
        ("accounts_url", "http://127.0.0.1:8080", "http://127.0.0.1:8080"),
        ("api_url", "http://localhost:1", "http://localhost:1"),
        ("api_url", "https://[::1]:8443", "https://[::1]:8443"),
        ("api_url", "HTTPS://www.zohoapis.com", "https://www.zohoapis.com"),
        ("module_statuses", [], ()),
        ("module_statuses", ["visible", "user_hidden"], ("visible", "user_hidden")),
        ("module_statuses", ["visible", "visible"], ("visible",)),
        ("record_modules", [], ()),
        ("record_modules", ["Leads", "Custom_*"], ("Leads", "Custom_*")),
        ("read_path", "coql", ReadPathChoice.COQL),
        ("read_path", "bulk", ReadPathChoice.BULK),
        ("read_path", "rest", ReadPathChoice.REST),
        ("max_concurrency", 1, 1),
        ("max_concurrency", "25", 25),
        ("credit_budget", 5000, 5000),
        ("emit_tombstones", False, False),
        ("ignore_missing_permissions", True, True),
        ("cutoff_lag", 0, 0),
        ("cutoff_lag", 2.5, 2.5),
        ("cutoff_lag", "30", 30),
        ("request_timeout", 1, 1),
        ("request_timeout", 86400, 86400),
        ("total_timeout", "900", 900),
        ("token_cache", False, False),
        ("token_cache_dir", "/srv/tap", Path("/srv/tap")),
        ("token_cache_dir", "~/tap", Path.home() / "tap"),
        ("refresh_days", 7, 7),
        ("delete_sweep_days", "30", 30),
        ("credit_reserve", 500, 500),
        ("backfill_new_columns", False, False),
        ("formula_expressions", True, True),
        (
            "batch_config",
            {"encoding": {"format": "arrow"}, "storage": {"root": "file:///b"}},
            BatchConfig("arrow", "file:///b"),
        ),
        ("batch_config", {"encoding": {"format": "arrow"}}, BatchConfig("arrow")),
        (
            "batch_config",
            {
                "encoding": {"format": "parquet", "compression": "zstd"},
                "storage": {"root": "file:///b c", "prefix": "p-"},
                "batch_size": 5,
            },
            BatchConfig("parquet", "file:///b c", "p-", "zstd", 5),
        ),
    ],
)
def test_a_right_value_is_taken(key: str, value: object, parsed: object) -> None:
    assert getattr(parse(**{key: value}), key) == parsed


@pytest.mark.parametrize("key", [field.name for field in dataclasses.fields(Settings)])
@pytest.mark.parametrize("blank", ["", None])
def test_a_blank_value_is_no_value(key: str, blank: object) -> None:
    config = {"environment": "demo"} if key in CREDENTIALS else {}
    settings = parse(**config, **{key: blank})
    expected = "" if key in CREDENTIALS else getattr(parse(), key)
    assert getattr(settings, key) == expected


@pytest.mark.parametrize(
    ("key", "value", "allowed"),
    [
        ("data_center", "mars", "us, eu, in, au, jp, cn, ca, sa, uk, ae"),
        ("data_center", "EU", "us, eu"),
        ("data_center", 5, "us, eu"),
        ("data_center", ["eu"], "us, eu"),
        ("environment", "live", "production, sandbox, developer, demo"),
        ("environment", True, "production, sandbox"),
        ("accounts_url", "accounts.zoho.eu", "https://accounts.zoho.eu"),
        ("accounts_url", "ftp://accounts.zoho.eu", "https://accounts.zoho.eu"),
        ("accounts_url", "https://", "https://accounts.zoho.eu"),
        ("accounts_url", "https://accounts.zoho.eu/oauth/v2", "scheme and a host only"),
        ("accounts_url", "https://accounts.zoho.eu?x=1", "scheme and a host only"),
        ("accounts_url", "http://accounts.zoho.eu", "https://"),
        ("accounts_url", "https://accounts.zoho.eu:port", "https://accounts.zoho.eu"),
        ("accounts_url", "https://accounts zoho.eu", "https://accounts.zoho.eu"),
        ("accounts_url", 5, "https://accounts.zoho.eu"),
        ("api_url", "https://[::1", "must be a URL"),
        ("api_url", "http://10.0.0.1", "https://"),
        ("api_url", "https://www.zohoapis.com/crm/v8", "scheme and a host only"),
        ("api_url", {}, "https://"),
        ("start_date", "yesterday", "2024-01-31"),
        ("start_date", 20240131, "2024-01-31"),
        ("module_statuses", "visible", "list"),
        ("module_statuses", ["visible", "hidden"], "visible, user_hidden, system_hidden"),
        ("module_statuses", ["VISIBLE"], "visible, user_hidden"),
        ("module_statuses", [1], "list of names"),
        ("module_statuses", {"visible": True}, "list of names"),
        ("record_modules", "Leads", '["Leads", "Deals"]'),
        ("record_modules", [None], '["Leads", "Deals"]'),
        ("read_path", "soap", "auto, rest, coql, bulk"),
        ("max_concurrency", 0, "1 or more"),
        ("max_concurrency", -5, "1 or more"),
        ("max_concurrency", True, "1 or more"),
        ("max_concurrency", 2.5, "whole number"),
        ("max_concurrency", "many", "whole number"),
        ("max_concurrency", [], "whole number"),
        ("credit_budget", 0, "1 or more"),
        ("credit_budget", -1, "1 or more"),
        ("credit_budget", "1e3", "whole number"),
        ("emit_tombstones", "maybe", "true or false"),
        ("emit_tombstones", 1, "true or false"),
        ("ignore_missing_permissions", "no", "true or false"),
        ("cutoff_lag", -1, "0 to 86400"),
        ("cutoff_lag", 86401, "0 to 86400"),
        ("cutoff_lag", "nan", "0 to 86400"),
        ("cutoff_lag", False, "0 to 86400"),
        pytest.param("cutoff_lag", 10**400, "0 to 86400", id="a huge number"),
        ("request_timeout", 0, "1 to 86400"),
        ("request_timeout", 0.5, "1 to 86400"),
        ("request_timeout", "inf", "1 to 86400"),
        ("request_timeout", "soon", "1 to 86400"),
        ("request_timeout", [300], "1 to 86400"),
        ("total_timeout", 0, "1 to 86400"),
        ("start_date", "2999-01-01", "in the future"),
        ("token_cache", "maybe", "true or false"),
        ("token_cache_dir", 5, "path of a folder"),
        ("refresh_days", 0, "1 or more"),
        ("delete_sweep_days", -1, "1 or more"),
        ("credit_reserve", 0, "1 or more"),
        ("batch_config", "arrow", "an object"),
        ("batch_config", {"encoding": {"format": "jsonl"}, "storage": {}}, "arrow or parquet"),
        ("batch_config", {"encodings": {}}, "must not have encodings"),
        (
            "batch_config",
            {"encoding": {"format": "arrow"}, "storage": {"root": "s3://b"}},
            "file:///tmp/batches",
        ),
        ("batch_config", {"encoding": {"format": "arrow", "compression": "gzip"}}, "lz4 or zstd"),
    ],
)
def test_a_wrong_value_is_one_problem_with_key_value_and_what_is_allowed(
    key: str, value: object, allowed: str
) -> None:
    text = problem(**{key: value})
    assert text.startswith(f"{key} ")
    assert repr(value)[:70] in text
    assert allowed in text
    assert len(text) < 300


@pytest.mark.parametrize(
    "url",
    [
        "https://:hush@zoho.eu",
        "https://user:hush@zoho.eu",
        "user:hush@zoho.eu",
        "https://user:h@hush@zoho.eu",
        "https://user:p/hush@zoho.eu",
        "https://user:'\"hush@zoho.eu",
    ],
)
def test_a_password_in_an_address_is_not_shown(url: str) -> None:
    text = problem(accounts_url=url)
    assert text.startswith("accounts_url is '***@zoho.eu', which must be")


@pytest.mark.parametrize("key", CREDENTIALS)
@pytest.mark.parametrize(
    "value", [5, ["1000.hush"], " 1000.hush", "1000.hush\n", "1000.\x00hush", "1000.hush\u200b"]
)
def test_a_wrong_secret_is_one_problem_that_does_not_show_it(key: str, value: object) -> None:
    text = problem(**{key: value})
    assert text.startswith(f"{key} ")
    assert "hush" not in text
    assert "5" not in text
    assert not any(secret in text for secret in CREDENTIALS.values())


def test_every_wrong_key_has_its_own_problem() -> None:
    with pytest.raises(SettingsError) as caught:
        parse(data_center="mars", read_path="soap", client_secret=5)
    keys = [text.split()[0] for text in caught.value.problems]
    assert sorted(keys) == ["client_secret", "data_center", "read_path"]


@pytest.mark.parametrize(
    ("value", "named"),
    [
        ({}, "client_id, client_secret, refresh_token are missing"),
        ({"client_id": "1000.A"}, "client_secret, refresh_token are missing"),
        ({"client_id": "1000.A", "client_secret": "b"}, "refresh_token is missing"),
        ({**CREDENTIALS, "refresh_token": ""}, "refresh_token is missing"),
    ],
)
def test_missing_credentials_are_one_problem_that_names_them(
    value: dict[str, str], named: str
) -> None:
    with pytest.raises(SettingsError) as caught:
        Settings.parse(value)
    (text,) = caught.value.problems
    assert named in text
    assert "README" in text
    assert not any(secret in text for secret in value.values() if secret)


def test_the_demo_needs_no_credentials() -> None:
    assert Settings.parse({"environment": "demo"}).client_id == ""


def test_keys_of_the_sdk_are_left_to_it() -> None:
    assert parse(stream_maps={"modules": {}}, flattening_enabled=True) == parse()


def test_settings_cannot_be_changed_and_show_no_secret() -> None:
    settings = parse()
    with pytest.raises(dataclasses.FrozenInstanceError):
        settings.data_center = "eu"  # type: ignore[misc]
    assert not any(secret in repr(settings) for secret in CREDENTIALS.values())
