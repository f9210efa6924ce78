"""One access token for all processes of a user, in a file that only the user can read.

Zoho issues ten access tokens per ten minutes and refresh token, however many processes ask.
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
from typing import Annotated, Literal

import msgspec

from tap_zohocrm_modules.zoho.transport.connection import Credentials
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.token_endpoint import Token, api_domain

logger = logging.getLogger(__name__)

_LONGEST_LIFE = 86_400
_CLOCK_STEP = 60
_LARGEST = 1 << 16
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """What the file holds; times are seconds since 1970 by this machine's clock."""

    version: Literal[1]
    access_token: Annotated[str, msgspec.Meta(pattern=r"^[ -~]+\Z")]
    api_domain: str | None
    scopes: list[str]
    issued_at: float
    renew_at: float


class _UnsafeError(Exception):
    """Somebody else could read or write the place."""


class TokenCache:
    """The entry of one OAuth client, refresh token and accounts host.

    A place that cannot be written is a debug line; one that somebody else could read or write is a
    warning. Either way the process works with a token of its own. The folder is made if need be,
    for the user alone.
    """

    def __init__(
        self, folder: Path, credentials: Credentials, machine: Machine | None = None
    ) -> None:
        parts = (credentials.accounts_url, credentials.client_id, credentials.refresh_token)
        name = hashlib.sha256("\0".join(parts).encode("utf-8", "surrogatepass")).hexdigest()[:32]
        self._folder = folder
        self._path = folder / f"{name}.json"
        self._lock_path = folder / f"{name}.lock"
        self._machine = machine or Machine()

    def read(self) -> Token | None:
        """Return the token of the file; None if there is none that is good for some minutes."""
        found = None
        with _shrugging(self._folder):
            self._check_folder()
            found = self._entry()
        now = self._machine.now().timestamp()
        return None if found is None else _token(found, now)

    def write(self, token: Token) -> None:
        """Put a token that was issued just now into the file: whole, or not at all."""
        now = self._machine.now().timestamp()
        entry = _Entry(
            version=1,
            access_token=token.value,
            api_domain=token.api_domain,
            scopes=sorted(token.scopes),
            issued_at=now,
            renew_at=now + token.good_for,
        )
        with _shrugging(self._folder):
            self._make_folder()
            # mkstemp() makes files that only the user can read.
            descriptor, name = tempfile.mkstemp(dir=self._folder, suffix=".new")
            try:
                with os.fdopen(descriptor, "wb") as file:
                    file.write(msgspec.json.encode(entry))
                    file.flush()
                    os.fsync(file.fileno())
                Path(name).replace(self._path)
            except BaseException:
                Path(name).unlink(missing_ok=True)
                raise

    @contextlib.contextmanager
    def locked(self, patience: float) -> Iterator[None]:
        """Keep other processes from asking for a token, if the lock is free within `patience`.

        The lock of a process that dies is free at once.
        """
        with contextlib.ExitStack() as held:
            with _shrugging(self._folder):
                self._make_folder()
                import filelock  # noqa: PLC0415 - most runs find a token and take no lock

                lock = filelock.FileLock(self._lock_path, mode=0o600)
                try:
                    held.enter_context(lock.acquire(timeout=max(0.0, patience), poll_interval=0.05))
                except filelock.Timeout:
                    logger.debug(
                        "The token cache %s is locked: another process asks for a token.",
                        self._folder,
                    )
            yield

    def _entry(self) -> _Entry | None:
        try:
            descriptor = os.open(self._path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError:
            return None
        with os.fdopen(descriptor, "rb") as file:
            _check(self._path, os.fstat(file.fileno()))
            text = file.read(_LARGEST)
        try:
            return msgspec.json.decode(text, type=_Entry)
        except (msgspec.DecodeError, UnicodeDecodeError):
            logger.debug("The token cache %s is damaged: it is written anew.", self._path)
            return None

    def _make_folder(self) -> None:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._check_folder()

    def _check_folder(self) -> None:
        with contextlib.suppress(FileNotFoundError):
            _check(self._folder, self._folder.stat())


def _token(entry: _Entry, now: float) -> Token | None:
    # A clock that was set back would make an old token look young.
    stepped = entry.issued_at > now + _CLOCK_STEP
    life = entry.renew_at - entry.issued_at
    if stepped or now >= entry.renew_at or life > _LONGEST_LIFE:
        return None
    return Token(
        value=entry.access_token,
        api_domain=api_domain(entry.api_domain),
        scopes=frozenset(entry.scopes),
        good_for=entry.renew_at - now,
    )


def _check(path: Path, status: os.stat_result) -> None:
    """Refuse a place of somebody else's, or that somebody else could read or write."""
    if not hasattr(os, "geteuid"):
        return
    if status.st_uid != os.geteuid():
        raise _UnsafeError(f"{path} belongs to another user")
    if status.st_mode & _OTHERS:
        mode = 700 if stat.S_ISDIR(status.st_mode) else 600
        raise _UnsafeError(f"{path} can be read or written by others: chmod {mode} it")


@contextlib.contextmanager
def _shrugging(folder: Path) -> Iterator[None]:
    """Say that the cache is not used, and go on."""
    try:
        yield
    except _UnsafeError as error:
        logger.warning("The token cache is not used: %s.", error)
    # File locks raise NotImplementedError where the file system has none.
    except (OSError, NotImplementedError) as error:
        logger.debug("The token cache %s is not used: %s", folder, error)
