"""Reads a module by Bulk Read: first loads of 200,000 records a job.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

import functools
import itertools
import logging
import tempfile
from array import array
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any, BinaryIO

from tap_zohocrm_modules.zoho.records.bulk.checkpoint import BulkCheckpoint
from tap_zohocrm_modules.zoho.records.bulk.jobs import BulkJobs, Result, criteria
from tap_zohocrm_modules.zoho.records.bulk.result_file import is_whole, pages
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.projection import Projection
from tap_zohocrm_modules.zoho.records.reading import (
    SPENT,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    TokenRefusedError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

logger = logging.getLogger(__name__)

_TAGS_SCOPE = "ZohoCRM.settings.tags.READ"
_MOST_DOWNLOADS = 3
# Jobs are paid for: two more exports, should those of an earlier run be gone.
_MOST_EXPORTS = 3
_MOST_ALIKE = 2


class _SpentError(Exception):
    """A job, its result or a token is no good any more."""


class BulkReader:
    """Reads one module's records by Bulk Read.

    Args:
        source: The module, and what Bulk Read is to deliver of it.
        pacer: What keeps downloads apart.
    """

    def __init__(self, source: Source, pacer: DownloadPacer) -> None:
        self._source = source
        self._name = source.module.api_name
        self._jobs = BulkJobs(source, pacer)
        names = functools.partial(tag_names, source)
        private = frozenset(source.module.private)
        self._projection = Projection(self._name, source.fields, source.mismatches, names, private)
        self._digests: Counter[tuple[int, int]] = Counter()
        self.unchanged: array[int] = array("Q")
        """The ids of the records read so far that have not been changed since the cutoff."""
        self.jobs_read = 0
        """How many jobs' results have been read."""

    def pages(self, window: Window, checkpoint: BulkCheckpoint | None = None) -> Iterator[Page]:
        """Yield the records of a window in no order, and with each page where to go on.

        Args:
            window: What is wanted; a first read does not end at `until`.
            checkpoint: Where an earlier read goes on: its jobs are taken up again.

        Raises:
            PathRefusedError: Bulk Read does not deliver the module, or a field.
            ZohoError: a call failed, or a result is damaged.
        """
        yield from self._exports(window, checkpoint or BulkCheckpoint(()), _MOST_EXPORTS)

    def _exports(self, window: Window, start: BulkCheckpoint, most: int) -> Iterator[Page]:
        try:
            yield from self._export(window, start)
        except _SpentError:
            if most == 1:
                raise ZohoError(
                    f"{self._source.stream}: Zoho has lost the bulk jobs of this run, or their"
                    f" results, {_MOST_EXPORTS} times: run again later."
                ) from None
            # A day has passed, so that pages of then and of now would not fit together.
            self.jobs_read, self.unchanged = 0, array("Q")
            self._digests.clear()
            yield from self._exports(window, BulkCheckpoint(()), most - 1)

    def _export(self, window: Window, start: BulkCheckpoint) -> Iterator[Page]:
        jobs = list(start.bulk_jobs)
        pages, rows = start.bulk_pages_given, start.bulk_rows_given
        taken_up = len(jobs)
        wanted = criteria(self._source, window)

        def reached(rows: int) -> Mapping[str, Any]:
            return BulkCheckpoint(tuple(jobs), pages, rows).to_state()

        while True:
            number = self.jobs_read + 1
            if len(jobs) < number:
                jobs.append(self._jobs.create(number, wanted))
                yield Page(Rows(), checkpoint=reached(rows), is_rechecked=True)
            with tempfile.TemporaryFile() as file:
                result = self._fetched(jobs[number - 1], file, taken_up=number <= taken_up)
                if result.more and len(jobs) == number:
                    # It runs while this one's records are emitted.
                    jobs.append(self._following(number + 1, wanted, result))
                    yield Page(Rows(), checkpoint=reached(rows), is_rechecked=True)
                read = 0
                for page in self._pages(file, result, window):
                    read += len(page.records)
                    if number > pages and read > rows:
                        yield Page(
                            page.records,
                            checkpoint=reached(read),
                            ambiguous=page.ambiguous,
                            is_rechecked=True,
                        )
            self.jobs_read = number
            if not result.more:
                return
            if number > pages:
                pages, rows = number, 0
                yield Page(Rows(), checkpoint=reached(0), is_rechecked=True)

    def _following(self, number: int, wanted: Mapping[str, Any] | None, result: Result) -> str:
        try:
            return self._jobs.create(number, wanted, result.token)
        except PathRefusedError as refused:
            if refused.error.refusal.code.upper() in SPENT:
                raise _SpentError from refused
            raise

    def _pages(self, file: BinaryIO, result: Result, window: Window) -> Iterator[Page]:
        """Yield the records in a job's zipped result, and keep the ids of the unchanged ones.

        Raises:
            UnreadableAnswerError: it is damaged, or the same as an earlier one.
        """
        until = rfc3339(window.until)
        count, digest = 0, 0
        for found, ambiguous in pages(file, result, self._source, self._projection):
            ids = found.numbers()
            count, digest = count + len(ids), digest ^ hash(ids.tobytes())
            self.unchanged.extend(itertools.compress(ids, found.changed_before(until)))
            yield Page(found, ambiguous=ambiguous)
        self._digests[count, digest] += 1
        # Once it may be that as many records came as one job exports, and moved all others on.
        if count and result.more and self._digests[count, digest] > _MOST_ALIKE:
            raise UnreadableAnswerError(
                f"{self._name}: the bulk job {result.job} exported the same {count:,} records as"
                " those before it, and announced more: the export would never end. Run again, and"
                " report it if it stays so."
            )

    def _fetched(self, job: str, file: BinaryIO, *, taken_up: bool) -> Result:
        """Wait for a job, and fetch its result.

        Raises:
            _SpentError: Zoho does not have it any more.
        """
        result = self._jobs.wait(job, taken_up=taken_up)
        if result is None:
            raise _SpentError
        if result.count == 0:
            return result
        for _ in range(_MOST_DOWNLOADS):
            if not self._jobs.download(result, file):
                raise _SpentError
            if is_whole(file, self._name, job):
                return result
        raise UnreadableAnswerError(
            f"{self._name}: the result of the bulk job {job} came damaged {_MOST_DOWNLOADS} times:"
            " run again."
        )


def tag_names(source: Source) -> frozenset[str]:
    """Return the names of a module's tags; none where Zoho refuses to list them.

    Bulk Read joins their names by commas, which names may contain, too.
    https://www.zoho.com/crm/developer/docs/api/v8/get-tag-list.html

    Raises:
        ZohoError: the call failed.
    """
    params = (("module", source.module.api_name),)
    call = Call("/settings/tags", _TAGS_SCOPE, params, stream=source.stream)
    try:
        rows = read_rows(source.client, call, "tags")
    except TokenRefusedError:
        raise
    except ApiError as error:
        logger.info(
            "%s: records with several tags are read by Get Records, since Zoho refuses to list the"
            " tags (%s). Allow the scope %s to save these calls.",
            source.stream,
            error.refusal,
            _TAGS_SCOPE,
        )
        return frozenset()
    return frozenset(name for row in rows if isinstance(name := row.get("name"), str))
