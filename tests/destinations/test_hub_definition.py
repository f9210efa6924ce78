"""The plugin's definition for the Meltano Hub, and the example project's, are what the tap says."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml
from pipelines.conftest import COPIED, ROOT
from support.run import run_tap

SCRIPT = "scripts/write_hub_definition.py"
HUB = Path("docs", "meltano-hub", "tap-zohocrm-modules.yml")
EXAMPLE = Path("examples", "meltano", "tap-zohocrm-modules.meltano.yml")

# What the Hub's JSON Schemas know: schemas/plugin_definitions and schemas/common in its repository.
HUB_KEYS = {
    "capabilities",
    "definition",
    "description",
    "docs",
    "domain_url",
    "executable",
    "keywords",
    "label",
    "logo_url",
    "maintenance_status",
    "name",
    "namespace",
    "next_steps",
    "pip_url",
    "prereq",
    "repo",
    "select",
    "settings",
    "settings_group_validation",
    "settings_preamble",
    "usage",
    "variant",
}
HUB_REQUIRES = {"name", "namespace", "variant", "label"}
SETTING_KEYS = {"name", "label", "kind", "description", "value", "options", "sensitive"}
KINDS = {"array", "boolean", "date_iso8601", "integer", "object", "options", "string"}
CAPABILITIES = {
    "properties",
    "catalog",
    "discover",
    "state",
    "about",
    "stream-maps",
    "schema-flattening",
    "activate-version",
    "batch",
    "test",
    "log-based",
    "structured-logging",
}


def write(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, SCRIPT, *options],
        cwd=folder,
        capture_output=True,
        encoding="utf-8",
        timeout=100,
        check=False,
    )


@pytest.fixture(scope="module")
def definition() -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load((ROOT / HUB).read_text("utf-8"))
    return found


@pytest.mark.thorough
def test_a_repository_is_all_that_is_to_be_filled_in(tmp_path: Path) -> None:
    for name in (*COPIED, "scripts", "docs"):
        source = ROOT / name
        if source.is_dir():
            ignored = shutil.ignore_patterns("__pycache__", ".meltano")
            shutil.copytree(source, tmp_path / name, ignore=ignored)
        else:
            shutil.copy(source, tmp_path / name)
    before = (tmp_path / HUB).read_text("utf-8")
    done = write(tmp_path, "--repository", "https://github.com/example/tap-zohocrm-modules")
    assert done.returncode == 0, done.stderr
    after = yaml.safe_load((tmp_path / HUB).read_text("utf-8"))
    assert after["variant"] == "example"
    assert after["pip_url"] == "git+https://github.com/example/tap-zohocrm-modules.git"
    assert "OWNER" not in (tmp_path / HUB).read_text("utf-8")
    assert "OWNER" not in before
    own = {"docs", "pip_url", "repo", "variant"}
    assert own <= after.keys()
    unlike = {key: value for key, value in yaml.safe_load(before).items() if after[key] != value}
    assert unlike.keys() <= own


def test_the_hub_knows_every_key(definition: dict[str, Any]) -> None:
    assert HUB_REQUIRES <= definition.keys() <= HUB_KEYS
    assert list(definition) == sorted(definition)
    assert set(definition["capabilities"]) <= CAPABILITIES
    classifiers = (ROOT / "pyproject.toml").read_text("utf-8")
    assert f"Development Status :: 4 - {definition['maintenance_status'].title()}" in classifiers
    for setting in definition["settings"]:
        assert setting.keys() <= SETTING_KEYS
        assert setting["kind"] in KINDS
        assert ("options" in setting) == (setting["kind"] == "options")


def test_it_has_the_settings_of_the_tap(definition: dict[str, Any]) -> None:
    about = yaml.safe_load(run_tap("--about", "--format=json").stdout)
    properties = about["settings"]["properties"]
    assert [setting["name"] for setting in definition["settings"]] == list(properties)
    assert definition["capabilities"] == about["capabilities"]
    assert {setting["name"] for setting in definition["settings"] if setting.get("sensitive")} == {
        name for name, spec in properties.items() if spec.get("secret")
    }
    groups = definition["settings_group_validation"]
    assert {name for group in groups for name in group} <= properties.keys()


def test_it_is_small_until_somebody_chooses_more(definition: dict[str, Any]) -> None:
    values = {setting["name"]: setting.get("value") for setting in definition["settings"]}
    assert values["record_modules"] == []
    assert len(definition["select"]) == 8


def test_the_example_project_has_the_same_definition(definition: dict[str, Any]) -> None:
    example = yaml.safe_load((ROOT / EXAMPLE).read_text("utf-8"))
    (extractor,) = example["plugins"]["extractors"]
    own = extractor.keys() - {"pip_url"}
    assert {name: extractor[name] for name in own} == {name: definition[name] for name in own}
