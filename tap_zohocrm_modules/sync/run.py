"""What the streams of one run have in common."""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import logging
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Executor
from datetime import datetime, timedelta
from typing import Any, Generic, TypeVar

from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.sync.connection import connect
from tap_zohocrm_modules.sync.deletions.listed import DeletionLists
from tap_zohocrm_modules.sync.privacy import privacy_of
from tap_zohocrm_modules.sync.probe_notes import limits_of
from tap_zohocrm_modules.sync.progress import RunProgress
from tap_zohocrm_modules.sync.report import RunReport
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.zoho.metadata import (
    MODULES,
    Endpoint,
    EndpointReader,
    EndpointResult,
)
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.private import Privacy
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.read_paths import read_paths
from tap_zohocrm_modules.zoho.records.reading import Executors
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.edition import MOST_CONCURRENCY, concurrency_of
from tap_zohocrm_modules.zoho.transport.errors import ClockError, ZohoError
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch
from tap_zohocrm_modules.zoho.transport.texts import Secrets, guard_log

T = TypeVar("T")

logger = logging.getLogger(__name__)

PAGES_AT_A_TIME = 8
"""How many pages of one module's list are read at a time unless the user says otherwise."""

ORG = "org"
_RECORD_STREAMS_AHEAD, _STEPS_AHEAD = 3, 2
_ENDPOINTS_AHEAD = 12


@dataclasses.dataclass(eq=False)
class StreamsAhead(Generic[T]):
    """Returns what a stream reads, and begins to read the streams after it.

    Singer streams are emitted one after the other. One that began to read in its turn only would
    leave the organisation waiting most of the time. What is read ahead and not emitted is read
    again by the next run.
    """

    order: Sequence[str]  # the streams' names, in the order of their emission
    begin: Callable[[str], T]  # begins to read a stream, and returns what it yields
    most: int  # how many streams are begun before their turn
    _begun: dict[str, T] = dataclasses.field(default_factory=dict, init=False)

    def take(self, name: str) -> T:
        """Return what a stream yields, for its only reader."""
        place = self.order.index(name) if name in self.order else len(self.order)
        for upcoming in (name, *self.order[place + 1 : place + 1 + self.most]):
            if upcoming not in self._begun:
                self._begun[upcoming] = self.begin(upcoming)
        return self._begun.pop(name)


@dataclasses.dataclass(frozen=True, slots=True)
class Schedule:
    """What the streams of a run read, in the order of their emission."""

    endpoints: Sequence[str] = ()  # the endpoints that streams of metadata read
    # The reads of the streams of records, by stream.
    records: Mapping[str, Callable[[], Iterator[Any]]] = dataclasses.field(default_factory=dict)


