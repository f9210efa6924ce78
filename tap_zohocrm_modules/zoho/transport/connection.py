"""Where an organisation is found, and how it may be called."""

from __future__ import annotations

import dataclasses
from pathlib import Path

from tap_zohocrm_modules.zoho.transport.bounds import Bounds, TimeLimits
from tap_zohocrm_modules.zoho.transport.clock import LocalClock
from tap_zohocrm_modules.zoho.transport.edition import LEAST_CONCURRENCY
from tap_zohocrm_modules.zoho.transport.token_endpoint import Credentials


@dataclasses.dataclass(frozen=True, slots=True)
class Connection:
    """Where an organisation is found and how it may be called.

    Attributes:
        credentials: The OAuth client, its refresh token and the accounts host.
        api_url: The API host if the user insists on one.
        fallback_api_url: The data centre's own, should the token's answer not name one.
        host_prefix: `sandbox` or `developer`, in the place of an API host's `www`.
        concurrency: Simultaneous calls.
        credit_budget: Credits that may be spent, None for no bound.
        credit_reserve: Credits of the day that are left to others, None for none.
        token_cache: Folder of the token cache, None for no cache.
        times: How long things may take.
        bounds: How large answers may be.
        clock: This machine's clocks.
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
