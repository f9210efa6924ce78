"""Chooses the read path that costs the fewest API credits, within what is left of them.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
from collections.abc import Callable, Collection, Mapping, Sequence

from tap_zohocrm_modules.zoho.records.queries import QueriedFields, WholeQueries
from tap_zohocrm_modules.zoho.records.read_path import PathPlan, ReadPath, is_only_listed
from tap_zohocrm_modules.zoho.records.reading import (
    Executors,
    PathRefusedError,
    Source,
    Window,
)

USUAL_INCREMENT = 100
"""What is taken as the number of changes before they are counted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Choice:
    """How records are read."""

    plan: PathPlan
    credits: int  # what all of the read takes
    why: str  # why by that plan, for people
    prices: Mapping[str, int] = dataclasses.field(default_factory=dict)  # of the paths compared


class Planner:
    """The read paths of one module: which may be used, and which is cheapest.

    `only` names the one path to use, and is None for the cheapest.
    """

    def __init__(self, source: Source, paths: Sequence[ReadPath], only: str | None = None) -> None:
        self.source = source
        self.paths = {path.name: path for path in paths}
        self.only = only
        self.refusals = source.refusals
        self.empty: frozenset[str] = frozenset()
        """The columns that only a complete path reads, since no record has a value in them."""
        self.usable = frozenset(
            path.name
            for path in paths
            if path.reads(source.module) and not self.refusals.refuses(path.name)
        )
        """The names of the paths that the user allows and Zoho does not refuse."""
        if only is not None:
            self.usable &= {only, *self.paths[only].fallbacks}

    def count(self, window: Window) -> int | None:
        """Return how many records a first read of a window delivers, None if no path can count."""
        for name, path in self.paths.items():
            if path.queries is not None and name in self.usable:
                with contextlib.suppress(PathRefusedError):
                    return path.queries(self.source).count(window)
        return None

    @property
    def counts(self) -> bool:
        """Whether a path can be asked for the number of records."""
        return any(self.paths[name].queries is not None for name in self.usable)

    def plans(self) -> list[PathPlan]:
        """Return the plans to choose from."""
        names = {self.only} if self.only in self.usable else self.usable
        return [plan for name, plan in self.all_plans().items() if name in names]

    def all_plans(self) -> Mapping[str, PathPlan]:
        """Return the plans of all paths by name, of those that are not usable as well."""
        fields, limits = self.source.fields, self.source.limits
        return {
            name: PathPlan.for_fields(
                path, fields, limits, self.refusals.fields_on(name), self.empty
            )
            for name, path in self.paths.items()
        }

    def refuse(self, refused: PathRefusedError) -> frozenset[str]:
        """Do without what Zoho has refused, and return the fields; empty if it is the module.

        Raises:
            ApiError: the refusal, if there is nothing left to do without.
        """
        fresh = refused.fields - self.refusals.fields_on(refused.path)
        is_last = self.usable == {refused.path}
        if not fresh and (is_last or refused.path not in self.usable):
            raise refused.error
        if not fresh:
            self.usable -= {refused.path}
        self.refusals.note(refused.path, fresh, refused.error)
        return fresh

    def only_plan(self) -> Choice | None:
        """Return how to read if there is only one way, None if there are several."""
        plans = self.plans()
        if len(plans) > 1:
            return None
        is_forced = plans[0].path.name == self.only
        return Choice(plans[0], 0, "as read_path says" if is_forced else "it is the only way")

    def opening(self) -> PathPlan:
        """Return the plan by which a first read begins, before its records are counted."""
        return self._prompt(self.source.limits.page_rows)

    def opening_of_changes(self) -> PathPlan:
        """Return the plan by which changes are read while they are few."""
        return self._prompt(USUAL_INCREMENT)

    def _prompt(self, records: int) -> PathPlan:
        """Return the cheapest plan of a path that answers at once, of all if there is none."""
        plans = self.plans()
        prompt = [plan for plan in plans if plan.path.suits_increments]
        return self.cheapest(prompt or plans, records)

    def compared(self, records: int | None, begun: PathPlan | None = None, read: int = 0) -> Choice:
        """Return how to read so many records, None if that is not known; see `cheapest`."""
        plans = self.plans()
        if records is None:
            plan = min(plans, key=lambda plan: plan.path.rank)
            return Choice(plan, 0, "Zoho does not say how many records there are")
        prices = {plan.path.name: plan.credits(records) for plan in plans}
        why = f"{records:,} records, and " + ", ".join(
            f"{plan.path.label} would take {prices[plan.path.name]} credits" for plan in plans
        )
        plan = self.cheapest(plans, records, begun, read)
        left = self.source.credits_left
        if left is not None and left < prices[plan.path.name]:
            why += f"; {left} are left for this run, and the next one goes on from there"
        price = plan.credits(_remaining(plan, records, begun, read))
        return Choice(plan, price, why, prices)

    def first(self, records: int) -> Choice:
        """Return how a first read of so many records will be made, and all that it will cost.

        It begins with a page of a path that answers at once, and then counts.
        """
        plans, begun, rows = self.plans(), self.opening(), self.source.limits.page_rows
        if len(plans) == 1 or records <= rows:
            why = "it is the only way" if len(plans) == 1 else "one call returns them"
            # What nobody has counted before is counted at the end.
            is_checked = not is_only_listed(self.source.module)
            return Choice(begun, begun.credits(records) + is_checked, why)
        choice = self.compared(records, begun, rows)
        prices = ", ".join(f"{name} {price}" for name, price in choice.prices.items())
        return dataclasses.replace(
            choice, credits=begun.credits(rows) + 1 + choice.credits, why=f"credits: {prices}"
        )

    def increment(self, records: int) -> Choice:
        """Return how so many changes will be read, and all that it will cost.

        It begins as for a few of them, and counts the others if they are many.
        """
        few, most = self.opening_of_changes(), self.source.limits.uncounted_changes
        if records <= most or len(self.plans()) == 1:
            return Choice(few, few.credits(records), "changes")
        choice = self.compared(records - most)
        price = few.credits(most) + 1 + choice.credits
        return dataclasses.replace(choice, credits=price, why="many changes")

    def whole_queries(
        self, executors: Executors, refuse: Callable[[PathRefusedError], Collection[str]]
    ) -> WholeQueries | None:
        """Return what other paths can ask about the records, None if no path can be asked.

        Args:
            executors: Where calls are made at the same time.
            refuse: Does what `refuse` does.
        """
        for name, plan in self.all_plans().items():
            if plan.path.queries is not None:
                return WholeQueries(
                    plan.path.queries,
                    source=self.source,
                    fields=functools.partial(self._queried, name),
                    refuse=refuse,
                    executors=executors,
                    usable=name in self.usable,
                )
        return None

    def _queried(self, path: str) -> QueriedFields:
        plan = self.all_plans()[path]
        return QueriedFields(plan.fields, plan.lacking)

    def cheapest(
        self, plans: Sequence[PathPlan], records: int, begun: PathPlan | None = None, read: int = 0
    ) -> PathPlan:
        """Return the plan that takes the fewest credits; of equal ones the simpler.

        Where fewer credits are left than it takes, only plans count of which the next run can go
        on: each run has to make progress. By the plan `begun`, so many of the records have been
        `read`, which any other plan reads again.
        """
        left = self.source.credits_left

        def remaining(plan: PathPlan) -> int:
            return _remaining(plan, records, begun, read)

        def price(plan: PathPlan) -> tuple[int, int]:
            return plan.credits(remaining(plan)), plan.path.rank

        def makes_progress(plan: PathPlan) -> bool:
            by_time = self.source.has_modified_time
            reach = plan.credits_to_checkpoint(remaining(plan), by_time=by_time)
            return left is None or min(reach, price(plan)[0]) <= left

        return min([*filter(makes_progress, plans)] or plans, key=price)


def _remaining(plan: PathPlan, records: int, begun: PathPlan | None, read: int) -> int:
    """Return how many records a plan reads, when so many have been read by the plan begun."""
    return records - read if begun is not None and plan.path is begun.path else records
