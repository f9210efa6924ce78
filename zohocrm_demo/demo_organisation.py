"""The demo organisation as a whole: start it, use it, look into it, stop it."""

from __future__ import annotations

import threading
from contextlib import ExitStack
from typing import TYPE_CHECKING

from typing_extensions import Self

from zohocrm_demo.accounts import Accounts, Credentials, TokenRules
from zohocrm_demo.api import Api
from zohocrm_demo.calls import Call, Journal
from zohocrm_demo.clock import Clock, waiting_by
from zohocrm_demo.control import Control
from zohocrm_demo.doorway import Doorway
from zohocrm_demo.faults import Fault, FaultPlan
from zohocrm_demo.limits import Limits, edition_of, licensed_users
from zohocrm_demo.live import Life
from zohocrm_demo.organisation import Organisation, sample_organisation
from zohocrm_demo.route_table import read_routes
from zohocrm_demo.scopes import EVERY_SCOPE
from zohocrm_demo.server import House, Listener

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable
    from datetime import datetime


_LOOPBACK = "127.0.0.1"
_MINUTE = 60


class DemoOrganisation:
    """A Zoho CRM v8 with one organisation: an accounts host and an API host, a port each.

    It is as strict as Zoho. Use it as a context manager, or call `start` and `stop`.

    Attributes:
        organisation: The data, free to be edited: `organisation.records` inserts, updates, deletes
            and restores, `organisation.schema` adds and drops fields and modules.
        clock: The time that everything follows.
        life: Changes records by the seed, as many as `life.step` is asked for.
        client_id, client_secret, refresh_token: What a client needs.

    Args:
        organisation: The data; the sample organisation unless given.
        host: The address to listen on.
        port: The API host's port; the accounts host has the next one, the control API
            the one after it. 0: free ones.
        seed: Makes client, refresh token and life the same every time; None: new credentials
            every time.
        live: Changes of records that happen by themselves in a minute.
        scopes: Scopes of the refresh token.
        token_lifetime: Seconds that an access token lives.
        mints_per_window: Access tokens to be had in one window.
        mint_window: Length of that window in seconds.
        active_tokens: Access tokens alive at a time; one more ends the oldest.
        latency: Seconds added to every API answer.
        daily_credits: API credits for 24 hours; by the organisation's edition unless given.
        concurrency: Simultaneous API calls; by the organisation's edition unless given.
        sub_concurrency: Simultaneous costly API calls.
        clock: Tells the (aware) time for everything, `Date` headers included. With a `Clock` that
            stands still, delays move the clock and nobody sleeps.
    """

    def __init__(  # noqa: PLR0913 (each is one independent knob, all by keyword)
        self,
        organisation: Organisation | None = None,
        *,
        host: str = "127.0.0.1",
        port: int = 0,
        seed: int | None = None,
        live: float = 0,
        scopes: Iterable[str] = EVERY_SCOPE,
        token_lifetime: float = 3600,
        mints_per_window: int = 10,
        mint_window: float = 600,
        active_tokens: int = 10,
        latency: float = 0,
        daily_credits: int | None = None,
        concurrency: int | None = None,
        sub_concurrency: int = 10,
        clock: Callable[[], datetime] | None = None,
    ) -> None:
        self.organisation = organisation or sample_organisation()
        self.clock = clock or Clock()
        self.organisation.records.clock = self.clock
        self.life = Life(self.organisation, seed or 0)
        self._pace = live
        self._host, self._port = host, port
        self._stopping = threading.Event()
        wait = waiting_by(self.clock, self._stopping.wait)
        self._faults = FaultPlan()
        self._house = House(Journal(), self._faults, self._stopping, self.clock, wait)
        credentials = Credentials.make(seed)
        self.client_id, self.client_secret = credentials.client_id, credentials.client_secret
        self.refresh_token = credentials.refresh_token
        self._accounts = Accounts(
            credentials,
            TokenRules(tuple(scopes), token_lifetime, mints_per_window, mint_window, active_tokens),
            lambda headers: self._running[0].url_for(headers),  # noqa: PLW0108 (runs later)
            self.clock,
            wait,
        )
        company = self.organisation.company
        edition = edition_of(company)
        if daily_credits is None:
            daily_credits = edition.daily_credits(licensed_users(company))
        concurrency = edition.concurrency if concurrency is None else concurrency
        self._api = Api(
            self.organisation,
            read_routes(),
            self._accounts,
            Limits(daily_credits, concurrency, sub_concurrency, self.clock),
            clock=self.clock,
            wait=wait,
            latency=latency,
        )
        self._control = Control(self)
        self._listeners: tuple[Listener, ...] = ()
        self._doorways: tuple[Doorway, ...] = ()

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Listen; does nothing if it does so already.

        Raises:
            OSError: A port or the host can't be had.
        """
        if self._listeners:
            return
        self._stopping.clear()
        ports = (self._port + offset if self._port else 0 for offset in range(3))
        sites = (
            (self._host, self._api.answer, self._house),
            (self._host, self._accounts.answer, self._house),
            # Whoever can reach it can change everything: never beyond this machine.
            (_LOOPBACK, self._control.answer, self._house.aside()),
        )
        with ExitStack() as undo:
            listeners = []
            for port, (host, site, house) in zip(ports, sites, strict=True):
                listeners.append(Listener((host, port), site, house))
                undo.callback(listeners[-1].server_close)
            undo.pop_all()
        self._listeners = tuple(listeners)
        for listener in self._listeners:
            listener.start()
        if self._pace:
            threading.Thread(target=self._live, name="demo-life", daemon=True).start()

    def stop(self) -> None:
        """Close all connections, stalled ones too, and the ports; well below a second."""
        listeners, self._listeners = self._listeners, ()
        self._stopping.set()
        for listener in listeners:
            listener.stop()

    def open_doorways(self) -> tuple[Doorway, ...]:
        """Serve clients in this process, without ports; returns API and accounts host."""
        self._doorways = (
            Doorway("https://api.demo.invalid", self._api.answer, self._house),
            Doorway("https://accounts.demo.invalid", self._accounts.answer, self._house),
        )
        return self._doorways

    @property
    def accounts_url(self) -> str:
        """The accounts host: tokens, nothing else. RuntimeError unless the organisation runs."""
        return self._running[1].url

    @property
    def api_url(self) -> str:
        """The API host: `/crm/...`, nothing else; likewise."""
        return self._running[0].url

    @property
    def control_url(self) -> str:
        """The control API, on loopback whatever the host is; likewise."""
        return self._running[2].url

    @property
    def actions(self) -> tuple[str, ...]:
        """The names of the control API's actions."""
        return self._control.actions

    @property
    def settable_clock(self) -> Clock:
        """The clock, if it is one that can be set.

        Raises:
            ValueError: The organisation was started with another kind of clock.
        """
        if not isinstance(self.clock, Clock):
            raise ValueError("the clock of this organisation can't be set")  # noqa: TRY004
        return self.clock

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, in order of arrival."""
        return self._house.journal.calls

    def inject(self, path: str, fault: Fault, nth: int = 1, times: int | None = 1) -> None:
        """Inject a fault into the `nth` to `nth + times - 1`th call of `path` from now on.

        Args:
            path: A path such as `/oauth/v2/token`, or a pattern with `*` and `?`.
            fault: What goes wrong.
            nth: Which call it begins with, from 1.
            times: How many calls; None for ever.
        """
        self._faults.add(path, fault, nth, times)

    def clear_faults(self) -> None:
        """Inject no further fault into any call."""
        self._faults.clear()

    def expire_tokens(self) -> None:
        """End the life of every access token issued so far."""
        self._accounts.expire_tokens()

    def revoke_refresh_token(self) -> None:
        """Make the refresh token and its access tokens useless, as an administrator may."""
        self._accounts.revoke_refresh_token()

    def _live(self) -> None:
        while not self._stopping.wait(_MINUTE / self._pace):
            self.life.step()

    @property
    def _running(self) -> tuple[Listener | Doorway, ...]:
        hosts = self._listeners or self._doorways
        if not hosts:
            raise RuntimeError("The demo organisation isn't running: call start() first.")
        return hosts
