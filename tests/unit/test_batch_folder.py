"""The folder of batch files: what a killed run leaves is removed by the next one, and no more."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

from tap_zohocrm_modules.streams.batch.folder import PART, BatchFolder

# Writes one file that it announces, one that it does not come to announce, and one that it only
# begins; and is killed.
KILLED = """
import os, signal, sys
from tap_zohocrm_modules.streams.batch.folder import PART, BatchFolder
folder = BatchFolder(sys.argv[1], "crm-")
def part(name):
    file = folder.new(name, "arrow")
    file.with_name(file.name + PART).write_bytes(b"rows")
    return file
with folder.announcing([part("Announced")]):
    pass
part("Begun")
with folder.announcing([part("Silent")]):
    os.kill(os.getpid(), signal.SIGKILL)
"""


def part(folder: BatchFolder, name: str) -> Path:
    file = folder.new(name, "arrow")
    begun = file.with_name(file.name + PART)
    begun.write_bytes(b"rows")
    return begun


def streams(root: Path) -> set[str]:
    return {file.name.split("-")[1] for file in root.glob("crm-*")}


def test_a_killed_run_leaves_only_files_that_messages_name(tmp_path: Path) -> None:
    command = [sys.executable, "-c", KILLED, tmp_path.as_uri()]
    assert subprocess.run(command, check=False).returncode < 0
    assert streams(tmp_path) == {"Announced", "Begun", "Silent"}
    with BatchFolder(tmp_path.as_uri(), "crm-"):
        assert streams(tmp_path) == {"Announced"}
    assert [file.name.split("-")[1] for file in tmp_path.iterdir()] == ["Announced"]


def test_what_another_run_is_writing_stays(tmp_path: Path) -> None:
    with BatchFolder(tmp_path.as_uri()) as other:
        begun = part(other, "Leads")
        with BatchFolder(tmp_path.as_uri()):
            assert begun.exists()
        assert begun.exists()
    assert not begun.exists()


def test_names_of_files_hold_in_a_url_what_the_streams_name_is(tmp_path: Path) -> None:
    with BatchFolder(tmp_path.as_uri()) as folder:
        assert folder.new("Zo/é..", "arrow").name.startswith("Zo____-")
