"""Where an organisation is found, as whom it is called, and within which bounds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tap_zohocrm_modules.zoho.transport.clock import LocalClock
from tap_zohocrm_modules.zoho.transport.edition import LEAST_CONCURRENCY
from tap_zohocrm_modules.zoho.transport.texts import Secrets

_MIB = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Bounds:
    """Sizes beyond which an answer is refused, so that the tap stays under 400 MB.

    Attributes:
        body: Bytes of a body, unpacked.
        small_body: Bytes up to which bodies are read side by side; larger ones take turns.
        error_body: Bytes that are read of the body of a refusal.
        download: Bytes of a downloaded file.
        values: Commas and opening brackets of a JSON body, each of which may cost an object.
        containers: Opening brackets alone, whose objects are the largest.
        digits: Digits of a JSON number, and the greatest exponent.
        depth: Levels of nesting in a JSON body.
    """

    body: int = 48 * _MIB
    small_body: int = 2 * _MIB
    error_body: int = _MIB
    download: int = 2048 * _MIB
    values: int = 1_500_000
    containers: int = 300_000
    digits: int = 1_000
    depth: int = 64


@dataclasses.dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that things may take.

    Attributes:
        request: A connection, and each piece of an answer.
        total: One whole exchange, from its start to the last byte.
        session: Everything that one client does; None for no limit.
    """

    request: float = 300
    total: float = 900
    session: float | None = None


@dataclasses.dataclass(frozen=True, slots=True)
class Credentials:
    """An OAuth client and its refresh token, and the accounts host that knows them."""

    accounts_url: str
    client_id: str = dataclasses.field(repr=False)
    client_secret: str = dataclasses.field(repr=False)
    refresh_token: str = dataclasses.field(repr=False)

    def secrets(self) -> Secrets:
        """Return what must not show in any text."""
        return Secrets((self.client_id, self.client_secret, self.refresh_token))


@dataclasses.dataclass(frozen=True, slots=True)
class Connection:
    """How one organisation is called.

    Attributes:
        api_url: The API host if the user insists on one.
        fallback_api_url: The data centre's own, should the token's answer not name one.
        host_prefix: `sandbox` or `developer`, in the place of an API host's `www`.
        concurrency: Simultaneous calls.
        credit_budget: Credits that may be spent, None for no bound.
        credit_reserve: Credits of the day that are left to others, None for none.
        token_cache: Folder of the token cache, None for no cache.
    """

    credentials: Credentials
    api_url: str | None = None
    fallback_api_url: str | None = None
    host_prefix: str | None = None
    concurrency: int = LEAST_CONCURRENCY
    credit_budget: int | None = None
    credit_reserve: int | None = None
    token_cache: Path | None = None
    times: TimeLimits = dataclasses.field(default_factory=TimeLimits)
    bounds: Bounds = dataclasses.field(default_factory=Bounds)
    clock: LocalClock = dataclasses.field(default_factory=LocalClock)
