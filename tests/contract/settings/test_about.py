"""`--about` is complete: the contract's table of settings, and what each is for."""

from __future__ import annotations

import json
import subprocess
import sys
from typing import Any

import pytest
from support.run import run_tap

SECRETS = {"client_id", "client_secret", "refresh_token", "private_field_key"}

# The contract: key -> (JSON type, default).
CONTRACT: dict[str, tuple[str, Any]] = {
    "client_id": ("string", None),
    "client_secret": ("string", None),
    "refresh_token": ("string", None),
    "data_center": ("string", "us"),
    "environment": ("string", "production"),
    "accounts_url": ("string", None),
    "api_url": ("string", None),
    "start_date": ("string", None),
    "module_statuses": ("array", None),
    "record_modules": ("array", ["*"]),
    "read_path": ("string", "auto"),
    "private_fields": ("string", "keep"),
    "private_field_key": ("string", None),
    "max_concurrency": ("integer", None),
    "credit_budget": ("integer", None),
    "emit_tombstones": ("boolean", True),
    "ignore_missing_permissions": ("boolean", False),
    "cutoff_lag": ("number", 10),
    "request_timeout": ("number", 300),
    "total_timeout": ("number", 900),
    "backfill_new_columns": ("boolean", True),
    "formula_expressions": ("boolean", False),
    "credit_reserve": ("integer", None),
    "token_cache": ("boolean", True),
    "token_cache_dir": ("string", None),
    "refresh_days": ("integer", None),
    "delete_sweep_days": ("integer", None),
    "batch_config": ("object", None),
}
ALLOWED = {
    "data_center": ["us", "eu", "in", "au", "jp", "cn", "ca", "sa", "uk", "ae"],
    "environment": ["production", "sandbox", "developer", "demo"],
    "read_path": ["auto", "rest", "coql", "bulk"],
    "private_fields": ["keep", "hash", "omit"],
}


@pytest.fixture(scope="module")
def about() -> dict[str, Any]:
    run = run_tap("--about", "--format=json")
    assert run.code == 0
    settings: dict[str, Any] = json.loads(run.stdout)
    return settings


@pytest.fixture(scope="module")
def markdown() -> str:
    run = run_tap("--about", "--format=markdown")
    assert run.code == 0
    return run.stdout.decode("utf-8")


def test_the_tap_says_what_it_is(about: dict[str, Any]) -> None:
    assert about["name"] == "tap-zohocrm-modules"
    assert "Zoho CRM" in about["description"]
    assert about["version"]
    assert len(about["supported_python_versions"]) >= 4


def test_the_capabilities_are_all_there(about: dict[str, Any]) -> None:
    wanted = {"catalog", "state", "discover", "test", "about", "activate-version", "stream-maps"}
    assert {*wanted, "batch"} <= set(about["capabilities"])


@pytest.mark.parametrize("key", CONTRACT)
def test_a_setting_has_type_default_title_and_description(about: dict[str, Any], key: str) -> None:
    kind, default = CONTRACT[key]
    setting = about["settings"]["properties"][key]
    assert set(setting["type"]) - {"null"} == {kind}
    assert setting.get("default") == default
    assert setting["title"]
    assert setting["description"].endswith(".")
    assert bool(setting.get("secret")) == (key in SECRETS)
    assert bool(setting.get("writeOnly")) == (key in SECRETS)
    assert setting.get("enum") == ALLOWED.get(key)


def test_there_is_no_setting_without_a_description(about: dict[str, Any]) -> None:
    settings = about["settings"]["properties"]
    assert settings.keys() >= CONTRACT.keys()
    assert [key for key, setting in settings.items() if not setting.get("description")] == []


def test_module_statuses_are_a_closed_list(about: dict[str, Any]) -> None:
    items = about["settings"]["properties"]["module_statuses"]["items"]
    assert items["enum"] == ["visible", "user_hidden", "system_hidden", "scheduled_for_deletion"]


@pytest.mark.parametrize("key", CONTRACT)
def test_markdown_describes_every_setting(about: dict[str, Any], markdown: str, key: str) -> None:
    row = next(line for line in markdown.splitlines() if line.startswith(f"| {key} "))
    words = about["settings"]["properties"][key]["description"].split()
    assert " ".join(words[:4]) in " ".join(row.split())


def test_markdown_describes_the_tap(about: dict[str, Any], markdown: str) -> None:
    assert about["description"] in markdown
    assert "None" not in markdown.split("##", maxsplit=1)[0]


def test_plain_text_names_the_variables() -> None:
    run = run_tap("--about")
    assert run.code == 0
    text = run.stdout.decode()
    assert all(f"TAP_ZOHOCRM_MODULES_{key.upper()}" in text for key in CONTRACT)


def test_the_version_is_the_packages() -> None:
    run = run_tap("--version")
    assert run.code == 0
    assert run.stdout.decode().startswith("tap-zohocrm-modules v0.")


def test_the_package_runs_like_the_program() -> None:
    words = [sys.executable, "-m", "tap_zohocrm_modules", "--version"]
    done = subprocess.run(words, check=True, capture_output=True)
    assert done.stdout == run_tap("--version").stdout
