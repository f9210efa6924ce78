"""Reads one module's records by the cheapest read path, and by the next one where Zoho refuses."""

from __future__ import annotations

import dataclasses
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from datetime import datetime
from typing import Any

from tap_zohocrm_modules.zoho.records.completing.absences import Absences
from tap_zohocrm_modules.zoho.records.completing.converted_leads import ConvertedLeads
from tap_zohocrm_modules.zoho.records.completing.missing_fields import MissingFieldFetcher
from tap_zohocrm_modules.zoho.records.count import count_by_api
from tap_zohocrm_modules.zoho.records.model import ID
from tap_zohocrm_modules.zoho.records.planner import Planner
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.queries import WholeQueries
from tap_zohocrm_modules.zoho.records.read_path import PathPlan, Reading, ReadPath
from tap_zohocrm_modules.zoho.records.reading import (
    Executors,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.records.records import Records, Rows
from tap_zohocrm_modules.zoho.records.unfilled import UnfilledFields
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.stream_warnings import about

logger = logging.getLogger(__name__)

PATH, WITHOUT, EMPTY = "path", "without", "empty"


class RecordEngine:
    """Reads one module's records, by the path named `only` or else by the cheapest."""

    def __init__(
        self,
        source: Source,
        paths: Sequence[ReadPath],
        executors: Executors,
        only: str | None = None,
    ) -> None:
        self._source, self._executors = source, executors
        self._planner = Planner(source, paths, only)
        self.expected: int | None = None  # how many records a first read will deliver, once known
        self._sample: Records = Rows()
        self.path: str | None = None  # by which records are read, once it is chosen
        self.beginnings = 0  # how often a window was read from its beginning

    def pages(
        self, window: Window, *, checkpoint: Mapping[str, Any] | None = None
    ) -> Iterator[Page]:
        """Yield the records of a window.

        An earlier, unfinished read goes on at its `checkpoint`.
        """
        try:
            plan = self._resumed(checkpoint)
            if plan is not None:
                self._explain(plan, "going on where an earlier run ended")
                yield from self._read(plan, window, checkpoint=checkpoint)
                return
            self.beginnings += 1
            yield from (self._first if window.unstamped else self._increment)(window)
        except PathRefusedError as refused:
            self._refuse(refused)
            yield from self.pages(window)

    def _refuse(self, refused: PathRefusedError) -> frozenset[str]:
        """Do without what Zoho has refused, and return the fields; empty if it is the module."""
        fresh = self._planner.refuse(refused)
        self._say(
            "not all read by %s, since Zoho refuses %s there (%s)",
            self._planner.paths[refused.path].label,
            f"the field {', '.join(sorted(fresh))}" if fresh else "the module",
            refused.error.refusal,
        )
        return fresh

    @property
    def queries(self) -> WholeQueries | None:
        """What can be asked about the records; None if nothing can."""
        found = self._planner.whole_queries(self._executors, self._refuse)
        return found if found is not None and found.usable else None

    def changed_ids(self, since: datetime, until: datetime, by: str) -> list[str] | None:
        """Return the ids of the records changed in a span of time, by a field with a time.

        None if no path can be asked for them.
        """
        queries = self.queries
        if queries is None:
            return None
        try:
            return [*queries.keys.changed_ids(since, until, by)]
        except PathRefusedError:
            return None

    def queried(self, ids: Sequence[str]) -> dict[str, Record]:
        """Return records of these ids, whole, where a query takes fewer credits than lists do.

        Others may be there as well: of those that are lacking nothing is known.
        """
        queries = self.queries
        if queries is None or not queries.is_cheaper_by_id:
            return {}
        try:
            return {record[ID]: record for page in queries.by_ids(ids) for record in page}
        except PathRefusedError as refused:
            self._refuse(refused)
            return self.queried(ids)

    def _resumed(self, checkpoint: Mapping[str, Any] | None) -> PathPlan | None:
        """Return the plan by which an earlier run's read goes on, None if it does not.

        Raises:
            ZohoError: this tap has not written the checkpoint.
        """
        if checkpoint is None or PATH not in checkpoint:
            return None
        name, without = checkpoint[PATH], checkpoint.get(WITHOUT, [])
        empty = checkpoint.get(EMPTY, [])
        are_lists = isinstance(without, list) and isinstance(empty, list)
        if not (isinstance(name, str) and name in self._planner.paths and are_lists):
            raise ZohoError(
                f"{self._source.stream}: STATE has a position of the read path {str(name)[:40]!r},"
                " which this tap does not write. Remove the stream's part of STATE to load it anew."
            )
        # A job that is taken up again does not hold them.
        self._source.refusals.take_up(name, map(str, without))
        self._planner.empty = frozenset(map(str, empty))
        return next((plan for plan in self._planner.plans() if plan.path.name == name), None)

    def _increment(self, window: Window) -> Iterator[Page]:
        plan = self._planner.opening_of_changes()
        self._explain(plan, f"changes since {window.since:%Y-%m-%dT%H:%M:%SZ}")
        is_whole = plan.path.is_complete
        leads = None if is_whole else self._converted_leads(window)
        read = 0
        is_counted = len(self._planner.plans()) == 1
        for page in self._read(plan, window, leads=leads):
            yield page
            read += len(page.records)
            few = read <= self._source.limits.uncounted_changes
            if is_counted or page.watermark is None or few:
                continue
            is_counted = True
            rest = dataclasses.replace(window, since=page.watermark)
            left = self._planner.count(rest)
            if left is None:
                continue
            self.expected = read + left
            better = self._planner.compared(left)
            if better.plan.path is not plan.path:
                self._explain(better.plan, f"many changes: {better.why}")
                yield from self._read(better.plan, rest, leads=leads)
                return

    def _first(self, window: Window) -> Iterator[Page]:
        only_plan = self._planner.only_plan()
        if only_plan is not None or self.expected is not None:
            if only_plan is None:
                # Counted before one of the paths was refused.
                self._find_unfilled(window)
            choice = only_plan or self._planner.compared(self.expected)
            self._explain(choice.plan, choice.why)
            yield from self._read(choice.plan, window)
            return
        begun = self._planner.opening()
        counting: list[Future[int | None]] = []

        def count(page: Page) -> None:
            # While what the path does not deliver of the first page is fetched.
            if not counting and not page.is_everything:
                counting.append(self._executors.single.submit(self._count, window))

        pages = self._read(begun, window, on_page=count)
        opening = next(pages)
        if not counting:
            self._explain(begun, f"{len(opening.records):,} records, which one call returns")
        else:
            # What has been read counts, should this be the cheapest path to go on with.
            self.expected = counting[0].result()
            self._sample = opening.records
            self._find_unfilled(window)
            choice = self._planner.compared(self.expected, begun, len(opening.records))
            self._explain(choice.plan, choice.why)
            if choice.plan.path is not begun.path:
                yield from self._read(choice.plan, window)
                return
        yield from itertools.chain([opening], pages)

    def _count(self, window: Window) -> int | None:
        number = self._planner.count(window)
        return count_by_api(self._source) if number is None else number

    def _read(
        self,
        plan: PathPlan,
        window: Window,
        *,
        checkpoint: Mapping[str, Any] | None = None,
        leads: ConvertedLeads | None = None,
        on_page: Callable[[Page], object] | None = None,
    ) -> Iterator[Page]:
        """Yield what a plan reads.

        `leads` has looked out since before the window; `on_page` is called with each page as the
        path yields it, before anything is added.
        """
        queries = self._planner.whole_queries(self._executors, self._refuse)
        reading = Reading(
            self._source,
            plan,
            window,
            self._executors,
            checkpoint,
            expected=lambda: self.expected if checkpoint is None else None,
            queries=queries,
        )
        if plan.path.is_complete:
            for page in plan.path.pages(reading):
                if on_page is not None:
                    on_page(page)
                yield page
            return
        leads = leads or self._converted_leads(window)
        absences = Absences(self._source, None if queries is None else queries.still_listed)
        fetcher = MissingFieldFetcher(self._source, plan.lacking, self._executors, absences)
        for page in plan.path.pages(reading):
            if on_page is not None:
                on_page(page)
            records = fetcher.completed(page.records, page.ambiguous)
            reached = page.watermark
            if leads is not None:
                leads.note(records)
                reached = leads.reached(reached)
            yield dataclasses.replace(
                page,
                records=records,
                watermark=reached,
                checkpoint=self._place(plan, page.checkpoint),
            )
        if leads is not None:
            yield from (Page(page.records) for page in leads.missing())

    def _converted_leads(self, window: Window) -> ConvertedLeads | None:
        if not self._source.converts:
            return None

        def read_all() -> Iterator[Page]:
            plans = self._planner.all_plans().values()
            plan = next(plan for plan in plans if plan.path.is_complete)
            return plan.path.pages(
                Reading(self._source, plan, window, self._executors, converted=True)
            )

        return ConvertedLeads(self._source, window, self._executors, read_all)

    def _place(
        self, plan: PathPlan, checkpoint: Mapping[str, Any] | None
    ) -> Mapping[str, Any] | None:
        if checkpoint is None:
            return None
        refused, empty = self._source.refusals.fields_on(plan.path.name), self._planner.empty
        without = {WITHOUT: sorted(refused)} if refused else {}
        unfilled = {EMPTY: sorted(empty)} if empty else {}
        return {**checkpoint, PATH: plan.path.name, **without, **unfilled}

    def _find_unfilled(self, window: Window) -> None:
        """Find out which fields nobody fills, before plans are compared."""
        if self.expected is not None:
            fields = UnfilledFields(self._planner, window, self._sample)
            for vacancy in fields.find(self.expected):
                logger.warning(
                    "%s: %s", self._source.stream, vacancy, extra=about(self._source.stream)
                )

    def _explain(self, plan: PathPlan, why: str) -> None:
        self.path, lacking, every = plan.path.name, len(plan.lacking), len(self._source.fields)
        more = f", {lacking} of {every} fields by Get Records" if lacking else ""
        self._say("read by %s%s: %s", plan.path.label, more, why)

    def _say(self, text: str, *values: object) -> None:
        logger.info(f"%s: {text}.", self._source.stream, *values)  # noqa: G004 - the text is ours
