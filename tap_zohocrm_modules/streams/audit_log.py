"""The audit log: what people and programs did, as exports of it have it.

https://www.zoho.com/crm/developer/docs/api/v8/download-export-audit-log-result.html
"""

from __future__ import annotations

import contextlib
import re
from collections.abc import Iterator
from typing import Any

from singer_sdk import Tap
from singer_sdk.singerlib.catalog import REPLICATION_INCREMENTAL
from typing_extensions import override

from tap_zohocrm_modules.definitions import export_definitions, load_export_schema
from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.sync.audit_log import AUDITED_TIME, AuditLogRead
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.audit_log.exports import AUDIT_LOG
from tap_zohocrm_modules.zoho.audit_log.files import LogEntry
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.transport.instants import parse, rfc3339
from tap_zohocrm_modules.zoho.transport.json_text import json_text
from tap_zohocrm_modules.zoho.transport.stream_warnings import about
from tap_zohocrm_modules.zoho.transport.texts import one_line


class AuditLogStream(ZohoStream):
    """The entries of the audit log."""

    selected_by_default = False

    def __init__(self, tap: Tap, run: Run) -> None:
        self._log = export_definitions()[AUDIT_LOG].export
        super().__init__(tap, run, name=AUDIT_LOG, schema=load_export_schema(AUDIT_LOG))
        self.primary_keys = self._log.keys
        self.replication_key = AUDITED_TIME
        self._odd_time = ""

    @property
    @override
    def replication_method(self) -> str:
        return self.forced_replication_method or REPLICATION_INCREMENTAL

    @override
    def settle_replication(self) -> None:
        """Read what is new, unless the catalog says FULL_TABLE."""
        self.replication_key = AUDITED_TIME

    @property
    @override
    def makes_version(self) -> bool:
        # What earlier exports had stays, whether a later one has it or not.
        return False

    def read(self) -> AuditLogRead:
        """Return what a run reads of the log, by STATE as it is."""
        return AuditLogRead(self.run, self._log, self.is_full_table, self.whole_state)

    @override
    def emitted_parts(self) -> Iterator[Records]:
        read, start = self.read(), self.run.settings.start_date
        begin = "" if start is None else rfc3339(start)
        outcome = self.run.report.outcome(self.name)
        with self.run.progress.stream(self.name) as progress:
            try:
                for step in progress.awaited(read.steps()):
                    rows = [self._row(entry) for entry in step.entries]
                    rows = [row for row in rows if (row[AUDITED_TIME] or begin) >= begin]
                    yield Rows(rows)
                    outcome.emitted(len(rows))
                    progress.add(len(rows))
                    if step.saves and not self.is_full_table:
                        self.announce_batches()
                        read.part.write(step.state)
                        self.write_changed_state()
            finally:
                self._warn_of_times()

    def _row(self, entry: LogEntry) -> dict[str, Any]:
        return {
            "row_hash": entry.hash,
            "row_number": entry.number,
            AUDITED_TIME: self._time(entry),
            "entry": json_text(dict(entry.cells)),
            ADDITIONAL_PROPERTIES: None,
        }

    def _time(self, entry: LogEntry) -> str | None:
        text = time_of(entry)
        if text:
            with contextlib.suppress(ValueError):
                return rfc3339(parse(text))
            self._odd_time = self._odd_time or text
        return None

    def _warn_of_times(self) -> None:
        if self._odd_time:
            self.logger.warning(
                "Stream %s: times such as %s do not say how far they are from UTC: %s is null, and"
                " entry has them as they are.",
                self.name,
                one_line(repr(self._odd_time), 60),
                AUDITED_TIME,
                extra=about(self.name),
            )


def time_of(entry: LogEntry) -> str:
    """Return the text of the cell that says when something happened; empty without one."""
    # No document has the names of the columns; criteria call this one audited_time.
    names = {re.sub(r"[^a-z0-9]+", "_", name.lower()).strip("_"): name for name in entry.cells}
    found = names.get(AUDITED_TIME) or next(
        (name for key, name in names.items() if key.endswith(("time", "date"))), None
    )
    return entry.cells[found] if found else ""
