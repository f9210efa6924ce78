"""The demo organisation as a whole: start it, use it, look into it, stop it."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack
from dataclasses import astuple, replace
from datetime import datetime
from typing import Literal

from typing_extensions import Self

from zohocrm_demo.accounts import EVERY_SCOPE, Accounts, Credentials, source_of
from zohocrm_demo.api import Api
from zohocrm_demo.calls import Call, Journal
from zohocrm_demo.clock import Clock, waiting_by
from zohocrm_demo.control import Control
from zohocrm_demo.control_room import ControlRoom
from zohocrm_demo.faults import FaultPlan
from zohocrm_demo.hosts import Kind, sibling
from zohocrm_demo.house import Doorway, House, Site
from zohocrm_demo.limits import Limits, RequestLimits, edition_of, licensed_users
from zohocrm_demo.live import Life
from zohocrm_demo.organisation import Organisation, sample_organisation
from zohocrm_demo.proxy import Proxy
from zohocrm_demo.routes import read_routes
from zohocrm_demo.server import Listener
from zohocrm_demo.tls import Authority
from zohocrm_demo.wild import answering

_LOOPBACK = "127.0.0.1"
_MINUTE = 60


class DemoOrganisation:
    """A Zoho CRM v8 as strict as Zoho: an accounts host and an API host, a port each.

    Use it as a context manager, or `start` and `stop` it; the data in `organisation` may be edited.
    """

    _listeners: tuple[Listener, ...] = ()
    _doorways: tuple[Doorway, ...] = ()
    _authority: Authority | None = None

    def __init__(  # noqa: PLR0913 (each is one independent knob, all by keyword)
        self,
        # The sample unless set; `reset` makes a new one if it is a function.
        organisation: Organisation | Callable[[], Organisation] | None = None,
        *,
        host: str = "127.0.0.1",  # the address to listen on
        port: int = 0,  # the API host's; accounts and control have the next ones; 0: free ones
        seed: int | None = None,  # makes credentials and life the same every time
        live: float = 0,  # changes of records that happen by themselves in a minute
        scopes: Iterable[str] = EVERY_SCOPE,  # of the refresh token
        token_lifetime: float = 3600,  # seconds that an access token lives
        mints_per_window: int = 10,  # access tokens in one window
        mint_window: float = 600,  # its length in seconds
        active_tokens: int = 10,  # alive at a time; one more ends the oldest
        latency: float = 0,  # seconds added to every API answer
        profile: str = "documents",  # or wild: what was seen in life and no document says, as well
        lenient: bool = False,  # unknown parameters and names are ignored, not refused
        https: bool | Literal["proxy"] = False,  # and a proxy for Zoho's own hosts; or that alone
        daily_credits: int | None = None,  # for 24 hours; by the edition unless set
        concurrency: int | None = None,  # simultaneous calls; by the edition unless set
        sub_concurrency: int = 10,  # simultaneous costly calls
        limits: RequestLimits | None = None,  # of single calls, where they aren't Zoho's
        locations: Mapping[str, str] | None = None,  # /oauth/serverinfo: centres, accounts hosts
        clock: Callable[[], datetime] | None = None,  # aware; a still `Clock` moves by the delays
    ) -> None:
        self._make = sample_organisation if organisation is None else organisation
        self.organisation = self._make if isinstance(self._make, Organisation) else self._make()
        self.clock = self.organisation.records.clock = clock or Clock()
        self._host, self._port, self._pace, self._https = host, port, live, https
        self._stopping = threading.Event()
        wait = waiting_by(self.clock, self._stopping.wait)
        self._faults = FaultPlan()
        self._house = House(Journal(), self._faults, self._stopping, self.clock, wait)
        credentials = Credentials.make(seed)
        self.client_id, self.client_secret, self.refresh_token = astuple(credentials)
        self._accounts = Accounts(
            credentials,
            lambda headers: self._url("api", headers),
            self.clock,
            wait,
            *(tuple(scopes), token_lifetime, mints_per_window, mint_window, active_tokens),
            source=source_of(None if seed is None else f"tokens {seed}"),
            locations={} if locations is None else locations,
        )
        self.expire_tokens, self.make_code = self._accounts.expire_tokens, self._accounts.make_code
        self.revoke_refresh_token = self._accounts.revoke_refresh_token
        self.clear_faults, self.inject = self._faults.clear, self._faults.add
        allowed = _allowed(self.organisation, daily_credits, concurrency)
        gauges = Limits(*allowed, sub_concurrency, self.clock)
        self._api = Api(
            *(self.organisation, read_routes(), self._accounts, gauges, self.clock, wait, latency),
            lambda headers: self._url("download", headers),
            *(lenient, limits or RequestLimits()),
        )
        self._profile, self._answer = profile, answering(self._api, profile)
        self._room = ControlRoom(
            *(self.organisation, self.clock, self._house.journal, self._faults, self._accounts),
            *(Life(self.organisation, seed or 0), self._reset),
        )
        self.do = self._room.do

    def __enter__(self) -> Self:
        """Start."""
        self.start()
        return self

    def __exit__(self, *_: object) -> None:
        """Stop."""
        self.stop()

    def start(self) -> None:
        """Listen, unless it does so already; OSError: a port or the host can't be had."""
        if self._listeners:
            return
        self._stopping.clear()
        # The control API keeps the place that it had before there was a download host.
        ports = (self._port + offset if self._port else 0 for offset in (0, 1, 3, 2))
        sites: dict[Kind, Site] = {
            # A reset makes another API.
            "api": lambda request, delay: self._answer(request, delay),  # noqa: PLW0108
            "accounts": self._accounts.answer,
            "download": lambda request, delay: self._api.download(request, delay),  # noqa: PLW0108
        }
        authority = Authority() if self._https else None
        secure = None if self._https == "proxy" else authority
        # Whoever can reach the control API can change everything: never beyond this machine.
        control = (_LOOPBACK, Control(self._room).answer, self._house.aside(), None)
        hosts = (*((self._host, site, self._house, secure) for site in sites.values()), control)
        with ExitStack() as undo:
            if authority is not None:
                undo.callback(authority.close)
            listeners = []
            for port, (host, site, house, by) in zip(ports, hosts, strict=True):
                listeners.append(Listener((host, port), site, house, by))
                undo.callback(listeners[-1].server_close)
            if authority is not None:
                address = self._host, self._port + 4 if self._port else 0
                listeners.append(Proxy(address, sites, self._house, authority))
            undo.pop_all()
        self._listeners, self._authority = tuple(listeners), authority
        for listener in self._listeners:
            listener.start()
        if self._pace:
            threading.Thread(target=self._live, name="demo-life", daemon=True).start()

    def stop(self) -> None:
        """Close all connections, stalled ones too, and the ports; well below a second."""
        listeners, self._listeners = self._listeners, ()
        self._stopping.set()
        if listeners:
            # Each waits until its thread looks up.
            with ThreadPoolExecutor(len(listeners)) as pool:
                list(pool.map(Listener.stop, listeners))
        if self._authority is not None:
            self._authority.close()

    def open_doorways(self) -> tuple[Doorway, ...]:
        """Serve clients in this process, without ports; returns API, accounts and download host."""
        self._doorways = (
            Doorway("https://api.demo.invalid", self._answer, self._house),
            Doorway("https://accounts.demo.invalid", self._accounts.answer, self._house),
            Doorway("https://download.demo.invalid", self._api.download, self._house),
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
    def account(self) -> dict[str, str]:
        """What a client has to know of the organisation, by the names that Zoho gives it."""
        return {
            "client_id": self.client_id,
            "client_secret": self.client_secret,
            "refresh_token": self.refresh_token,
            "accounts_url": self.accounts_url,
            "api_url": self.api_url,
        }

    @property
    def control_url(self) -> str:
        """The control API, on loopback whatever the host is; likewise."""
        return self._running[3].url

    @property
    def download_url(self) -> str:
        """The host of files, such as exports of the audit log; likewise."""
        return self._running[2].url

    @property
    def settable_clock(self) -> Clock:
        """The clock, or ValueError if the organisation was started with another kind of clock."""
        return self._room.settable_clock

    @property
    def life(self) -> Life:
        """What edits, creates, deletes and restores records by itself."""
        return self._room.life

    @property
    def actions(self) -> tuple[str, ...]:
        """The names that `do` and the control API know."""
        return tuple(self._room.actions)

    def _reset(self) -> None:
        if isinstance(self._make, Organisation):
            raise ValueError("give a function that makes the organisation: this one is ready-made")  # noqa: TRY004
        self.organisation = self._room.organisation = self._make()
        self.organisation.records.clock = self.clock
        self._api = replace(self._api, organisation=self.organisation)
        self._answer = answering(self._api, self._profile)
        self._room.life = Life(self.organisation, self._room.life.seed)
        self._faults.clear()
        self._house.journal.clear()

    @property
    def proxy_url(self) -> str:
        """The proxy for Zoho's own hosts, by HTTP; IndexError without one; likewise."""
        return self._running[4].url

    @property
    def authority_file(self) -> str:
        """The certificate (PEM) that clients have to trust; RuntimeError if none is in use."""
        if self._authority is None:
            raise RuntimeError("There is no authority without https.")
        return str(self._authority.file)

    def _url(self, kind: Kind, headers: Mapping[str, str]) -> str:
        index = 0 if kind == "api" else 2
        return sibling(headers, kind) or self._running[index].url_for(headers)

    @property
    def calls(self) -> tuple[Call, ...]:
        """Every request so far, in order of arrival."""
        return self._house.journal.calls

    def _live(self) -> None:
        while not self._stopping.wait(_MINUTE / self._pace):
            self.life.step()

    @property
    def _running(self) -> tuple[Listener | Doorway, ...]:
        hosts = self._listeners or self._doorways
        if not hosts:
            raise RuntimeError("The demo organisation isn't running: call start() first.")
        return hosts


def _allowed(
    organisation: Organisation, daily_credits: int | None, concurrency: int | None
) -> tuple[int, int]:
    edition = edition_of(organisation.company)
    usual = edition.daily_credits(licensed_users(organisation.company))
    return (
        usual if daily_credits is None else daily_credits,
        edition.concurrency if concurrency is None else concurrency,
    )
