"""A full disk and a closed standard output are named as such, in one line."""

from __future__ import annotations

import resource
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from support.demo import ONLY_MODULES, config_for
from support.process import tap_command

from zohocrm_demo import DemoOrganisation

pytestmark = pytest.mark.thorough

FULL = Path("/dev/full")
ROOM = 4_096
"""So many bytes can be written into a file."""


def said_by(
    demo: DemoOrganisation,
    folder: Path,
    *shell: str,
    limit: Callable[[], None] | None = None,
    **settings: Any,
) -> str:
    """Run the tap, by a shell's command perhaps, and return the one line in which it fails."""
    config = config_for(demo, token_cache=False, **settings)
    command = tap_command(folder, config=config, catalog=ONLY_MODULES)
    done = subprocess.run(
        [*shell, *command],
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
        preexec_fn=limit,
    )
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert "defect" not in done.stderr
    *_, last = done.stderr.splitlines()
    return last


@pytest.mark.skipif(not FULL.exists(), reason="this system has no /dev/full")
def test_a_full_disk_is_named(demo: DemoOrganisation, tmp_path: Path) -> None:
    said = said_by(demo, tmp_path, "sh", "-c", 'exec "$@" > /dev/full', "sh")
    assert "cannot be written (No space left on device)" in said


def test_a_closed_output_is_named(demo: DemoOrganisation, tmp_path: Path) -> None:
    said = said_by(demo, tmp_path, "sh", "-c", 'exec "$@" >&-', "sh")
    assert "cannot be written (it is closed)" in said


@pytest.mark.thorough
def test_a_batch_file_for_which_there_is_no_room_is_named(
    demo: DemoOrganisation, tmp_path: Path
) -> None:
    pytest.importorskip("pyarrow")
    root = tmp_path / "files"

    def limit() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (ROOM, ROOM))

    batches = {"encoding": {"format": "arrow"}, "storage": {"root": root.as_uri()}}
    said = said_by(demo, tmp_path, limit=limit, batch_config=batches)
    assert str(root) in said
    assert "File too large" in said
    # Nothing is left of what could not be finished.
    assert not [file for file in root.rglob("*") if file.is_file()]
