"""The folder is the old atlas or the new one, whatever happens, and keeps what it has seen."""

from __future__ import annotations

import json
import os
import random
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest

from atlas.messages import Rows, files, messages, organisation, run
from zohocrm_atlas import folder as folder_module
from zohocrm_atlas.errors import AtlasError, ChangesFoundError

pytestmark = pytest.mark.thorough

PROGRAM = "from zohocrm_atlas import TargetZohoCRMAtlas as T; T.cli()"
LATER = "2026-03-02T08:00:00Z"


def _edited(label: str, name: str = "f1") -> Rows:
    rows = organisation()
    for field in rows["fields"]:
        if field["id"] == name:
            field["display_label"] = label
    return rows


def _labels(atlas: Path) -> list[tuple[str, str]]:
    lines = (atlas / "changes.jsonl").read_text().splitlines()
    found = [json.loads(line) for line in lines]
    return [(each["id"], each["after"]) for each in found if each.get("attribute") == "label"]


def _command(atlas: Path, rows: Rows, read_at: str, **config: Any) -> list[str]:
    work = atlas.parent.parent / f"{atlas.parent.name}-input"
    work.mkdir(exist_ok=True)
    name = read_at.replace(":", "")
    (work / f"{name}.json").write_text(json.dumps({"output_path": str(atlas), **config}))
    (work / f"{name}.jsonl").write_text("\n".join(messages(rows, read_at=read_at)))
    words = [sys.executable, "-c", PROGRAM, "--config", str(work / f"{name}.json")]
    return [*words, "--input", str(work / f"{name}.jsonl")]


def _is_whole(atlas: Path, label: str) -> bool:
    """Whether page, search, table and model are of one read."""
    names = ("modules/Boats.html", "assets/search-index.js", "fields.csv")
    return all(label in (atlas / name).read_text("utf-8-sig") for name in names)


def _killed(command: Sequence[str], moment: float) -> bool:
    """Whether a run was killed at this moment, in seconds; else it had ended by itself."""
    with subprocess.Popen(command, stderr=subprocess.DEVNULL) as process:
        time.sleep(moment)
        process.send_signal(signal.SIGKILL)
    return process.returncode == -signal.SIGKILL


@pytest.mark.timeout(3_000)
@pytest.mark.parametrize(
    ("runs", "kills"), [(4, 1), pytest.param(20, 10, marks=pytest.mark.nightly)]
)
@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no such signal")
def test_a_run_that_is_killed_at_any_moment_leaves_one_atlas_and_loses_no_change(
    tmp_path: Path, runs: int, kills: int
) -> None:
    atlas = tmp_path / "out" / "atlas"
    atlas.parent.mkdir()
    run(atlas, messages(_edited("Label 00")))
    moments = random.Random(7)
    labels = ["Label 00"]
    most = 1.6
    for number in range(1, runs + 1):
        label = f"Label {number:02}"
        command = _command(atlas, _edited(label), f"2026-03-{number + 1:02}T08:00:00Z")
        done = 0
        while done < kills:
            done += _killed(command, moments.uniform(0.1, most))
            assert _is_whole(atlas, label) != _is_whole(atlas, labels[-1])
        began = time.monotonic()
        subprocess.run(command, check=True, capture_output=True)
        most = time.monotonic() - began
        labels.append(label)
        assert _is_whole(atlas, label)
        assert _labels(atlas) == [("f1", each) for each in labels[1:]]
        assert [each.name for each in atlas.parent.iterdir()] == ["atlas"]


def test_runs_at_once_wait_for_each_other_and_keep_every_change(tmp_path: Path) -> None:
    atlas = tmp_path / "out" / "atlas"
    atlas.parent.mkdir()
    run(atlas, messages(organisation()))
    commands = [
        _command(atlas, _edited(f"Label {number}"), f"2026-03-02T0{number}:00:00Z")
        for number in range(1, 5)
    ]
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda words: subprocess.run(words, check=False), commands))
    assert [each.returncode for each in done] == [0] * 4
    assert sorted(_labels(atlas)) == [("f1", f"Label {number}") for number in range(1, 5)]
    assert [each.name for each in atlas.parent.iterdir()] == ["atlas"]


