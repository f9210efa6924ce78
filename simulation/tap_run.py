"""One run of the tap in this process: its messages in memory, its end, and its log."""

from __future__ import annotations

import contextlib
import copy
import dataclasses
import functools
import json
import logging
import signal
from collections.abc import Callable, Collection, Iterator, Mapping
from decimal import Decimal
from typing import Any, ClassVar

from typing_extensions import override

from tap_zohocrm_modules.config.parsing import SettingsError
from tap_zohocrm_modules.streams.messages import MessageWriter
from tap_zohocrm_modules.sync.report import RunFailedError
from tap_zohocrm_modules.sync.run_options import RunOptions
from tap_zohocrm_modules.tap import TapZohoCRMModules
from tap_zohocrm_modules.zoho.transport.errors import ZohoError

# Few tries, so that some calls fail for good, and more than the minute in which Zoho allows ten
# downloads: the run before may have made them.


class KilledError(BaseException):
    """The process is killed: nothing that the tap has planned happens any more."""


@dataclasses.dataclass(frozen=True)
class End:
    """How a run ended.

    Attributes:
        kind: `complete`, `failed`, `killed` or `terminated`.
        messages: What was written before.
        error: The text of the failure.
        log: The lines of the log from INFO on.
        tracebacks: Log lines from INFO on that have a traceback.
    """

    kind: str
    messages: list[dict[str, Any]]
    error: str
    log: list[str]
    tracebacks: list[str]


@dataclasses.dataclass
class Output:
    """Takes the messages of a run, until the run is ended after one of them.

    Attributes:
        ends_after: The number of messages after which the run is ended; None for never.
        number: The number of the run, which becomes the version of tables.
        by_signal: Whether SIGTERM ends it, upon which the tap writes STATE, rather than SIGKILL.
        messages: The messages so far.
        terminate: What SIGTERM makes the tap do.
    """

    ends_after: int | None = None
    by_signal: bool = False
    number: int = 1
    messages: list[dict[str, Any]] = dataclasses.field(default_factory=list)
    terminate: Callable[[], object] | None = None

    def take(self, line: bytes) -> None:
        """Take a message as a target would read it.

        Raises:
            KilledError: the run is killed.
            SystemExit: the run is terminated.
        """
        if self._is_over and not self.by_signal:
            raise KilledError
        self.messages.append(json.loads(line, parse_float=Decimal))
        if self._is_over and self.by_signal and self.terminate is not None:
            terminate, self.terminate = self.terminate, None
            terminate()

    @property
    def _is_over(self) -> bool:
        return self.ends_after is not None and len(self.messages) >= self.ends_after


class _Writer(MessageWriter):
    """Hands messages to the output of the run."""

    output: ClassVar[Output]

    @override
    def write_lines(self, lines: bytes) -> None:
        for line in lines.splitlines():
            self.output.take(line)


class _Log(logging.Handler):
    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.tracebacks: list[str] = []

    @override
    def emit(self, record: logging.LogRecord) -> None:
        line = f"{record.levelname} {record.getMessage()}"
        self.lines.append(line)
        if record.exc_info:
            self.tracebacks.append(line)


class SimulatedTap(TapZohoCRMModules):
    """The tap, with messages in memory."""

    message_writer_class = _Writer
    run_number = 0

    @property
    @override
    def initialized_at(self) -> int:
        """When this run began: the real clock would give two runs of one second one version."""
        return 1_000 * self.run_number


def discover(
    config: Mapping[str, Any], options: RunOptions, lists: Collection[str] = ()
) -> dict[str, Any]:
    """Return the catalog of the modules that `record_modules` names, every stream selected.

    Besides those, it has the metadata streams of `lists`, read whole in each run.

    Raises:
        ZohoError: Zoho refuses, or a call failed.
    """
    with _signals_kept(), _opened(config, options) as tap:
        catalog: dict[str, Any] = json.loads(json.dumps(tap.catalog_dict))
    wanted = config["record_modules"]
    names = {*wanted, *lists}
    entries = [entry for entry in catalog["streams"] if entry["tap_stream_id"] in names]
    for entry in entries:
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = True
                if entry["tap_stream_id"] in lists:
                    item["metadata"]["forced-replication-method"] = "FULL_TABLE"
        if entry["tap_stream_id"] in lists:
            entry["replication_method"] = "FULL_TABLE"
    return {"streams": entries}


def run_tap(
    config: Mapping[str, Any],
    catalog: Mapping[str, Any],
    state: Mapping[str, Any],
    options: RunOptions,
    output: Output,
) -> End:
    """Run the tap once; whatever it raises but its own errors is a defect of it."""
    _Writer.output = output
    kind, text = "complete", ""
    with _signals_kept(), _logged() as log:
        try:
            parts = {"catalog": dict(catalog), "state": dict(state)}
            with _opened(config, options, **copy.deepcopy(parts)) as tap:
                tap.run_number = output.number
                output.terminate = functools.partial(tap.write_state_and_exit, signal.SIGTERM)
                tap.setup_mapper()
                tap.run()
        except KilledError:
            kind = "killed"
        except SystemExit:
            kind = "terminated"
        except (RunFailedError, SettingsError, ZohoError) as error:
            kind, text = "failed", str(error)
    return End(kind, output.messages, text, log.lines, log.tracebacks)


def _opened(config: Mapping[str, Any], options: RunOptions, **parts: Any) -> SimulatedTap:
    return SimulatedTap(config=dict(config), options=options, setup_mapper=False, **parts)


@contextlib.contextmanager
def _logged() -> Iterator[_Log]:
    log, root = _Log(), logging.getLogger()
    level = root.level
    root.addHandler(log)
    root.setLevel(logging.INFO)
    try:
        yield log
    finally:
        root.removeHandler(log)
        root.setLevel(level)


@contextlib.contextmanager
def _signals_kept() -> Iterator[None]:
    """Keep what signals do, which a tap changes when it is made."""
    kept = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield
    finally:
        for number, handler in kept.items():
            signal.signal(number, handler)
