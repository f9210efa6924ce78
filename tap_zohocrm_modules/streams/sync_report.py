"""One row per stream and run, so that teams can watch runs in SQL."""

from __future__ import annotations

from collections.abc import Callable, Generator, Iterator, Mapping
from datetime import datetime, timezone
from typing import Any

from singer_sdk import Stream, Tap
from typing_extensions import override

from tap_zohocrm_modules.streams.base import RowStream
from tap_zohocrm_modules.sync.rows.column import column
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.records import Records
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

SYNC_REPORT = "sync_report"
_PARENTS = ("parents_read", "parents_skipped", "parents_failed")
_OF_OUTCOME = (
    "status",
    "error",
    "records",
    "deletions",
    "path",
    "counted",
    "difference",
    *_PARENTS,
)

_SCHEMA: Mapping[str, Any] = {
    "type": "object",
    "description": "One row per run and stream: what was read, what it cost, and how it ended.",
    "properties": {
        "run_started_at": column(
            "string",
            "When the run began, by this machine's clock, in UTC.",
            is_key=True,
            format="date-time",
        ),
        "stream": column("string", "The stream's name.", is_key=True),
        "status": column(
            "string",
            "succeeded; failed; left_out (Zoho does not offer it or refuses it); not_read (the run"
            " ended before).",
        ),
        "error": column("string", "Why it failed or was left out; null otherwise."),
        "records": column("integer", "Records or rows that were emitted, tombstones aside."),
        "deletions": column("integer", "Tombstones that were emitted."),
        "calls": column("integer", "API calls that were made for the stream."),
        "credits": column("integer", "API credits that those calls cost."),
        "retries": column("integer", "Calls among them that were made again."),
        "path": column("string", "How records were read: rest, coql or bulk; null for metadata."),
        "counted": column(
            "integer",
            "Records that Zoho counts, after a read of the whole module; null where it was not"
            " asked.",
        ),
        "difference": column("integer", "Records emitted less records counted."),
        "parents_read": column(
            "integer", "Records whose children were read; null for streams of other kinds."
        ),
        "parents_skipped": column(
            "integer", "Records that were gone by the time their children were asked for."
        ),
        "parents_failed": column(
            "integer", "Records whose children could not be read; the next run asks again."
        ),
        "warnings": column(
            "array", "The warnings that the log has on the stream.", items={"type": "string"}
        ),
        "additional_properties": column("object", "Always null in this stream."),
        "duration_seconds": column("number", "How long reading and emitting took, in seconds."),
    },
}


class SyncReportStream(RowStream):
    """What became of the other streams; it is emitted after all of them."""

    selected_by_default = False

    def __init__(self, tap: Tap, run: Run) -> None:
        super().__init__(tap, run, name=SYNC_REPORT, schema=_SCHEMA)
        self.primary_keys = ("run_started_at", "stream")
        self._started = datetime.now(timezone.utc)
        self._of_run: Callable[[], Mapping[str, Stream]] = lambda: tap.streams
        self.is_emitted = False

    @override
    def parts(self) -> Generator[Records]:
        # It is none of the streams that a run is judged by.
        yield from self.emitted_parts()
        self.announce_batches()

    @override
    def rows(self) -> Iterator[Mapping[str, Any]]:
        self.is_emitted = True
        for name, stream in self._of_run().items():
            if name == self.name or not stream.selected:
                continue
            outcome = self.run.report.outcome(name)
            calls, spent = self.run.client.credits.charged_to(name)
            yield {
                "run_started_at": rfc3339(self._started),
                "stream": name,
                **{name: getattr(outcome, name) for name in _OF_OUTCOME},
                "calls": calls,
                "credits": spent,
                "retries": self.run.client.credits.retries_of(name),
                "warnings": self.run.report.warnings.about(name),
                "duration_seconds": round(outcome.seconds, 3),
            }
