"""The demo organisation as a whole: start it, use it, look into it, stop it."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING

from typing_extensions import Self

from zohocrm_demo.accounts import Accounts, Credentials, TokenRules
from zohocrm_demo.api import Api
from zohocrm_demo.calls import Call, Journal
from zohocrm_demo.families import ROUTES
from zohocrm_demo.faults import Fault, FaultPlan
from zohocrm_demo.limits import Limits
from zohocrm_demo.organisation import Organisation, sample_organisation
from zohocrm_demo.scopes import EVERY_SCOPE
from zohocrm_demo.server import Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from types import TracebackType


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)


class DemoOrganisation:
    """An embedded Zoho CRM v8 with one organisation, on two ports of 127.0.0.1.

    It is as strict as Zoho. Use it as a context manager, or call `start` and `stop`.

    Args:
        organisation: The data; the sample organisation unless given.
        scopes: Scopes of the refresh token.
        token_lifetime: Seconds that an access token lives.
        mints_per_window: Access tokens to be had in one window.
        mint_window: Length of that window in seconds.
        active_tokens: Access tokens alive at a time; one more ends the oldest.
        latency: Seconds added to every API answer.
        daily_credits: API credits for 24 hours; by the sample's edition (Enterprise: 50,000 and
            1,000 a user) unless given.
        concurrency: Simultaneous API calls.
        sub_concurrency: Simultaneous costly API calls.
        clock: Tells the (aware) time for tokens, throttling and credits.
    """

    def __init__(  # noqa: PLR0913 (each is one independent knob, all by keyword)
        self,
        organisation: Organisation | None = None,
        *,
        scopes: Iterable[str] = EVERY_SCOPE,
        token_lifetime: float = 3600,
        mints_per_window: int = 10,
        mint_window: float = 600,
        active_tokens: int = 10,
        latency: float = 0,
        daily_credits: int | None = None,
        concurrency: int = 20,
        sub_concurrency: int = 10,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.organisation = organisation or sample_organisation()
        self._clock = clock or _utc_now
        self._stopping = threading.Event()
        self._journal = Journal()
        self._faults = FaultPlan()
        self._credentials = Credentials.make()
        self._accounts = Accounts(
            self._credentials,
            TokenRules(tuple(scopes), token_lifetime, mints_per_window, mint_window, active_tokens),
            lambda: self.api_url,
            self._clock,
            self._stopping.wait,
        )
        self._api = Api(
            self.organisation,
            ROUTES,
            self._accounts,
            Limits(
                self.organisation.daily_credits if daily_credits is None else daily_credits,
                concurrency,
                sub_concurrency,
                self._clock,
            ),
            clock=self._clock,
            wait=self._stopping.wait,
            latency=latency,
        )
        self._listeners: tuple[Listener, Listener] | None = None

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Listen; does nothing if it does so already."""
        if self._listeners is None:
            self._stopping.clear()
            self._listeners = (
                Listener(self._accounts.answer, self._journal, self._faults, self._stopping),
                Listener(self._api.answer, self._journal, self._faults, self._stopping),
            )
            for listener in self._listeners:
                listener.start()

    def stop(self) -> None:
        """Close all connections, stalled ones too, and the ports; well below a second."""
        listeners, self._listeners = self._listeners, None
        self._stopping.set()
        for listener in listeners or ():
            listener.stop()

    @property
    def accounts_url(self) -> str:
        """The accounts host: tokens, nothing else.

        Raises:
            RuntimeError: If the organisation isn't running.
        """
        return self._running[0].url

    @property
    def api_url(self) -> str:
        """The API host: `/crm/...`, nothing else.

        Raises:
            RuntimeError: If the organisation isn't running.
        """
        return self._running[1].url

    @property
    def client_id(self) -> str:
        """The OAuth client's id."""
        return self._credentials.client_id

    @property
    def client_secret(self) -> str:
        """The OAuth client's secret."""
        return self._credentials.client_secret

    @property
    def refresh_token(self) -> str:
        """The refresh token."""
        return self._credentials.refresh_token

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, in order of arrival."""
        return self._journal.calls

    def inject(self, path: str, fault: Fault, nth: int = 1, times: int | None = 1) -> None:
        """Let a fault befall the `nth` to `nth + times - 1`th call of `path` from now on.

        Args:
            path: A path such as `/oauth/v2/token`, or a pattern with `*` and `?`.
            fault: What goes wrong.
            nth: Which call it begins with, from 1.
            times: How many calls; None for ever.
        """
        self._faults.add(path, fault, nth, times)

    def expire_tokens(self) -> None:
        """End the life of every access token issued so far."""
        self._accounts.expire_tokens()

    def revoke_refresh_token(self) -> None:
        """Make the refresh token and its access tokens useless, as an administrator may."""
        self._accounts.revoke_refresh_token()

    @property
    def _running(self) -> tuple[Listener, Listener]:
        if self._listeners is None:
            raise RuntimeError("The demo organisation isn't running: call start() first.")
        return self._listeners
