"""Settings from files, `.env` and the environment, and which of them wins."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from tap_zohocrm_modules.config.sources import UnreadableFileError, read_config
from tap_zohocrm_modules.tap import TapZohoCRMModules

PREFIX = "TAP_ZOHOCRM_MODULES_"


@pytest.fixture(autouse=True)
def _elsewhere(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """An empty working directory, so that nobody's `.env` is read."""
    monkeypatch.chdir(tmp_path)


def config(*sources: str) -> dict[str, Any]:
    schema = TapZohoCRMModules.config_jsonschema
    TapZohoCRMModules.append_builtin_config(schema)
    return read_config(sources, schema, PREFIX)


def write(name: str, content: object) -> str:
    Path(name).write_text(content if isinstance(content, str) else json.dumps(content))
    return name


@pytest.mark.parametrize(
    ("key", "text", "value"),
    [
        ("client_id", "1000.A", "1000.A"),
        ("client_id", "12345", "12345"),
        ("start_date", "2024-01-31", "2024-01-31"),
        ("module_statuses", '["visible", "user_hidden"]', ["visible", "user_hidden"]),
        ("module_statuses", "visible, user_hidden", ["visible", "user_hidden"]),
        ("record_modules", "Leads", ["Leads"]),
        ("record_modules", "[]", []),
        ("record_modules", "*", ["*"]),
        ("max_concurrency", "7", 7),
        ("request_timeout", "30", 30),
        ("request_timeout", "1.5", 1.5),
        ("emit_tombstones", "true", True),
        ("emit_tombstones", "False", False),
        ("emit_tombstones", "0", False),
        ("ignore_missing_permissions", "YES", True),
        ("stream_maps", '{"modules": {"id": "id"}}', {"modules": {"id": "id"}}),
        # What is not of its kind stays as it is, for the settings to refuse it by name.
        ("max_concurrency", "many", "many"),
        ("max_concurrency", "1.5", "1.5"),
        ("max_concurrency", "9" * 400, "9" * 400),
        ("request_timeout", "soon", "soon"),
        ("emit_tombstones", "maybe", "maybe"),
        ("record_modules", '["Leads"', '["Leads"'),
        ("module_statuses", "{", "{"),
    ],
)
def test_variables_are_of_their_settings_kind(
    monkeypatch: pytest.MonkeyPatch, key: str, text: str, value: object
) -> None:
    monkeypatch.setenv(PREFIX + key.upper(), text)
    found = config("ENV")[key]
    assert found == value
    assert type(found) is type(value)


def test_the_environment_is_read_only_when_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}DATA_CENTER", "eu")
    assert config() == {}
    assert config(write("a.json", {})) == {}
    assert config("ENV") == {"data_center": "eu"}


def test_empty_variables_are_not_set(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}DATA_CENTER", "")
    assert config("ENV") == {}
    assert config(write("a.json", {"data_center": "in"}), "ENV") == {"data_center": "in"}


def test_variables_of_no_setting_are_passed_over(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv(f"{PREFIX}LOGLEVEL", "DEBUG")
    monkeypatch.setenv("DATA_CENTER", "eu")
    assert config("ENV") == {}


def test_later_files_win_and_the_environment_wins_over_all(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    first = write("a.json", {"data_center": "eu", "read_path": "rest", "cutoff_lag": 1})
    second = write("b.json", {"data_center": "in", "read_path": "coql"})
    monkeypatch.setenv(f"{PREFIX}DATA_CENTER", "au")
    assert config(first, second) == {"data_center": "in", "read_path": "coql", "cutoff_lag": 1}
    assert config(second, first)["data_center"] == "eu"
    for sources in ((first, second, "ENV"), ("ENV", first, second)):
        assert config(*sources) == {"data_center": "au", "read_path": "coql", "cutoff_lag": 1}


def test_a_dotenv_file_is_read_and_the_real_environment_wins(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    write(".env", f"{PREFIX}DATA_CENTER=eu\n{PREFIX}MAX_CONCURRENCY='3'\n# a comment\n")
    assert config("ENV") == {"data_center": "eu", "max_concurrency": 3}
    monkeypatch.setenv(f"{PREFIX}DATA_CENTER", "jp")
    assert config("ENV") == {"data_center": "jp", "max_concurrency": 3}


def test_a_dotenv_file_of_a_folder_above_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(".env", f"{PREFIX}READ_PATH=bulk\n")
    below = tmp_path / "below"
    below.mkdir()
    monkeypatch.chdir(below)
    assert config("ENV") == {"read_path": "bulk"}


@pytest.mark.parametrize("encoding", ["utf-16", "latin-1"])
def test_a_dotenv_file_that_is_no_text_is_named(encoding: str) -> None:
    Path(".env").write_text(f"# é\n{PREFIX}CLIENT_SECRET=hush\n", encoding)
    with pytest.raises(UnreadableFileError, match=r"\.env: is not text in UTF-8"):
        config("ENV")


def test_a_dotenv_file_is_not_read_unasked() -> None:
    write(".env", f"{PREFIX}DATA_CENTER=eu\n")
    assert config(write("a.json", {})) == {}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        ("", "is not valid JSON"),
        ("{", "is not valid JSON"),
        ('{"client_secret": "hush",}', "is not valid JSON"),
        ("client_secret: hush", "is not valid JSON"),
        ("[]", "must hold a JSON object"),
        ('["hush"]', "must hold a JSON object"),
        ("null", "must hold a JSON object"),
        ("9" * 5000, "is not valid JSON"),
    ],
)
def test_a_file_that_holds_no_object_is_named_and_not_quoted(content: str, said: str) -> None:
    with pytest.raises(UnreadableFileError) as caught:
        config(write("wrong.json", content))
    assert str(caught.value) == f"--config wrong.json: {said}."


def test_a_file_that_is_no_text_is_named() -> None:
    Path("wrong.json").write_bytes(b"\xff\xfe\x00{")
    with pytest.raises(UnreadableFileError, match=r"--config wrong\.json: is not valid JSON"):
        config("wrong.json")


def test_a_missing_file_and_a_folder_are_named() -> None:
    with pytest.raises(UnreadableFileError, match=r"--config none\.json: No such file"):
        config("none.json")
    with pytest.raises(UnreadableFileError, match=r"--config \.: Is a directory"):
        config(".")


def test_a_byte_order_mark_does_no_harm() -> None:
    Path("windows.json").write_text('{"data_center": "eu"}', "utf-8-sig")
    assert config("windows.json") == {"data_center": "eu"}


@pytest.mark.parametrize("depth", [250, 1_200, 100_000])
def test_a_file_nested_without_end_is_named(depth: int) -> None:
    deep = '{"a":' * depth + "1" + "}" * depth
    with pytest.raises(UnreadableFileError, match=r"^--config deep\.json: is nested more than 200"):
        config(write("deep.json", deep))
