"""What became of each stream: a run fails at its end, naming every stream that is not whole."""

from __future__ import annotations

import dataclasses
import logging
import time
from collections.abc import Collection, Iterator, Mapping

from typing_extensions import override

from tap_zohocrm_modules.sync.progress import duration
from tap_zohocrm_modules.zoho.transport.credits import CreditLedger
from tap_zohocrm_modules.zoho.transport.errors import (
    NotByApiError,
    PermissionRefusedError,
    Refusal,
    UnavailableError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.stream_warnings import about, stream_of
from tap_zohocrm_modules.zoho.transport.texts import counted, one_line, table

logger = logging.getLogger(__name__)

SUCCEEDED, FAILED, LEFT_OUT, NOT_READ = "succeeded", "failed", "left_out", "not_read"

_LOGGERS = ("tap_zohocrm_modules", "tap-zohocrm-modules")
_PASSING = "tap_zohocrm_modules.zoho.transport.retry"
_MOST_WARNINGS = 20
_TO_BE_WARNED = "Or set ignore_missing_permissions, to be warned of it only."
_MOST_ROWS = 12
_HEAD = ("Stream", "Records", "Deleted", "Calls", "Credits", "Time", "Result")
_TEXTS = ("Stream", "Result")


@dataclasses.dataclass(slots=True)
class StreamOutcome:
    """What became of one stream."""

    status: str = NOT_READ  # or succeeded, failed, or left_out where Zoho does not offer it
    error: str | None = None  # why it failed or was left out
    records: int = 0  # that were emitted, or rows
    deletions: int = 0  # tombstones that were emitted
    path: str | None = None  # how the records were read last
    counted: int | None = None  # by Zoho, after a read of the whole module
    difference: int | None = None  # how many more were emitted than counted
    # Records whose children were read, were gone by then, or gave none and are asked for again.
    parents_read: int | None = None
    parents_skipped: int | None = None
    parents_failed: int | None = None
    seconds: float = 0.0
    began: float = dataclasses.field(default_factory=time.monotonic)

    def emitted(self, records: int, deletions: int = 0) -> None:
        """Note that so many more records, or rows, have been emitted, and so many tombstones."""
        self.records += records
        self.deletions += deletions

    def end(self, status: str, error: str | None = None) -> None:
        """Note how the stream ended."""
        self.status, self.error = status, error
        self.seconds = time.monotonic() - self.began


class WarningCollector(logging.Handler):
    """Collects the warnings of a run, each with the stream that it is about."""

    def __init__(self) -> None:
        super().__init__(logging.WARNING)
        self._warnings: list[tuple[str | None, str]] = []

    def attach(self) -> None:
        """Begin to collect."""
        for name in _LOGGERS:
            logging.getLogger(name).addHandler(self)

    def detach(self) -> None:
        """Collect no more."""
        for name in _LOGGERS:
            logging.getLogger(name).removeHandler(self)

    @override
    def emit(self, record: logging.LogRecord) -> None:
        # That a call is made again needs nobody's attention afterwards.
        if record.levelno == logging.WARNING and record.name != _PASSING:
            self._warnings.append((stream_of(record), record.getMessage()))

    def all(self) -> list[str]:
        """Return the warnings so far in their order, equal ones once."""
        return [*dict.fromkeys(text for _, text in self._warnings)]

    def about(self, stream: str) -> list[str]:
        """Return the warnings that are about a stream."""
        return [text for about_it, text in self._warnings if about_it == stream]


class RunFailedError(Exception):
    """The run is over and not complete; each line names what failed, why, and the remedy."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("; ".join(lines))
        self.lines = lines


@dataclasses.dataclass(eq=False)
class RunReport:
    """Collects the failures of a run, so that one stream's does not stop the others."""

    chosen: bool  # the streams were chosen in a catalog, rather than taken as they come
    # A chosen stream that Zoho refuses for want of a scope or a permission is warned of only.
    ignore_missing_permissions: bool

    def __post_init__(self) -> None:
        self._refusals_fail = self.chosen and not self.ignore_missing_permissions
        self._refusals_warn = self.chosen and self.ignore_missing_permissions
        # By reason: one refusal of Zoho's can cost several streams.
        self._failed: dict[str, list[str]] = {}
        self._refused: dict[str, list[str]] = {}
        self._unavailable: dict[str, list[str]] = {}
        self._outcomes: dict[str, StreamOutcome] = {}
        self.volatile: dict[str, list[str]] = {}
        """Fields whose values change without the record's `Modified_Time`, by stream."""
        self.first_reads: dict[str, bool] = {}
        """Streams read without STATE into tables without versions, and whether deletions follow."""
        self.warnings = WarningCollector()
        """The warnings of the run, while it is attached to the log."""

    def outcome(self, stream: str) -> StreamOutcome:
        """Return what became of a stream so far; its time begins when it is first asked for."""
        return self._outcomes.setdefault(stream, StreamOutcome())

    def failed(self, stream: str, error: Exception) -> None:
        """Note that a stream is not whole, and why."""
        if isinstance(error, UnavailableError):
            reasons = self._unavailable
        elif isinstance(error, PermissionRefusedError) and not self._refusals_fail:
            reasons = self._refused
        else:
            reasons = self._failed
        is_left_out = reasons is not self._failed
        self.outcome(stream).end(LEFT_OUT if is_left_out else FAILED, str(error))
        text = str(error)
        if not is_left_out:
            logger.info("%s: failed: %s", stream, text)
        if isinstance(error, PermissionRefusedError) and self._refusals_fail:
            text = f"{text} {_TO_BE_WARNED}"
        reasons.setdefault(text, []).append(stream)

    def not_offered(self, stream: str, refusal: Refusal, *, is_known: bool) -> None:
        """Note that Zoho lists a module, and gives it to nobody: a warning, the first time."""
        self.outcome(stream).end(LEFT_OUT, f"not offered by Zoho: {refusal}")
        if not is_known:
            logger.warning(
                "%s: not offered by Zoho, which lists the module as not viewable and refuses it"
                " (%s). It is left out, and later runs say no more of it.",
                stream,
                refusal,
                extra=about(stream),
            )

    def module_failed(self, stream: str, error: Exception) -> None:
        """Note that a module's records are not whole, and why.

        That the API does not offer a module which is chosen is no matter of the edition: with no
        more than a note it would pass for an empty one.
        """
        if isinstance(error, NotByApiError):
            error = ZohoError(f"{error} It cannot be read: deselect it.")
        self.failed(stream, error)

    def stop(self, stream: str, error: Exception) -> None:
        """Note that no further call can succeed, or may be made, since one for a stream."""
        self.outcome(stream).end(FAILED, str(error))
        self._failed.setdefault(str(error), [])

    def finish(self, ledger: CreditLedger, streams: Collection[str]) -> None:
        """End the run: say what it came to, and last what needs attention.

        Raises:
            RunFailedError: a stream failed, or all that were asked for had to be left out.
        """
        self.warnings.detach()
        failed, refused, unavailable = map(_lines, (self._failed, self._refused, self._unavailable))
        is_any_read = any(one.status == SUCCEEDED for one in self._outcomes.values())
        if not failed and not is_any_read and not self._refusals_warn:
            failed, refused, unavailable = refused + unavailable, [], []
        for line in summary_lines(self._outcomes, ledger):
            logger.info("%s", line)
        if others := ledger.besides(streams):
            logger.info("Read besides, for these streams: %s.", others)
        self._explain_reads()
        for line in unavailable:
            logger.info("Left out, being nothing that this organisation offers: %s", line)
        if not self._refusals_warn:
            for line in refused:
                logger.info("Left out, for want of permission: %s", line)
            refused = []
        if failed:
            # They end the log.
            logger.info("%s", ledger.summary())
        self._list_problems(refused, failed)
        if failed:
            raise RunFailedError(failed)
        logger.info("%s", ledger.summary())

    def _explain_reads(self) -> None:
        """Say what the reads of this run leave to be done."""
        if self.volatile:
            logger.info(
                "These fields change without Modified_Time, so that increments do not see their"
                " changes; set refresh_days to read their modules whole every so many days: %s.",
                "; ".join(f"{name}: {', '.join(f)}" for name, f in self.volatile.items()),
            )
        if self.first_reads:
            logger.info("%s", _about_tables(self.first_reads))

    def _list_problems(self, refused: list[str], failed: list[str]) -> None:
        """Name what needs attention; the failures follow, as the command line's last lines.

        A warning was one when it was due: here it is not counted again.
        """
        warnings = self.warnings.all()
        if not (warnings or refused or failed):
            return
        counts = (("failure", failed), ("warning", warnings + refused))
        logger.info("Problems: %s", ", ".join(counted(len(n), w) for w, n in counts if n))
        for line in warnings[:_MOST_WARNINGS]:
            logger.info("Warning: %s", line)
        if len(warnings) > _MOST_WARNINGS:
            logger.info("And %s above.", counted(len(warnings) - _MOST_WARNINGS, "more warning"))
        for line in refused:
            logger.warning("Left out, for want of permission: %s", line)


def _about_tables(first_reads: Mapping[str, bool]) -> str:
    """Return what tables need that had rows before a first read."""
    listed = [name for name, is_listed in first_reads.items() if is_listed]
    others = [name for name, is_listed in first_reads.items() if not is_listed]
    parts = []
    if listed:
        parts.append(f"the deletions that Zoho still lists were emitted for {', '.join(listed)}")
    if others:
        parts.append(f"no deletions, or not all, were emitted for {', '.join(others)}")
    return (
        f"Read without STATE: {'; '.join(parts)}. A table that was not empty before this run keeps"
        " the rows of records that were deleted earlier (60 days ago or more from the recycle bin,"
        " 120 days for good): empty it and read again, or set emit_activate_version_messages where"
        " the loader honors versions. Empty tables need nothing."
    )


def _lines(reasons: dict[str, list[str]]) -> list[str]:
    return [
        f"{', '.join(streams)}: {reason}" if streams else reason
        for reason, streams in reasons.items()
    ]


def summary_lines(outcomes: Mapping[str, StreamOutcome], ledger: CreditLedger) -> Iterator[str]:
    """Yield the lines of the table: a stream each, of many those of records and the most expensive.

    A column without figures is left out. Nothing is yielded for a single stream, whose own line
    says it all.
    """
    streams = {name: one for name, one in outcomes.items() if one.status != NOT_READ}
    if len(streams) <= 1:
        return
    # Records before metadata.
    by_cost = sorted(streams, key=lambda n: (streams[n].path is None, -ledger.charged_to(n)[1]))
    shown = set(by_cost[:_MOST_ROWS])
    rows = [_HEAD, *(_row(name, [name], streams, ledger) for name in streams if name in shown)]
    if others := by_cost[_MOST_ROWS:]:
        rows.append(_row(f"{len(others)} more", others, streams, ledger))
    rows.append(_row("All", [*streams], streams, ledger))
    columns = [column for column in zip(*rows, strict=True) if {*column[1:]} - {"0", ""}]
    yield from table([*zip(*columns, strict=True)], _TEXTS)


def _row(
    title: str, names: list[str], outcomes: Mapping[str, StreamOutcome], ledger: CreditLedger
) -> tuple[str, ...]:
    found = [outcomes[name] for name in names]
    spent = [ledger.charged_to(name) for name in names]
    results = {one.path or "" if one.status == SUCCEEDED else one.status for one in found}
    return (
        one_line(title),
        f"{sum(one.records for one in found):,}",
        f"{sum(one.deletions for one in found):,}",
        f"{sum(calls for calls, _ in spent):,}",
        f"{sum(cost for _, cost in spent):,}",
        duration(sum(one.seconds for one in found)),
        results.pop().replace("_", " ") if len(results) == 1 else "",
    )
