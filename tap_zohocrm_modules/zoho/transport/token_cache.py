"""One access token for all processes of a user, in a file that only the user can read.

Zoho issues ten access tokens per ten minutes and refresh token, however many processes ask.
"""

from __future__ import annotations

import contextlib
import logging
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Literal

import msgspec

from tap_zohocrm_modules.zoho.transport.connection import Credentials
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.private_file import PrivateFile, name_of
from tap_zohocrm_modules.zoho.transport.token_endpoint import Token, api_domain

logger = logging.getLogger(__name__)

_LONGEST_LIFE = 86_400
_CLOCK_STEP = 60


class _Entry(msgspec.Struct, forbid_unknown_fields=True):
    """What the file holds; times are seconds since 1970 by this machine's clock."""

    version: Literal[1]
    access_token: Annotated[str, msgspec.Meta(pattern=r"^[ -~]+\Z")]
    api_domain: str | None
    scopes: list[str]
    issued_at: float
    renew_at: float


class TokenCache:
    """The entry of one OAuth client, refresh token and accounts host.

    Where there can be none, the process works with a token of its own.
    """

    def __init__(
        self, folder: Path, credentials: Credentials, machine: Machine | None = None
    ) -> None:
        name = name_of(credentials)
        self._file = PrivateFile(folder, f"{name}.json")
        self._lock_path = folder / f"{name}.lock"
        self._machine = machine or Machine()

    def read(self) -> Token | None:
        """Return the token of the file; None if there is none that is good for some minutes."""
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
        self._file.write(msgspec.json.encode(entry))

    @contextlib.contextmanager
    def locked(self, patience: float) -> Iterator[None]:
        """Keep other processes from asking for a token, if the lock is free within `patience`.

        The lock of a process that dies is free at once.
        """
        with contextlib.ExitStack() as held:
            with self._file.shrugging():
                self._file.make_folder()
                import filelock  # noqa: PLC0415 - most runs find a token and take no lock

                lock = filelock.FileLock(self._lock_path, mode=0o600)
                try:
                    held.enter_context(lock.acquire(timeout=max(0.0, patience), poll_interval=0.05))
                except filelock.Timeout:
                    logger.debug(
                        "The token cache %s is locked: another process asks for a token.",
                        self._file.folder,
                    )
            yield

    def _entry(self) -> _Entry | None:
        text = self._file.read()
        if text is None:
            return None
        try:
            return msgspec.json.decode(text, type=_Entry)
        except (msgspec.DecodeError, UnicodeDecodeError):
            logger.debug("The token cache %s is damaged: it is written anew.", self._file.path)
            return None


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
