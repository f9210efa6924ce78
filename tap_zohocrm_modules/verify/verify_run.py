"""Compares the tables of the selected streams with Zoho, one stream after the other."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Collection, Iterable, Iterator
from datetime import datetime

from singer_sdk import Stream
from singer_sdk.mapper import RemoveRecordTransform

from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.streams.audit_log import AuditLogStream
from tap_zohocrm_modules.streams.base import RowStream, ZohoStream
from tap_zohocrm_modules.streams.children import ChildStream
from tap_zohocrm_modules.streams.deleted_records import DeletedRecordsStream
from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.streams.sync_report import SyncReportStream
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.verify.errors import WarehouseError
from tap_zohocrm_modules.verify.faults import StreamResult
from tap_zohocrm_modules.verify.loaded_table import LoadedTable
from tap_zohocrm_modules.verify.records import RecordComparison, Terms
from tap_zohocrm_modules.verify.repair import Repair
from tap_zohocrm_modules.verify.report import line
from tap_zohocrm_modules.verify.rows import RowComparison, WholeStream
from tap_zohocrm_modules.verify.warehouse.opening import open_warehouse
from tap_zohocrm_modules.verify.warehouse.table import Warehouse
from tap_zohocrm_modules.verify.zoho_records import ZohoRecords
from tap_zohocrm_modules.zoho.records.conversions import TypeMismatchError
from tap_zohocrm_modules.zoho.transport.errors import RunEndError, ZohoError
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)


def open_for(settings: Settings, where: str, schema: str | None) -> Warehouse:
    """Return the warehouse; WarehouseError: it cannot be reached."""
    config = settings.batch_config
    prefix = config.prefix if config else ""
    return open_warehouse(where, schema, seconds=settings.request_timeout, prefix=prefix)


@dataclasses.dataclass(eq=False)
class Verification:
    """The comparison of some streams with their tables."""

    run: Run
    warehouse: Warehouse
    sample: int
    names: Collection[str]  # of all streams that tables may belong to
    began_at: datetime  # by Zoho's clock: what changes from then on is not a fault
    _faulty: list[tuple[Stream, RecordComparison | RowComparison, StreamResult]] = (
        dataclasses.field(default_factory=list, init=False)
    )

    def results(self, streams: Iterable[Stream]) -> Iterator[StreamResult]:
        """Yield what each selected stream's comparison has found; a failure stops no other."""
        ended: RunEndError | None = None
        for stream in streams:
            if not (isinstance(stream, ZohoStream) and stream.selected):
                continue
            if ended is not None:
                result = StreamResult(stream.name, problem=str(ended))
            else:
                result, ended = self._of(stream)
            logger.log(logging.INFO if result.is_equal else logging.WARNING, "%s", line(result))
            yield result

    def _of(self, stream: ZohoStream) -> tuple[StreamResult, RunEndError | None]:
        credits_spent = self.run.client.credits.spent
        ended = None
        result = StreamResult(stream.name)
        try:
            result = self._compared(stream)
        except RunEndError as error:
            result.problem, ended = str(error), error
        except (ZohoError, TypeMismatchError) as error:
            result.problem = str(error)
        result.credits = self.run.client.credits.spent - credits_spent
        return result, ended

    def _compared(self, stream: ZohoStream) -> StreamResult:
        if isinstance(stream, (AuditLogStream, DeletedRecordsStream, SyncReportStream)):
            return StreamResult(stream.name, note=_KEEPS_MORE)
        if not isinstance(stream, (RecordStream, RowStream, ChildStream)):
            raise WarehouseError("Nothing here knows how to compare a stream of this kind.")
        comparison = self.comparison(stream)
        result = comparison.result()
        if result.faults:
            self._faulty.append((stream, comparison, result))
        return result

    def repair(self, *, everything: bool) -> None:
        """Write the messages that mend the faults so far; `everything` however many they are."""
        for stream, comparison, result in self._faulty:
            credits_spent = self.run.client.credits.spent
            repair = Repair(result, everything)
            try:
                if isinstance(comparison, RecordComparison):
                    repair.records(comparison.zoho.stream, comparison.zoho)
                elif isinstance(stream, (RowStream, ChildStream)):
                    repair.rows(stream, comparison)
            except ZohoError as error:
                result.problem = str(error)
            result.credits += self.run.client.credits.spent - credits_spent
            if result.mended is not None:
                logger.info(
                    "%s: what was written mends %d of %s.",
                    result.stream,
                    result.mended,
                    counted(len(result.faults), "fault"),
                )

    def comparison(self, stream: RecordStream | WholeStream) -> RecordComparison | RowComparison:
        """Return the comparison of a stream; WarehouseError: it has no table."""
        stream_map = stream.stream_maps[0]
        keys = tuple(stream_map.transformed_key_properties or ())
        is_removed = isinstance(stream_map, RemoveRecordTransform)
        if len(stream.stream_maps) > 1 or is_removed or not keys:
            raise WarehouseError("Its stream map leaves no one table with its key to compare.")
        names = {stream_map.stream_alias, *self.names} - {stream.name}
        table = self.warehouse.table(stream_map.stream_alias, names)
        columns = stream.sent_columns
        loaded = LoadedTable.from_table(table, columns, keys)
        if not isinstance(stream, RecordStream):
            return RowComparison(stream, loaded)
        begin, began_at = self.run.settings.start_date, self.began_at
        terms = Terms(columns, stream.as_emitted, self.sample, begin, began_at)
        return RecordComparison(ZohoRecords(self.run, stream), loaded, terms)


_KEEPS_MORE = "its table keeps what Zoho forgets, so that there is nothing to compare it with."
