"""Where an organisation is found, as whom it is called, and within which bounds."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tap_zohocrm_modules.zoho.transport.edition import LEAST_CONCURRENCY
from tap_zohocrm_modules.zoho.transport.machine import Machine
from tap_zohocrm_modules.zoho.transport.texts import Secrets

_MIB = 1 << 20


@dataclasses.dataclass(frozen=True, slots=True)
class Bounds:
    """Sizes beyond which an answer is refused, so that the tap stays under 400 MB."""

    body: int = 48 * _MIB  # bytes of a body, unpacked
    # Bytes up to which bodies are read side by side; larger ones take turns.
    small_body: int = 2 * _MIB
    error_body: int = _MIB  # bytes that are read of the body of a refusal
    download: int = 2048 * _MIB  # bytes of a downloaded file
    # Commas and opening brackets of a JSON body, each of which may cost an object.
    values: int = 1_500_000
    containers: int = 300_000  # opening brackets alone, whose objects are the largest
    digits: int = 1_000  # digits of a JSON number, and the greatest exponent
    depth: int = 64  # levels of nesting in a JSON body


@dataclasses.dataclass(frozen=True, slots=True)
class TimeLimits:
    """Seconds that things may take."""

    request: float = 300  # a connection, and each piece of an answer
    total: float = 900  # one whole exchange, from its start to the last byte
    session: float | None = None  # everything that one client does; None for no limit
    first_answer: float = 15  # what a host that has never answered gets beyond `request`
    sign_of_life: float = 8  # an answer to a call without a token, by which a host shows it lives


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
    """How one organisation is called."""

    credentials: Credentials
    api_url: str | None = None  # the API host if the user insists on one
    # The data centre's own, should the token's answer not name one.
    fallback_api_url: str | None = None
    host_prefix: str | None = None  # `sandbox` or `developer`, in the place of an API host's `www`
    concurrency: int = LEAST_CONCURRENCY  # simultaneous calls
    credit_budget: int | None = None  # credits that may be spent, None for no bound
    credit_reserve: int | None = None  # credits of the day that are left to others, None for none
    token_cache: Path | None = None  # folder of the token cache, None for no cache
    times: TimeLimits = dataclasses.field(default_factory=TimeLimits)
    bounds: Bounds = dataclasses.field(default_factory=Bounds)
    machine: Machine = dataclasses.field(default_factory=Machine)
