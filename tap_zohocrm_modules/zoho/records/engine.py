"""Reads one module's records by the cheapest read path, and by the next one where Zoho refuses."""

from __future__ import annotations

import dataclasses
import itertools
import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future
from typing import Any

from tap_zohocrm_modules.zoho.records.count import count_by_api
from tap_zohocrm_modules.zoho.records.planner import USUAL_INCREMENT, Planner
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.read_path import Reading, ReadPath, ReadPlan
from tap_zohocrm_modules.zoho.records.reading import (
    Executors,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.records.rest.converted_leads import ConvertedLeads
from tap_zohocrm_modules.zoho.records.rest.missing_fields import MissingFieldFetcher
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.texts import counted

logger = logging.getLogger(__name__)

PATH, WITHOUT, EMPTY = "path", "without", "empty"


class ModuleReader:
    """Reads one module's records, by the path named `only` or else by the cheapest."""

    def __init__(
        self,
        source: Source,
        paths: Sequence[ReadPath],
        executors: Executors,
        only: str | None = None,
    ) -> None:
        self._source = source
        self._executors = executors
        self._planner = Planner(source, paths, only)
        self.expected: int | None = None
        """How many records a first read will deliver, once that is known."""
        self._sample: Sequence[Record] = ()
        self.path: str | None = None
        """The path by which records are read, once it is chosen."""

    def pages(
        self, window: Window, *, first: bool, checkpoint: Mapping[str, Any] | None
    ) -> Iterator[Page]:
        """Yield the records of a window.

        It is the `first` if nothing has been read to its end before; an earlier, unfinished read
        goes on at its `checkpoint`.
        """
        try:
            plan = self._resumed(checkpoint)
            if plan is not None:
                self._explain(plan, "going on where an earlier run ended")
                yield from self._read(plan, window, first=first, checkpoint=checkpoint)
            elif first:
                yield from self._first(window)
            else:
                yield from self._increment(window)
        except PathRefusedError as refused:
            fresh = self._planner.refuse(refused)
            self._say(
                "not all read by %s, since Zoho refuses %s there (%s)",
                self._planner.paths[refused.path].label,
                f"the field {', '.join(sorted(fresh))}" if fresh else "the module",
                refused.error.refusal,
            )
            yield from self.pages(window, first=first, checkpoint=None)

    def _resumed(self, checkpoint: Mapping[str, Any] | None) -> ReadPlan | None:
        """Return the plan by which an earlier run's read goes on, None if it does not.

        Raises:
            ZohoError: this tap has not written the checkpoint.
        """
        if checkpoint is None or PATH not in checkpoint:
            return None
        name, without = checkpoint[PATH], checkpoint.get(WITHOUT, [])
        empty = checkpoint.get(EMPTY, [])
        if not (
            isinstance(name, str)
            and name in self._planner.paths
            and isinstance(without, list)
            and isinstance(empty, list)
        ):
            raise ZohoError(
                f"{self._source.stream}: STATE has a position of the read path {str(name)[:40]!r},"
                " which this tap does not write. Remove the stream's part of STATE to load it anew."
            )
        # A job that is taken up again does not hold them.
        self._source.refusals.take_up(name, map(str, without))
        self._planner.empty = frozenset(map(str, empty))
        return next((plan for plan in self._planner.plans() if plan.path.name == name), None)

    def _increment(self, window: Window) -> Iterator[Page]:
        plans = self._planner.plans()
        plan = self._planner.opening(plans, USUAL_INCREMENT)
        self._explain(plan, f"changes since {window.since:%Y-%m-%dT%H:%M:%SZ}")
        is_whole = plan.path.is_complete
        leads = None if is_whole else ConvertedLeads(self._source, window, self._executors)
        read = 0
        is_counted = len(plans) == 1
        for page in self._read(plan, window, first=False, leads=leads):
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
            better, why = self._compared(plans, left)
            if better is not plan:
                self._explain(better, f"many changes: {why}")
                yield from self._read(better, rest, first=False, leads=leads)
                return

    def _first(self, window: Window) -> Iterator[Page]:
        plans = self._planner.plans()
        if len(plans) == 1 or self.expected is not None:
            is_forced = plans[0].path.name == self._planner.only
            plan, why = plans[0], "as read_path says" if is_forced else "it is the only way"
            if len(plans) > 1:
                # Counted before one of the paths was refused.
                plans = self._find_empty(window, self.expected, self._sample)
                plan, why = self._compared(plans, self.expected)
            self._explain(plan, why)
            yield from self._read(plan, window, first=True)
            return
        begun = self._planner.opening(plans, self._source.limits.page_rows)
        counting: list[Future[int | None]] = []

        def count(page: Page) -> None:
            # While what the path does not deliver of the first page is fetched.
            if not counting and not page.is_everything:
                counting.append(self._executors.single.submit(self._count, window))

        pages = self._read(begun, window, first=True, on_page=count)
        opening = next(pages)
        if not counting:
            self._explain(begun, f"{len(opening.records):,} records, which one call returns")
        else:
            # What has been read counts, should this be the cheapest path to go on with.
            self.expected = counting[0].result()
            self._sample = opening.records
            plans = self._find_empty(window, self.expected, self._sample)
            begun = next(one for one in plans if one.path is begun.path)
            plan, why = self._compared(plans, self.expected, begun, len(opening.records))
            self._explain(plan, why)
            if plan.path is not begun.path:
                yield from self._read(plan, window, first=True)
                return
        yield from itertools.chain([opening], pages)

    def _count(self, window: Window) -> int | None:
        number = self._planner.count(window)
        return count_by_api(self._source) if number is None else number

    def _compared(
        self,
        plans: Sequence[ReadPlan],
        records: int | None,
        begun: ReadPlan | None = None,
        read: int = 0,
    ) -> tuple[ReadPlan, str]:
        """Return the cheapest plan for so many records, and why it is."""
        if records is None:
            plan = min(plans, key=lambda plan: plan.path.rank)
            return plan, "Zoho does not say how many records there are"
        why = f"{records:,} records, and " + ", ".join(
            f"{plan.path.label} would take {plan.credits(records)} credits" for plan in plans
        )
        plan = self._planner.cheapest(plans, records, begun, read)
        left = self._source.credits_left
        if left is not None and left < plan.credits(records):
            why += f"; {left} are left for this run, and the next one goes on from there"
        return plan, why

    def _read(  # noqa: PLR0913 - each by its name
        self,
        plan: ReadPlan,
        window: Window,
        *,
        first: bool,
        checkpoint: Mapping[str, Any] | None = None,
        leads: ConvertedLeads | None = None,
        on_page: Callable[[Page], object] = lambda _: None,
    ) -> Iterator[Page]:
        """Yield what a plan reads.

        `leads` has looked out since before the window; `on_page` is called with each page as the
        path yields it, before anything is added.
        """
        reading = Reading(
            self._source,
            plan,
            window,
            first,
            self._executors,
            checkpoint,
            expected=lambda: self.expected if checkpoint is None else None,
            plans=self._planner.all_plans(),
            usable=self._planner.usable,
        )
        if plan.path.is_complete:
            for page in plan.path.pages(reading):
                on_page(page)
                yield page
            return
        leads = leads or ConvertedLeads(self._source, window, self._executors)
        fetcher = MissingFieldFetcher(self._source, plan.lacking, self._executors)
        for page in plan.path.pages(reading):
            on_page(page)
            records = fetcher.completed(page.records, page.ambiguous)
            leads.note(records)
            yield dataclasses.replace(
                page,
                records=records,
                watermark=leads.reached(page.watermark),
                checkpoint=self._place(plan, page.checkpoint),
            )
        yield from (Page(page.records) for page in leads.missing())

    def _place(
        self, plan: ReadPlan, checkpoint: Mapping[str, Any] | None
    ) -> Mapping[str, Any] | None:
        if checkpoint is None:
            return None
        refused, empty = self._source.refusals.of(plan.path.name), self._planner.empty
        without = {WITHOUT: sorted(refused)} if refused else {}
        unfilled = {EMPTY: sorted(empty)} if empty else {}
        return {**checkpoint, PATH: plan.path.name, **without, **unfilled}

    def _find_empty(
        self, window: Window, records: int | None, sample: Sequence[Record] = ()
    ) -> list[ReadPlan]:
        """Return the plans to choose from, once it is known which fields nobody fills."""
        if records is not None:
            for one in self._planner.find_empty(window, records, sample):
                logger.warning(
                    "%s: %s is left out of the records: %s does not deliver it, nobody can write"
                    " it, it is empty in all of the first %s, and completing all would take %s"
                    " credits. Set read_path to rest to read it all the same.",
                    self._source.stream,
                    one.field.api_name,
                    one.path,
                    counted(one.sample, "record"),
                    f"{one.price:,}",
                )
        return self._planner.plans()

    def _explain(self, plan: ReadPlan, why: str) -> None:
        self.path = plan.path.name
        more = f", {len(plan.lacking)} of {len(self._source.fields)} fields by Get Records"
        self._say("read by %s%s: %s", plan.path.label, more if plan.lacking else "", why)

    def _say(self, text: str, *values: object) -> None:
        logger.info(f"%s: {text}.", self._source.stream, *values)  # noqa: G004 - the text is ours
