"""Wrong settings: one line each, with the key, what was set and what is allowed; exit 1."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from support.demo import ONLY_MODULES, config_for, metadata_catalog, module_ids, read
from support.run import run_tap

from zohocrm_demo import DemoOrganisation

PREFIX = "TAP_ZOHOCRM_MODULES_"


@pytest.mark.parametrize(
    ("key", "value", "shown", "allowed"),
    [
        ("module_statuses", ["hidden"], "['hidden']", "visible, user_hidden, system_hidden"),
        ("emit_activate_version_messages", "maybe", "'maybe'", "true or false"),
    ],
)
def test_a_wrong_setting_is_one_line_with_key_value_and_what_is_allowed(
    demo: DemoOrganisation, key: str, value: Any, shown: str, allowed: str
) -> None:
    run = read(demo, **{key: value})
    assert run.error.startswith(key)
    assert shown in run.error
    assert allowed in run.error
    assert run.stdout == b""
    assert demo.calls == ()


def test_every_wrong_setting_has_its_line(demo: DemoOrganisation) -> None:
    run = read(demo, data_center="mars", read_path="soap", max_concurrency="few")
    assert run.code == 1
    keys = sorted(line.split()[0] for line in run.logged("ERROR"))
    assert keys == ["data_center", "max_concurrency", "read_path"]


@pytest.mark.parametrize("config", [{}, {"client_id": "", "client_secret": None}])
def test_missing_credentials_are_named_with_the_way_out(config: dict[str, Any]) -> None:
    error = run_tap(config=config).error
    assert "client_id, client_secret, refresh_token are missing" in error
    assert "README" in error
    assert "environment: demo" in error


def test_no_configuration_at_all_ends_the_same() -> None:
    assert "client_id, client_secret, refresh_token are missing" in run_tap().error


@pytest.mark.parametrize(
    ("key", "meant"),
    [
        ("data_centre", "data_center"),
        ("start_dat", "start_date"),
        ("startDate", "start_date"),
        ("read-path", "read_path"),
        ("record_module", "record_modules"),
        ("flatening_enabled", "flattening_enabled"),
    ],
)
def test_a_key_that_is_nearly_a_setting_is_an_error_that_names_the_setting(
    demo: DemoOrganisation, key: str, meant: str
) -> None:
    misspelt: dict[str, Any] = {key: "us"}
    error = read(demo, **misspelt).error
    assert error == f"{key} is not a setting: did you mean {meant}?"
    assert demo.calls == ()


def test_a_variable_that_is_nearly_a_setting_is_an_error(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    env = {f"{PREFIX}{key.upper()}": text for key, text in config_for(demo).items()}
    env[f"{PREFIX}START_DAT"] = "2025-01-01"
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        error = run_tap("--config", "ENV", env=env).error
    assert error == "start_dat is not a setting: did you mean start_date?"


def test_an_unknown_key_like_no_other_is_warned_of_too(demo: DemoOrganisation) -> None:
    run = read(demo, zzz=1)
    assert run.code == 0
    assert any("'zzz'" in text for text in run.logged("WARNING"))


def test_settings_known_to_the_sdk_are_not_warned_of(demo: DemoOrganisation) -> None:
    run = read(demo, stream_maps={}, flattening_enabled=False)
    assert run.code == 0
    assert not [text for text in run.logged("WARNING") if "is not a setting" in text]


@pytest.mark.parametrize(
    ("text", "said"),
    [('{"client_secret": "hush-hush",}', "not valid JSON"), ("[]", "must hold a JSON object")],
)
@pytest.mark.parametrize("option", ["--config", "--state", "--catalog"])
def test_an_unreadable_file_is_named(tmp_path: Path, option: str, text: str, said: str) -> None:
    path = tmp_path / "config.json"
    path.write_text(text)
    run = run_tap(option, str(path), config={"environment": "demo"})
    assert option in run.error
    assert str(path) in run.error
    assert said in run.error
    assert "hush-hush" not in run.stderr


@pytest.mark.parametrize(
    ("catalog", "said"),
    [
        ({}, "`streams`"),
        ({"bookmarks": {}}, "`streams`"),
        ({"streams": {"modules": {}}}, "`$.streams`"),
        ({"streams": ["modules"]}, "`$.streams[0]`"),
        ({"streams": [{"stream": "modules", "schema": {"properties": {}}}]}, "`tap_stream_id`"),
        ({"streams": [{"tap_stream_id": "modules"}]}, "`schema`"),
        ({"streams": [{"tap_stream_id": "modules", "schema": {}}]}, "`properties`"),
        (
            {"streams": [{**ONLY_MODULES["streams"][0], "metadata": [{"breadcrumb": []}]}]},
            "`metadata`",
        ),
    ],
)
def test_a_file_that_is_not_a_catalog_fails_before_anything_is_called(
    demo: DemoOrganisation, catalog: dict[str, Any], said: str
) -> None:
    error = read(demo, catalog=catalog).error
    assert error.startswith("--catalog ")
    assert "is not a catalog, as --discover makes one" in error
    assert said in error
    assert demo.calls == ()


@pytest.mark.parametrize(
    "state",
    [
        {"type": "STATE", "value": {"bookmarks": {}}},
        {"bookmarks": []},
        {"bookmarks": {"modules": None}},
        {"modules": {"replication_key_value": "2025-01-01T00:00:00Z"}},
    ],
)
def test_a_state_that_is_none_does_not_make_a_run_begin_anew(
    demo: DemoOrganisation, state: dict[str, Any]
) -> None:
    error = read(demo, state=state).error
    assert error.startswith("--state ")
    assert "is not a state, which is the `value` of a STATE message" in error
    assert demo.calls == ()


@pytest.mark.parametrize("state", [{}, {"bookmarks": {}}, {"bookmarks": {"Gone": {}}}])
def test_a_state_of_nothing_is_one(demo: DemoOrganisation, state: dict[str, Any]) -> None:
    assert read(demo, state=state).code == 0


@pytest.mark.parametrize("value", [5, "yesterday"])
def test_a_bookmark_that_is_no_time_costs_its_stream_only(
    demo: DemoOrganisation, value: object
) -> None:
    bookmark = {"replication_key": "modified_time", "replication_key_value": value}
    by_time = {"replication-method": "INCREMENTAL", "replication-key": "modified_time"}
    chosen = metadata_catalog(modules=by_time, org={})
    run = read(demo, catalog=chosen, state={"bookmarks": {"modules": bookmark}})
    assert run.error.startswith("modules: STATE has ")
    assert {message["stream"] for message in run.of_type("RECORD")} == {"org"}


def test_the_environment_is_enough(demo: DemoOrganisation, tmp_path: Path) -> None:
    env = {f"{PREFIX}{key.upper()}": text for key, text in config_for(demo).items()}
    env[f"{PREFIX}MODULE_STATUSES"] = '["visible"]'
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tmp_path)
        run = run_tap("--config", "ENV", catalog=ONLY_MODULES, env=env)
    assert run.code == 0
    assert 0 < len(run.rows) < len(module_ids(demo))


@pytest.mark.parametrize(
    ("key", "value"),
    [("flattening_enabled", "maybe"), ("flattening_max_depth", "deep"), ("stream_maps", 5)],
)
def test_a_wrong_setting_of_the_sdks_is_one_line_too(
    demo: DemoOrganisation, key: str, value: Any
) -> None:
    error = read(demo, **{key: value}).error
    assert key in error
    assert repr(value) in error
