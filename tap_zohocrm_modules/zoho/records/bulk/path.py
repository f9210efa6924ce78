"""The read path `bulk`: first loads, 200,000 records a job.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from typing_extensions import override

from tap_zohocrm_modules.zoho.records.bulk.checkpoint import BulkCheckpoint
from tap_zohocrm_modules.zoho.records.bulk.jobs import BULK_SCOPE
from tap_zohocrm_modules.zoho.records.bulk.reader import BulkReader
from tap_zohocrm_modules.zoho.records.bulk.recheck import ExportCheck
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.path_names import BULK, COQL, REST
from tap_zohocrm_modules.zoho.records.read_path import Reading, ReadPath, is_never_exported
from tap_zohocrm_modules.zoho.records.reading import Page

# A job is asked after a few times and fetched; and then it is made sure that all is there.
_FETCHING_CREDITS = 3
_RECHECK_CREDITS = 6


class BulkPath(ReadPath):
    """Exports a module, 200,000 records a job, for 50 credits each.

    Args:
        pacer: What keeps downloads apart.
    """

    name = BULK
    label = "Bulk Read"
    rank = 2
    scopes = BULK_SCOPE
    benefit = "Bulk Read, the cheapest way to read large modules"
    suits_increments = False
    fallbacks = (REST, COQL)

    def __init__(self, limits: Limits, pacer: DownloadPacer) -> None:
        self._limits = limits
        self._pacer = pacer
        self.max_fields = limits.job_fields
        self.refusal_credits = limits.job_credits

    @override
    def reads(self, module: RecordModule) -> bool:
        return not is_never_exported(module)

    @override
    def credits(self, fields: Sequence[RecordField], records: int) -> int:
        jobs = -(-max(records, 1) // self._limits.job_rows)
        return jobs * self._job_credits + _RECHECK_CREDITS

    @override
    def credits_to_checkpoint(
        self, fields: Sequence[RecordField], records: int, *, by_time: bool
    ) -> int:
        return self._job_credits

    @property
    def _job_credits(self) -> int:
        return self._limits.job_credits + _FETCHING_CREDITS

    @override
    def pages(self, reading: Reading) -> Iterator[Page]:
        checkpoint = None
        if reading.checkpoint is not None:
            checkpoint = BulkCheckpoint.from_state(reading.checkpoint)
            if checkpoint is None:
                raise reading.wrong_checkpoint(dict(reading.checkpoint))
        reader = BulkReader(reading.plan.part_of(reading.source), self._pacer)
        yield from reader.pages(reading.window, checkpoint)
        # Without a path that can be asked nothing shows what an export lacks.
        if reading.queries is not None:
            check = ExportCheck(reading.source, reading.window, reading.queries)
            yield from check.missing(reader)
