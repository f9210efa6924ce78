"""The folder of batch files: what a killed run leaves is removed by the next one, and no more."""

from __future__ import annotations

import errno
import subprocess
import sys
from pathlib import Path

import pytest
from support.machine import temporary_files_in

from tap_zohocrm_modules.streams.batch.folder import PART, BatchFolder, writing
from tap_zohocrm_modules.streams.messages import OutputError

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


@pytest.mark.thorough
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


@pytest.mark.parametrize("mode", [0o777, 0o750, 0o704])
def test_a_folder_that_others_may_enter_is_not_written_to_unasked(
    tmp_path: Path, mode: int
) -> None:
    with temporary_files_in(tmp_path):
        with BatchFolder(""):
            (folder,) = tmp_path.iterdir()
        folder.chmod(mode)
        with pytest.raises(OutputError, match=r"chmod 700 .*batch_config\.storage\.root"):
            BatchFolder("")
    # What the user names is the user's own affair.
    with BatchFolder(folder.as_uri()):
        pass


def test_a_folder_that_leads_elsewhere_is_not_written_to_unasked(tmp_path: Path) -> None:
    with temporary_files_in(tmp_path):
        with BatchFolder(""):
            (folder,) = tmp_path.iterdir()
        folder.rmdir()
        elsewhere = tmp_path / "elsewhere"
        elsewhere.mkdir(mode=0o700)
        folder.symlink_to(elsewhere)
        with pytest.raises(OutputError, match="leads elsewhere"):
            BatchFolder("")


@pytest.mark.parametrize(
    ("number", "remedy"),
    [(errno.ENOSPC, "make room"), (errno.EACCES, "may write"), (errno.EPIPE, "target's log")],
)
def test_the_remedy_is_of_what_went_wrong(tmp_path: Path, number: int, remedy: str) -> None:
    with pytest.raises(OutputError, match=remedy), writing(tmp_path):
        raise OSError(number, "it went wrong")
