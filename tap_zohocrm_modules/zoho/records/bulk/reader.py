"""Reads a module by Bulk Read: first loads of 200,000 records a job.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

import csv
import dataclasses
import functools
import io
import itertools
import tempfile
import zipfile
import zlib
from array import array
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, BinaryIO

from tap_zohocrm_modules.zoho.records.bulk.jobs import BulkJobs, DownloadPacer, Result
from tap_zohocrm_modules.zoho.records.bulk.tag_names import tag_names
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.projection import Projection, Record
from tap_zohocrm_modules.zoho.records.reading import (
    CONVERTED,
    SPENT,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError, ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339, zoho_literal

JOBS, GIVEN, ROWS = "bulk_jobs", "bulk_pages_given", "bulk_rows_given"

_RECORDS_A_PAGE = 2_000
_MOST_DOWNLOADS = 3
# Jobs are paid for: one more start, should those of an earlier run be gone, and then another.
_MOST_STARTS = 2
# The longest rich text has 50,000 characters, the longest cell that Zoho documents.
_LONGEST_CELL = 1 << 24


class _SpentError(Exception):
    """A job, its result or a token is no good any more."""


class BulkReader:
    """Reads one module's records by Bulk Read.

    Args:
        source: The module, and what Bulk Read is to give of it.
        pacer: What keeps downloads apart.
    """

    def __init__(self, source: Source, pacer: DownloadPacer) -> None:
        self._source = source
        self._jobs = BulkJobs(source, pacer)
        names = functools.partial(tag_names, source)
        self._projection = Projection(source.module.api_name, source.fields, names)
        self.settled: array[int] = array("Q")
        """The ids of the records read so far that have not been changed since the cut."""
        self.jobs_read = 0
        """How many jobs' results have been read."""
        self.took_up = False
        """Whether a job was an earlier run's."""

    @property
    def mismatches(self) -> set[str]:
        """Columns of which a value did not fit, so far."""
        return self._projection.mismatches

    def pages(self, window: Window, position: Mapping[str, Any] | None = None) -> Iterator[Page]:
        """Yield the records of a window in no order, and with each page where to go on.

        Args:
            window: What is wanted; a first read does not end at `until`.
            position: Where an earlier read goes on: its jobs are taken up again.

        Raises:
            PathRefusedError: Bulk Read does not give the module, or a field.
            ZohoError: a call failed, or a result is damaged.
        """
        jobs: list[str] = [str(job) for job in position[JOBS]] if position else []
        given = int(position[GIVEN]) if position else 0
        rows = int(position.get(ROWS, 0)) if position else 0
        taken_up = len(jobs)
        self.took_up = taken_up > 0
        criteria = self._criteria(window)
        until = rfc3339(window.until)
        starts = 0
        while True:
            number = self.jobs_read + 1
            if len(jobs) < number:
                jobs.append(self._jobs.create(number, criteria))
                yield Page((), position={JOBS: list(jobs), GIVEN: given, ROWS: rows})
            with tempfile.TemporaryFile() as file:
                try:
                    result = self._fetched(jobs[number - 1], file, taken_up=number <= taken_up)
                    if result.more and len(jobs) == number:
                        # It runs while this one's records are given.
                        jobs.append(self._following(number + 1, criteria, result))
                        yield Page((), position={JOBS: list(jobs), GIVEN: given, ROWS: rows})
                except _SpentError:
                    # A day has passed, so that pages of then and of now would not fit together.
                    jobs, given, rows, taken_up, self.took_up = [], 0, 0, 0, False
                    self.jobs_read, self.settled = 0, array("Q")
                    starts += 1
                    if starts > _MOST_STARTS:
                        raise ZohoError(
                            f"{self._source.stream}: Zoho has lost the bulk jobs of this run, or"
                            f" their results, {starts} times: run again later."
                        ) from None
                    continue
                read = 0
                for page in self.given(file, result, until):
                    read += len(page.records)
                    if number > given and read > rows:
                        where = {JOBS: list(jobs), GIVEN: given, ROWS: read}
                        yield dataclasses.replace(page, position=where)
            self.jobs_read = number
            if not result.more:
                return
            if number > given:
                given, rows = number, 0
                yield Page((), position={JOBS: list(jobs), GIVEN: given})

    def _following(self, number: int, criteria: Mapping[str, Any] | None, result: Result) -> str:
        try:
            return self._jobs.create(number, criteria, result.token)
        except PathRefusedError as refused:
            if refused.error.refusal.code.upper() in SPENT:
                raise _SpentError from refused
            raise

    def given(self, file: BinaryIO, result: Result, until: str) -> Iterator[Page]:
        """Yield the records in a job's zipped result; those changed before `until` are settled.

        Raises:
            UnreadableAnswerError: it is damaged.
        """
        rows = self._rows(file, result)
        while some := list(itertools.islice(rows, _RECORDS_A_PAGE)):
            records = [record for record, _ in some]
            self.settled.extend(
                int(record[ID]) for record in records if (record.get(MODIFIED_TIME) or "") < until
            )
            yield Page(records, ambiguous=frozenset(r[ID] for r, clear in some if not clear))

    def _fetched(self, job: str, file: BinaryIO, *, taken_up: bool) -> Result:
        """Wait for a job, and fetch its result.

        Raises:
            _SpentError: Zoho has it no more.
        """
        result = self._jobs.wait(job, taken_up=taken_up)
        if result is None:
            raise _SpentError
        if result.count == 0:
            return result
        for _ in range(_MOST_DOWNLOADS):
            if not self._jobs.download(result, file):
                raise _SpentError
            if _is_whole(file):
                return result
        raise UnreadableAnswerError(
            f"{self._source.module.api_name}: the result of the bulk job {job} came damaged"
            f" {_MOST_DOWNLOADS} times: run again."
        )

    def _rows(self, file: BinaryIO, result: Result) -> Iterator[tuple[Record, bool]]:
        if result.count == 0:
            return
        csv.field_size_limit(_LONGEST_CELL)
        count = 0
        with zipfile.ZipFile(file) as archive, archive.open(archive.namelist()[0]) as member:
            # No document says whether there is a byte order mark.
            reader = csv.reader(io.TextIOWrapper(member, "utf-8-sig", newline=""))
            rows = _readable(reader, self._source.module.api_name, result.job)
            header = next(rows, [])
            convert = self._projection.from_csv(header)
            for row in rows:
                if len(row) != len(header):
                    raise UnreadableAnswerError(
                        f"{self._source.module.api_name}: line {reader.line_num} of the result of"
                        f" the bulk job {result.job} has {len(row)} cells of {len(header)}."
                    )
                count += 1
                yield convert(row)
        if count != result.count:
            raise UnreadableAnswerError(
                f"{self._source.module.api_name}: the bulk job {result.job} is said to give"
                f" {result.count} records, and its result has {count}."
            )

    def _criteria(self, window: Window) -> dict[str, Any] | None:
        conditions: list[dict[str, Any]] = []
        if window.since is not None:
            since = _condition("Modified_Time", "greater_equal", zoho_literal(window.since))
            none = _condition("Modified_Time", "equal", "${EMPTY}")
            conditions.append(_group("or", [since, none]) if window.unstamped else since)
            if not window.unstamped:
                until = zoho_literal(window.until)
                conditions.append(_condition("Modified_Time", "less_than", until))
        if any(field.api_name == CONVERTED for field in self._source.module.fields):
            # Jobs that do not speak of conversion may leave converted leads out.
            kinds = [_condition(CONVERTED, "equal", value) for value in ("true", "false")]
            conditions.append(_group("or", kinds))
        if len(conditions) > 1:
            return _group("and", conditions)
        return conditions[0] if conditions else None


def _readable(rows: Iterator[list[str]], name: str, job: str) -> Iterator[list[str]]:
    try:
        yield from rows
    except (csv.Error, UnicodeDecodeError) as error:
        raise UnreadableAnswerError(
            f"{name}: the result of the bulk job {job} is no CSV in UTF-8: {error}."
        ) from error


def _is_whole(file: BinaryIO) -> bool:
    try:
        with zipfile.ZipFile(file) as archive:
            return bool(archive.namelist()) and archive.testzip() is None
    except (zipfile.BadZipFile, zlib.error, EOFError):
        return False


def _condition(api_name: str, comparator: str, value: str) -> dict[str, Any]:
    return {"field": {"api_name": api_name}, "comparator": comparator, "value": value}


def _group(operator: str, conditions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"group_operator": operator, "group": list(conditions)}