@dataclasses.dataclass(eq=False)
class Run:
    """One run against one organisation; nothing is called before it is needed. To be closed."""

    settings: Settings
    options: RunOptions
    _: dataclasses.KW_ONLY
    chosen: frozenset[str] | None = None  # the streams that a catalog chooses; None without one
    has_increments: bool = False  # metadata is read by increments: a cutoff comes before any row
    shows_progress: bool = True  # in the log, or live on a terminal

    def __post_init__(self) -> None:
        self.limits, self._machine = limits_of(self.settings, self.options), self.options.machine
        self.report = RunReport(self.chosen is not None, self.settings.ignore_missing_permissions)
        self.progress = RunProgress()
        self._schedule = Schedule()
        self.private: dict[str, Collection[str]] = {}
        """The private fields of modules, by their API names, as far as streams of them know."""
        self._asks_for_edition = self.settings.max_concurrency is None
        self.deletions = DeletionLists(
            lambda: self.client, self.limits, lambda: self.executors.single
        )
        self._resources = contextlib.ExitStack()
        self.report.warnings.attach()
        self._resources.callback(self.report.warnings.detach)
        self._resources.callback(self.progress.close)

    def schedule(self, schedule: Schedule) -> None:
        """Take what the streams will read; called once, when there are streams."""
        self._schedule = schedule

    def close(self) -> None:
        """Let go of connections, and of the demo organisation if one was started."""
        self._resources.close()

    @functools.cached_property
    def client(self) -> ZohoClient:
        """The organisation that the settings mean."""
        access = connect(self.settings, self._resources, self.options)
        client = self._resources.enter_context(ZohoClient(access, self.options.policy))
        guard_log(client.secrets)
        if self.settings.private_field_key:
            guard_log(Secrets([self.settings.private_field_key]))
        if self.shows_progress:
            self.progress.start(client.credits)
        return client

    @functools.cached_property
    def privacy(self) -> Privacy | None:
        """What becomes of values that Zoho marks as private; None: they are kept."""
        return privacy_of(self.settings)

    @functools.cached_property
    def endpoints(self) -> Mapping[str, Endpoint]:
        """The table of endpoints, with the modules that the settings want."""
        statuses = self.settings.module_statuses
        params = {"status": ",".join(statuses)} if statuses else {}
        modules = dataclasses.replace(MODULES, params=params)
        borrowing = {name: self._borrowing(one) for name, one in self.options.endpoints.items()}
        return {**borrowing, MODULES.name: modules}

    def _borrowing(self, endpoint: Endpoint) -> Endpoint:
        """Return an endpoint that is completed only by what is read anyway, or was asked for."""
        lender = endpoint.completed_by
        if lender is None or self.chosen is None or lender.endpoint in self.chosen:
            return endpoint
        if not self.settings.formula_expressions:
            return dataclasses.replace(endpoint, completed_by=None)
        return dataclasses.replace(
            endpoint, completed_by=dataclasses.replace(lender, is_reported=False)
        )

    @functools.cached_property
    def reader(self) -> EndpointReader:
        """What reads each endpoint once."""
        if self.has_increments:
            # Before the first row is read: what changes from then on is the next run's.
            try:
                _ = self.cutoff
            except ClockError:
                raise
            except ZohoError as error:
                # The first call meets the same failure, in a stream that reports it.
                logger.debug("The cutoff is not known yet: %s", error)
        concurrency = self.settings.max_concurrency or MOST_CONCURRENCY
        reader = EndpointReader(
            self.client,
            self.endpoints,
            concurrency=concurrency,
            removes=self.settings.emit_activate_version_messages,
        )
        self._resources.callback(reader.close)
        return reader

    @functools.cached_property
    def executors(self) -> Executors:
        """Where calls for records are made at the same time."""
        width = self.settings.max_concurrency or PAGES_AT_A_TIME
        return Executors(self._pool("calls"), self._pool("pages"), width, self._widen)

    def _pool(self, name: str) -> Executor:
        pool = self._machine.pool(MOST_CONCURRENCY, f"records {name}")
        self._resources.callback(pool.shutdown, wait=False, cancel_futures=True)
        return pool

    @functools.cached_property
    def records_ahead(self) -> StreamsAhead[Prefetch[Any]]:
        """What the streams of records read from."""
        # With a budget nothing is read that might not be emitted.
        most = 0 if self.settings.credit_budget is not None else _RECORD_STREAMS_AHEAD
        reads = self._schedule.records
        # Made here, by one thread, for all that read ahead.
        _ = self.cutoff, self.executors, self.read_paths

        def begin(name: str) -> Prefetch[Any]:
            thread = self._machine.pool(1, f"read {name}")
            prefetch: Prefetch[Any] = Prefetch.from_items(reads[name], thread, _STEPS_AHEAD)
            self._resources.callback(prefetch.close)
            prefetch.begin()
            return prefetch

        return StreamsAhead(tuple(reads), begin, most)

    @functools.cached_property
    def read_paths(self) -> tuple[ReadPath, ...]:
        """The ways to read a module."""
        return read_paths(self.limits, DownloadPacer(self._machine))

    @functools.cached_property
    def cutoff(self) -> datetime:
        """The instant that all streams of records are read up to, by the server's clock.

        ZohoError: there is no token, and so no answer that has the time.
        """
        return self.client.server_now() - timedelta(seconds=self.settings.cutoff_lag)

    @property
    def environment(self) -> str:
        """The organisation's environment, which STATE is of."""
        return self.settings.environment.value

    @property
    def lookback(self) -> timedelta:
        """How long before its bookmark an increment asks again."""
        return timedelta(seconds=self.settings.lookback)

    @functools.cached_property
    def _endpoints_ahead(self) -> StreamsAhead[Iterable[EndpointResult]]:
        return StreamsAhead(self._schedule.endpoints, self.reader.results, _ENDPOINTS_AHEAD)

    def results(self, endpoint: str) -> Iterator[EndpointResult]:
        """Yield what an endpoint returns, for its stream, and forget it."""
        results = self._endpoints_ahead.take(endpoint)
        order = self._endpoints_ahead.order
        endpoints = [self.endpoints[name] for name in order]
        # For a few calls it does not matter how many may be simultaneous.
        if len(order) > 1 or any(one.for_each or one.detail for one in endpoints):
            self._ask_for_edition()
        yield from results
        self.reader.forget(endpoint)

    def _ask_for_edition(self) -> None:
        """Let as many calls be made at a time as the organisation's edition allows."""
        if self._asks_for_edition:
            self._asks_for_edition = False
            for result in self.reader.results(ORG):
                for org in result.rows:
                    self.client.allow(concurrency_of(org))

    def _widen(self) -> None:
        """Begin to ask for the edition, unless a budget leaves no credit for it."""
        if self._asks_for_edition and self.settings.credit_budget is None:
            self.executors.single.submit(self._ask_for_edition)
