"""One run's read of the audit log: exports that somebody made, or those that it asks for itself."""

from __future__ import annotations

import contextlib
import dataclasses
import itertools
import json
import logging
import tempfile
from collections.abc import Iterator, MutableMapping, Sequence
from datetime import datetime, timedelta, timezone
from typing import Any, BinaryIO, cast

import msgspec

from tap_zohocrm_modules.definitions.export import Export
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.sync.state import VERSION, AuditLogState, AuditLogWork
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.zoho.audit_log.exports import AuditLogExports, ExportJob
from tap_zohocrm_modules.zoho.audit_log.files import DamagedFileError, ExportFiles, LogEntry
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import counted, one_line

logger = logging.getLogger(__name__)

AUDITED_TIME = "audited_time"
"""The column that bookmarks the stream."""

_MOST_TRIES = 3
# Zoho keeps three years.
_EVERYTHING = timedelta(days=1_461)
_HOW_TO_MAKE = (
    "Export it as a user with the Administrator profile (in Zoho: Setup, Security Control, Audit"
    " Log, Export Audit Log) and run again, or set audit_log_export, with which the tap asks for"
    " exports itself."
)


@dataclasses.dataclass(frozen=True, slots=True)
class LogStep:
    """Entries to be emitted, and the stream's part of STATE after them."""

    entries: Sequence[LogEntry]
    state: AuditLogState
    saves: bool = False  # STATE is to be written in any case


