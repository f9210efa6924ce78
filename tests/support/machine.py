"""What the machine that a test runs on is like: where it keeps temporary files, a full disk."""

from __future__ import annotations

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from unittest import mock


@contextlib.contextmanager
def temporary_files_in(folder: Path) -> Iterator[None]:
    """Let temporary files be made in a folder, as TMPDIR does for a process that begins."""
    kept = tempfile.tempdir
    tempfile.tempdir = str(folder)
    try:
        yield
    finally:
        tempfile.tempdir = kept


@contextlib.contextmanager
def full_disk() -> Iterator[None]:
    """Let no file get onto the disk."""
    # Found out when what was written is made safe; a file system that is full takes root to mount.
    with mock.patch("os.fsync", side_effect=OSError(28, "No space left on device")):
        yield
