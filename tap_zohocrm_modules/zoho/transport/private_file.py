"""A file that only the user can read, in a folder that only the user can read.

A place that cannot be written is a debug line; one that somebody else could read or write is a
warning. Either way the process works without it.
"""

from __future__ import annotations

import contextlib
import hashlib
import logging
import os
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path

from tap_zohocrm_modules.zoho.transport.connection import Credentials

logger = logging.getLogger(__name__)

_LARGEST = 1 << 16
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


def name_of(credentials: Credentials) -> str:
    """Return the name, without an ending, of files of one client, refresh token and host."""
    parts = (credentials.accounts_url, credentials.client_id, credentials.refresh_token)
    return hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]


class _UnsafeError(Exception):
    """Somebody else could read or write the place."""


class PrivateFile:
    """A file of a folder, which is made if need be, for the user alone."""

    def __init__(self, folder: Path, name: str) -> None:
        self.folder = folder
        self.path = folder / name

    def read(self) -> bytes | None:
        """Return what the file holds; None if it is not there, or nothing to rely on."""
        found = None
        with self.shrugging(), contextlib.suppress(FileNotFoundError):
            self._check_folder()
            descriptor = os.open(self.path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
            with os.fdopen(descriptor, "rb") as file:
                _check(self.path, os.fstat(file.fileno()))
                found = file.read(_LARGEST)
        return found

    def write(self, content: bytes) -> None:
        """Put this into the file: whole, or not at all."""
        with self.shrugging():
            self.make_folder()
            # mkstemp() makes files that only the user can read.
            descriptor, name = tempfile.mkstemp(dir=self.folder, suffix=".new")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(content)
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self.path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    def make_folder(self) -> None:
        """Make the folder; an error of its own if somebody else could read or write it."""
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_folder()

    def _check_folder(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            _check(self.folder, self.folder.stat())

    @contextlib.contextmanager
    def shrugging(self) -> Iterator[None]:
        """Say that the folder is not used, and go on."""
        try:
            yield
        except _UnsafeError as error:
            logger.warning("The token cache is not used: %s.", error)
        # File locks raise NotImplementedError where the file system has none.
        except (OSError, NotImplementedError) as error:
            logger.debug("The token cache %s is not used: %s", self.folder, error)


def _check(path: Path, status: os.stat_result) -> None:
    """Refuse a place of somebody else's, or that somebody else could read or write."""
    if not hasattr(os, "geteuid"):
        return
    if status.st_uid != os.geteuid():
        raise _UnsafeError(f"{path} belongs to another user")
    if status.st_mode & _OTHERS:
        mode = 700 if stat.S_ISDIR(status.st_mode) else 600
        raise _UnsafeError(f"{path} can be read or written by others: chmod {mode} it")