@dataclasses.dataclass(eq=False)
class AuditLogRead:
    """What one run reads of the audit log."""

    run: Run
    log: Export
    is_whole: bool  # everything is read, whatever STATE says
    whole_state: MutableMapping[str, Any]

    def __post_init__(self) -> None:
        """Read STATE; StateError: this tap did not write it."""
        self.part = StatePart(self.whole_state, self.log.name, AuditLogState, self.run.environment)
        found = AuditLogState(version=VERSION) if self.is_whole else self.part.read()
        # It is in STATE also before there is a bookmark.
        self._state: AuditLogState = msgspec.structs.replace(found, replication_key=AUDITED_TIME)
        self.most = self.run.limits.log_entries
        self._exports = AuditLogExports(self.run.client, self.log)

    @property
    def bookmark(self) -> datetime | None:
        """Up to when entries were asked for; None where nothing was."""
        cutoff = self.run.cutoff
        return self.part.bookmark(self._state, AUDITED_TIME, lambda: cutoff)

    def steps(self) -> Iterator[LogStep]:
        """Yield what the run reads.

        Raises:
            ZohoError: there is nothing to read, or it cannot be read whole.
        """
        bookmark = self.bookmark
        if self.run.settings.audit_log_export:
            yield from self._asked_for(bookmark)
        else:
            yield from self._made_by_others()

    def _made_by_others(self) -> Iterator[LogStep]:
        jobs = self._exports.listed()
        ready = unread_exports(jobs, self._state, self.run.client.server_now())
        if not ready:
            self._explain(jobs)
            return
        for job in ready:
            criteria = "" if job.criteria is None else json.dumps(job.criteria)
            logger.info(
                "%s: reading the export %s, %s%s.",
                self.log.name,
                job.id,
                _ended(job.ended),
                f", of the entries that meet {one_line(criteria)}" if criteria else "",
            )
            work = self._state.work
            if work is None or work.job != job.id:
                work = AuditLogWork(job=job.id)
            with self._fetched(job) as files:
                self._warn_of_limit(job, files)
                yield from self._emitted(files, work)
            yield self._read_up(job)

    def _warn_of_limit(self, job: ExportJob, files: ExportFiles) -> None:
        if files.count >= self.most:
            logger.warning(
                "%s: the export %s has %s, where Zoho's exports end: older ones may lack. Export"
                " shorter spans of time, or set audit_log_export.",
                self.log.name,
                job.id,
                counted(files.count, "row"),
                extra=about(self.log.name),
            )

    def _explain(self, jobs: Sequence[ExportJob]) -> None:
        """Say why there is nothing to read; ZohoError: nothing has ever been, or was missed."""
        now, last = self.run.client.server_now(), self._state.read_until
        running = [one for one in jobs if not (one.is_finished or one.has_failed)]
        missed = [
            one
            for one in jobs
            if one.is_finished and one.has_expired(now) and one.ended is not None
            if last is None or one.ended > last
        ]
        if last is not None and not missed:
            logger.info(
                "%s: no export since the one that was read, %s.", self.log.name, _ended(last)
            )
            return
        if running:
            problem = f"the export {running[0].id} is not finished yet"
        elif missed:
            problem = f"the files of the export {max(missed, key=_age).id} have expired"
        else:
            problem = "Zoho lists none that is finished"
        raise ZohoError(f"There is no export of the audit log to read: {problem}. {_HOW_TO_MAKE}")

    def _asked_for(self, bookmark: datetime | None) -> Iterator[LogStep]:
        cutoff, failures = self.run.cutoff, 0
        begin = self.run.settings.start_date or cutoff - _EVERYTHING
        since = begin if bookmark is None else bookmark - self.run.lookback
        until, work = cutoff, self._state.work
        while since < cutoff:
            if work is None or work.since is None or work.until is None:
                work = AuditLogWork(self._exports.create(since, until), since, until)
                yield self._moved(saves=True, work=work)
            job = self._exports.finished(work.job)
            since, until = work.since or since, work.until or until
            if job is None:
                failures += 1
                if failures == _MOST_TRIES:
                    raise ZohoError(
                        f"Zoho has failed or lost {failures} exports of the audit log"
                        f" ({_span(since, until)}): run again later."
                    )
                work = None
                continue
            with self._fetched(job) as files:
                if files.count >= self.most:
                    until, work = self._half(since, until, files), None
                    continue
                yield from self._emitted(files, work)
            yield self._read_up(job, replication_key_value=max(until, bookmark or until))
            # What a span of this length has, the next one may have as well.
            since, until, work = until, min(cutoff, until + (until - since)), None

    def _half(self, since: datetime, until: datetime, files: ExportFiles) -> datetime:
        middle = since + timedelta(seconds=(until - since) // timedelta(seconds=2))
        if middle <= since:
            raise ZohoError(
                f"The audit log has {counted(files.count, 'row')} or more {_span(since, until)},"
                " where Zoho's exports end: no export can have them all."
            )
        logger.info(
            "%s: an export ends at %s: half the time is asked for, %s.",
            self.log.name,
            counted(files.count, "row"),
            _span(since, middle),
        )
        return middle

    @contextlib.contextmanager
    def _fetched(self, job: ExportJob) -> Iterator[ExportFiles]:
        """Fetch the files of an export; ZohoError: they cannot be had whole."""
        for left in reversed(range(_MOST_TRIES)):
            with contextlib.ExitStack() as stack:
                files: list[BinaryIO] = []
                for link in job.links:
                    file = cast("BinaryIO", stack.enter_context(tempfile.TemporaryFile()))
                    self.run.client.download(self._exports.file_call(link), file)
                    files.append(file)
                try:
                    found = ExportFiles(files)
                except DamagedFileError as error:
                    if not left:
                        raise UnreadableAnswerError(
                            f"The file of the export {job.id} {error}, {_MOST_TRIES} times: run"
                            " again."
                        ) from error
                    continue
                yield found
                return

    def _emitted(self, files: ExportFiles, work: AuditLogWork) -> Iterator[LogStep]:
        """Yield the entries of an export that an earlier run has not emitted."""
        entries = itertools.islice(files.entries(), work.emitted, None)
        while some := list(itertools.islice(entries, self.run.limits.log_entries_per_state)):
            work = msgspec.structs.replace(work, emitted=work.emitted + len(some))
            yield dataclasses.replace(self._moved(saves=True, work=work), entries=some)

    def _read_up(self, job: ExportJob, **changes: Any) -> LogStep:
        """Note that an export has been emitted whole."""
        ended, last = job.ended or self.run.cutoff, self._state.read_until
        read = [*self._state.read, job.id] if ended == last else [job.id]
        if last is None or ended >= last:
            changes |= {"read": read, "read_until": ended}
        return self._moved(saves=True, work=None, **changes)

    def _moved(self, *, saves: bool = False, **changes: Any) -> LogStep:
        self._state = msgspec.structs.replace(self._state, **changes)
        return LogStep((), self._state, saves=saves)


def unread_exports(
    jobs: Sequence[ExportJob], state: AuditLogState, now: datetime
) -> list[ExportJob]:
    """Return which exports are to be read, the oldest first.

    At first that is the newest one, later all that were finished since.

    Args:
        jobs: The exports that Zoho lists.
        state: What earlier runs have read.
        now: What has expired by now cannot be read.
    """
    ready = [one for one in jobs if one.is_finished and one.links and not one.has_expired(now)]
    ready.sort(key=_age)
    last, work = state.read_until, state.work
    if last is not None:
        return [one for one in ready if _age(one)[0] >= last and one.id not in state.read]
    begun = [place for place, one in enumerate(ready) if work is not None and one.id == work.job]
    return ready[begun[0] :] if begun else ready[-1:]


def _age(job: ExportJob) -> tuple[datetime, str]:
    return job.ended or datetime.min.replace(tzinfo=timezone.utc), job.id


def _ended(ended: datetime | None) -> str:
    return f"finished at {'an unknown time' if ended is None else rfc3339(ended)}"


def _span(since: datetime, until: datetime) -> str:
    return f"from {rfc3339(since)} to {rfc3339(until)}"
