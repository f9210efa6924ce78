"""Broken or foreign input: one line, exit code 1, and the old atlas as it was."""

from __future__ import annotations

import json
import subprocess
import sys
from pathlib import Path

import pytest

from atlas.messages import files, messages, organisation, run
from zohocrm_atlas import TargetZohoCRMAtlas
from zohocrm_atlas.changes.change import KINDS, RISK
from zohocrm_atlas.dialects import DIALECTS
from zohocrm_atlas.intake.collector import Collector

pytestmark = pytest.mark.thorough


def _target(path: Path, text: str, **config: object) -> subprocess.CompletedProcess[str]:
    settings = path.parent / "config.json"
    settings.write_text(json.dumps({"output_path": str(path), **config}))
    program = "from zohocrm_atlas import TargetZohoCRMAtlas as T; T.cli()"
    return subprocess.run(
        [sys.executable, "-c", program, f"--config={settings}"],
        input=text,
        capture_output=True,
        text=True,
        check=False,
        encoding="utf-8",
    )


@pytest.mark.parametrize(
    "text",
    [
        "",
        "not JSON\n",
        "[1, 2]\n",
        '{"stream": "modules"}\n',
        '{"type": "RECORD", "stream": "modules", "record": {"id": "1"}}\n',
        '{"type": "SCHEMA", "stream": "modules", "schema": []}\n',
        '{"type": "GREETING"}\n',
        "\n".join(messages({"orders": [{"id": "1"}]})),
        "\n".join(messages(organisation()))[:-40],
    ],
    ids=[
        "empty",
        "no JSON",
        "no object",
        "no type",
        "no schema",
        "odd schema",
        "unknown type",
        "foreign streams",
        "cut off",
    ],
)
def test_wrong_input_is_one_line_and_leaves_the_atlas(tmp_path: Path, text: str) -> None:
    atlas = tmp_path / "atlas"
    run(atlas, messages(organisation()))
    before = files(atlas)
    done = _target(atlas, text)
    errors = [line for line in done.stderr.splitlines() if "INFO" not in line]
    assert (done.returncode, len(errors), done.stdout) == (1, 1, "")
    assert "Traceback" not in done.stderr
    assert files(atlas) == before
    assert sorted(each.name for each in tmp_path.iterdir()) == ["atlas", "config.json"]


def test_state_is_written_once_the_atlas_is(tmp_path: Path) -> None:
    done = _target(tmp_path / "atlas", "\n".join(messages(organisation())))
    assert done.returncode == 0, done.stderr
    assert json.loads(done.stdout)["bookmarks"].keys() == organisation().keys()
    assert (tmp_path / "atlas" / "index.html").exists()


def test_a_folder_with_somebody_elses_page_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "atlas").mkdir()
    (tmp_path / "atlas" / "index.html").write_text("mine")
    done = _target(tmp_path / "atlas", "\n".join(messages(organisation())))
    assert done.returncode == 1
    assert "is not of an atlas" in done.stderr
    assert files(tmp_path / "atlas") == {"index.html": b"mine"}


def test_another_organisation_does_not_take_the_place(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(organisation()))
    other = organisation()
    other["org"][0] |= {"id": "o2", "company_name": "Elsewhere"}
    done = _target(tmp_path / "atlas", "\n".join(messages(other)))
    assert done.returncode == 1
    assert "the atlas of another organisation, Tidewater (id o1)" in done.stderr


def test_files_that_somebody_put_there_stay(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    run(atlas, messages(organisation()))
    (atlas / "dbt" / "profiles.yml").write_text("mine")
    rows = organisation()
    del rows["modules"][1]
    run(atlas, messages(rows, read_at="2026-03-02T08:00:00Z"))
    assert (atlas / "dbt" / "profiles.yml").read_text() == "mine"
    assert not (atlas / "modules" / "Crews.html").exists()


def test_nested_values_may_be_json_texts() -> None:
    collector = Collector()
    collector.begin("fields")
    row = organisation()["fields"][2]
    collector.add("fields", {**row, "lookup": json.dumps(row["lookup"]), "profiles": "[]"})
    (field,) = collector.snapshot("2026-03-01T08:00:00Z").fields
    assert (field.target, field.access) == (("Boats",), "")


@pytest.mark.parametrize("text", ["{", '{"fail_on": ["shrunk"]}'])
def test_a_wrong_configuration_is_named(tmp_path: Path, text: str) -> None:
    settings = tmp_path / "config.json"
    settings.write_text(text)
    program = "from zohocrm_atlas import TargetZohoCRMAtlas as T; T.cli()"
    done = subprocess.run(
        [sys.executable, "-c", program, f"--config={settings}"],
        input="",
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "defect" not in done.stderr
    assert "onfig" in done.stderr.splitlines()[-1]


def test_settings_name_the_loaders_and_kinds_of_changes_that_there_are() -> None:
    settings = TargetZohoCRMAtlas.config_jsonschema["properties"]
    assert settings["loader"]["enum"] == list(DIALECTS)
    assert set(settings["fail_on"]["items"]["enum"]) <= {*KINDS, RISK}