def test_a_folder_that_an_earlier_version_left_half_done_is_no_obstacle(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    run(atlas, messages(organisation()))
    shutil.rmtree(atlas / "data")
    rows = organisation()
    del rows["modules"][1]
    run(atlas, messages(rows))
    assert sorted(each.name for each in (atlas / "modules").iterdir()) == ["Boats.html"]


def test_what_cannot_be_put_in_place_leaves_the_old_one(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas = tmp_path / "atlas"
    run(atlas, messages(organisation()))
    before = files(atlas)
    monkeypatch.setattr(folder_module, "_system_swap", lambda: None)
    renamed = Path.rename

    def refuse(path: Path, target: Path) -> Path:
        if path.name.endswith(".new"):
            raise PermissionError(13, "a spreadsheet has a file of it open")
        return renamed(path, target)

    monkeypatch.setattr(Path, "rename", refuse)
    with pytest.raises(PermissionError):
        run(atlas, messages(_edited("New"), read_at=LATER))
    assert files(atlas) == before
    monkeypatch.undo()
    run(atlas, messages(_edited("New"), read_at=LATER))
    assert _labels(atlas) == [("f1", "New")]


@pytest.mark.parametrize("swap", ["in two steps", "killed between them"])
def test_a_system_that_cannot_swap_renames_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: str
) -> None:
    atlas = tmp_path / "atlas"
    monkeypatch.setattr(folder_module, "_system_swap", lambda: None)
    run(atlas, messages(organisation()))
    if swap != "in two steps":
        atlas.rename(tmp_path / ".atlas.old")
        (tmp_path / ".atlas.new").mkdir()
    run(atlas, messages(_edited("New"), read_at=LATER))
    assert _labels(atlas) == [("f1", "New")]
    assert [each.name for each in tmp_path.iterdir()] == ["atlas"]


@pytest.mark.skipif(sys.platform == "win32", reason="links need a privilege there")
def test_a_mounted_folder_is_a_pointer_to_the_version_that_counts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    atlas = tmp_path / "atlas"
    atlas.mkdir()
    (atlas / "README").write_text("mine")
    mounted = os.path.ismount
    monkeypatch.setattr(os.path, "ismount", lambda path: path == atlas or mounted(path))
    run(atlas, messages(organisation()))
    (atlas / "dbt" / "profiles.yml").write_text("mine")
    rows = _edited("New")
    del rows["modules"][1]
    run(atlas, messages(rows, read_at=LATER))
    assert _is_whole(atlas, "New")
    assert _labels(atlas) == [("f1", "New")]
    assert not (atlas / "modules" / "Crews.html").exists()
    assert (atlas / "dbt" / "profiles.yml").read_text() == "mine"
    assert (atlas / "README").read_text() == "mine"


def test_fail_on_stays_failed_until_the_change_is_gone_or_accepted(tmp_path: Path) -> None:
    atlas = tmp_path / "out" / "atlas"
    atlas.parent.mkdir()
    removed = organisation()
    del removed["fields"][1]
    days = iter(range(1, 20))

    def fails(rows: Rows, *kinds: str) -> bool:
        read_at = f"2026-03-{next(days):02}T08:00:00Z"
        try:
            run(atlas, messages(rows, read_at=read_at), fail_on=list(kinds))
        except ChangesFoundError as error:
            return "field Boats.State removed" in str(error)
        return False

    assert not fails(organisation(), "removed")
    assert [fails(removed, "removed") for _ in range(2)] == [True, True]
    assert [fails(removed), fails(removed, "retyped"), fails(removed, "removed")] == [
        False,
        False,
        True,
    ]
    assert not fails(organisation(), "removed")
    assert fails(removed, "removed")
    accept = _command(atlas, organisation(), LATER)[:-2]
    done = subprocess.run([*accept, "--accept"], check=True, capture_output=True, text=True)
    assert "field Boats.State removed" in done.stderr
    assert not fails(removed, "removed")


@pytest.mark.parametrize("lacking", [(), ("org",), ("org", "profiles", "layouts")])
def test_another_organisation_is_refused_with_or_without_org(
    tmp_path: Path, lacking: tuple[str, ...]
) -> None:
    atlas = tmp_path / "atlas"
    run(atlas, messages(organisation()))
    before = files(atlas)
    text = json.dumps(organisation())
    for old in ("o1", "m1", "m2", "f1", "f2", "f3", "l1", "p1"):
        text = text.replace(f'"{old}"', f'"other-{old}"')
    other = {name: rows for name, rows in json.loads(text).items() if name not in lacking}
    with pytest.raises(AtlasError, match="another organisation"):
        run(atlas, messages(other, read_at=LATER))
    assert files(atlas) == before


def test_another_tap_is_refused(tmp_path: Path) -> None:
    other = {"modules": [{"id": "7", "name": "Algebra", "course": "Mathematics"}]}
    with pytest.raises(AtlasError, match="not that of tap-zohocrm-modules"):
        run(tmp_path / "atlas", messages(other))
    assert list(tmp_path.iterdir()) == []


def test_a_read_of_other_streams_is_recognized_by_the_digits_that_ids_share(tmp_path: Path) -> None:
    atlas = tmp_path / "atlas"
    ours, theirs = "5937104", "6120755"
    rows = organisation()
    rows["modules"][0]["id"] = f"{ours}000000002175"
    only = {"modules": rows["modules"]}
    run(atlas, messages(only))
    webhooks = {"webhooks": [{"id": f"{theirs}000000000001", "name": "Call"}]}
    with pytest.raises(AtlasError, match="another organisation"):
        run(atlas, messages(webhooks, read_at=LATER))
    webhooks["webhooks"][0]["id"] = f"{ours}000000000001"
    run(atlas, messages(webhooks, read_at=LATER))
