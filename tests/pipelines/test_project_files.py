"""What the README, meltano.yml and .ci/run say is what there is."""

from __future__ import annotations

import os
import re
import sys
from pathlib import Path

import pytest
import yaml

ROOT = Path(__file__).parents[2]
README = (ROOT / "README.md").read_text("utf-8")
CI = (ROOT / ".ci" / "run").read_text("utf-8")
COMMANDS = re.findall(r"^```sh\n(.+)\n```$", README, re.MULTILINE)


def test_the_readme_begins_with_the_demo_and_the_tests() -> None:
    demo, tests = COMMANDS[:2]

    assert demo.startswith("python3 -m pip install ")
    assert demo.endswith("uv run examples/demo.py")
    assert tests.endswith("uv run pytest")


def test_ci_installs_uv_and_runs_the_tests_as_the_readme_says() -> None:
    installation, _, _ = COMMANDS[0].partition(" && ")

    assert installation in CI.splitlines()
    assert COMMANDS[1] in CI.splitlines()


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such permission")
def test_ci_can_be_run() -> None:
    assert os.access(ROOT / ".ci" / "run", os.X_OK)


def test_the_readmes_links_lead_somewhere() -> None:
    links = re.findall(r"\]\(([^)#\s]+)\)", README)
    local = [link for link in links if "://" not in link]

    assert local
    assert [link for link in local if not (ROOT / link).exists()] == []


def test_a_setting_of_several_choices_is_a_list_of_them() -> None:
    page = (ROOT / "docs" / "reference" / "settings.md").read_text("utf-8")
    assert "| `module_statuses` | list of `visible`, `user_hidden`" in page
    assert "| `read_path` | one of `auto`, `rest`" in page


def test_meltano_yml_is_of_today_and_private() -> None:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text("utf-8"))

    assert "version" not in project
    assert project["send_anonymous_usage_stats"] is False
    assert [environment["name"] for environment in project["environments"]] == ["dev", "demo"]
    assert {loader["name"]: loader["pip_url"] for loader in project["plugins"]["loaders"]} == {
        "target-duckdb-file": "-e examples/target-duckdb-file",
        "target-jsonl": "target-jsonl==0.1.4",
        "target-postgres": "meltanolabs-target-postgres==0.8.1",
        "target-zohocrm-atlas": "-e .[atlas]",
    }


def test_secrets_are_sensitive_everywhere() -> None:
    project = yaml.safe_load((ROOT / "meltano.yml").read_text("utf-8"))
    sensitive = {
        setting["name"]
        for plugins in project["plugins"].values()
        for plugin in plugins
        for setting in plugin["settings"]
        if setting.get("sensitive")
    }

    assert sensitive == {
        "client_id",
        "client_secret",
        "refresh_token",
        "password",
        "private_field_key",
    }
