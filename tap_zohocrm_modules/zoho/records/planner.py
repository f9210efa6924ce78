"""Chooses the read path that costs the fewest API credits, within what is left of them.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence

from tap_zohocrm_modules.zoho.records.columnar import column
from tap_zohocrm_modules.zoho.records.model import RecordField
from tap_zohocrm_modules.zoho.records.projection import Record
from tap_zohocrm_modules.zoho.records.read_path import ReadPath, ReadPlan
from tap_zohocrm_modules.zoho.records.reading import PathRefusedError, Source, Window

# Credits that completing a field takes, from which on it is worth one to ask who has a value.
_WORTH_ASKING = 10

USUAL_INCREMENT = 100
"""What is taken as the number of changes before they are counted."""


@dataclasses.dataclass(frozen=True, slots=True)
class Vacancy:
    """A field that is taken to be empty, since a sample of records has no value in it."""

    field: RecordField
    path: str  # the label of the read path that lacks it
    sample: int  # how many records have been looked at
    price: int  # credits that completing all records would take


class Planner:
    """The read paths of one module: which may be used, and which is cheapest.

    `only` names the one path to use, and is None for the cheapest.
    """

    def __init__(self, source: Source, paths: Sequence[ReadPath], only: str | None = None) -> None:
        self._source = source
        self.paths = {path.name: path for path in paths}
        self.only = only
        self.refusals = source.refusals
        self.empty: frozenset[str] = frozenset()
        """The columns that nobody need complete, since no record has a value in them."""
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
        usable = (path for name, path in self.paths.items() if name in self.usable)
        counts = (path.count(self._source, window) for path in usable)
        return next((number for number in counts if number is not None), None)

    def plans(self) -> list[ReadPlan]:
        """Return the plans to choose from."""
        names = {self.only} if self.only in self.usable else self.usable
        return [plan for name, plan in self.all_plans().items() if name in names]

    def all_plans(self) -> Mapping[str, ReadPlan]:
        """Return the plans of all paths by name, of those that are not usable as well."""
        fields, limits = self._source.fields, self._source.limits
        return {
            name: ReadPlan.of(path, fields, limits, self.refusals.of(name), self.empty)
            for name, path in self.paths.items()
        }

    def refuse(self, refused: PathRefusedError) -> frozenset[str]:
        """Do without what Zoho has refused, and return the fields; empty if it is the module.

        Raises:
            ApiError: the refusal, if there is nothing left to do without.
        """
        fresh = refused.fields - self.refusals.of(refused.path)
        if not fresh and refused.path not in self.usable:
            raise refused.error
        if not fresh:
            self.usable -= {refused.path}
        self.refusals.note(refused.path, fresh, refused.error)
        return fresh

    def find_empty(
        self, window: Window, records: int, sample: Sequence[Record] = ()
    ) -> Sequence[Vacancy]:
        """Find out which fields no record fills, where completing them decides the path.

        Queries say it, for a credit a field. Of a field that they do not take, and that nobody can
        write, a sample says enough: a call for each hundred records would only fetch empty texts.

        Args:
            window: What is wanted.
            records: How many records it has.
            sample: Some of them, with all fields.

        Returns:
            What is taken to be empty by the sample alone.
        """
        plans = self.plans()
        least = min((plan.credits(records) for plan in plans), default=0)
        guessed: list[Vacancy] = []
        for plan in plans:
            lacking, price = plan.lacking, plan.completion(records)
            alone = plan.credits(records) - price
            if price < _WORTH_ASKING * len(lacking) or alone + len(lacking) >= least:
                continue
            found = set()
            for field in lacking:
                if any(value is not None for value in column(sample, field.column)):
                    break
                count = self._count_filled(window, field)
                if count is None and field.is_closed and sample and not self._source.columnar:
                    guessed.append(Vacancy(field, plan.path.label, len(sample), price))
                elif count != 0:
                    break
                found.add(field.column)
            if len(found) == len(lacking):
                self.empty |= found
        return [one for one in guessed if one.field.column in self.empty]

    def _count_filled(self, window: Window, field: RecordField) -> int | None:
        usable = [
            path
            for name, path in self.paths.items()
            if name in self.usable
            and path.delivers(field)
            and field.request_name not in self.refusals.of(name)
        ]
        counts = (path.count_filled(self._source, window, field) for path in usable)
        return next((number for number in counts if number is not None), None)

    def opening(self, plans: Sequence[ReadPlan], records: int) -> ReadPlan:
        """Return the cheapest plan of a path that answers at once, of all if there is none."""
        prompt = [plan for plan in plans if plan.path.suits_increments]
        return self.cheapest(prompt or plans, records)

    def cheapest(
        self, plans: Sequence[ReadPlan], records: int, begun: ReadPlan | None = None, read: int = 0
    ) -> ReadPlan:
        """Return the plan that takes the fewest credits; of equal ones the simpler.

        Where fewer credits are left than it takes, only plans count of which the next run can go
        on: each run has to make progress. By the plan `begun`, so many of the records have been
        `read`, which any other plan reads again.
        """
        left = self._source.credits_left

        def remaining(plan: ReadPlan) -> int:
            return records - read if plan is begun else records

        def price(plan: ReadPlan) -> tuple[int, int]:
            return plan.credits(remaining(plan)), plan.path.rank

        def makes_progress(plan: ReadPlan) -> bool:
            by_time = self._source.has_modified_time
            reach = plan.credits_to_checkpoint(remaining(plan), by_time=by_time)
            return left is None or min(reach, price(plan)[0]) <= left

        return min([*filter(makes_progress, plans)] or plans, key=price)
