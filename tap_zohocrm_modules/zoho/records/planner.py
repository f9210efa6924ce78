"""Chooses the read path that costs the fewest API credits, within what is left of them.

https://www.zoho.com/crm/developer/docs/api/v8/api-limits.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from tap_zohocrm_modules.zoho.records.read_path import ReadPath, ReadPlan
from tap_zohocrm_modules.zoho.records.reading import PathRefusedError, Source, Window

USUAL_INCREMENT = 100
"""What is taken as the number of changes before they are counted."""


class Planner:
    """The read paths of one module: which may be used, and which is cheapest.

    `only` names the one path to use, and is None for the cheapest.
    """

    def __init__(self, source: Source, paths: Sequence[ReadPath], only: str | None = None) -> None:
        self._source = source
        self.paths = {path.name: path for path in paths}
        self.only = only
        self.usable = frozenset(path.name for path in paths if path.reads(source.module))
        """The names of the paths that the user allows and Zoho does not refuse."""
        if only is not None:
            self.usable &= {only, *self.paths[only].fallbacks}
        self.refused: dict[str, set[str]] = {}
        """The API names of the fields that Zoho has refused, by the path's name."""

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
            name: ReadPlan.of(path, fields, limits, self.refused.get(name, ()))
            for name, path in self.paths.items()
        }

    def refuse(self, refused: PathRefusedError) -> frozenset[str]:
        """Do without what Zoho has refused, and return the fields; empty if it is the module.

        Raises:
            ApiError: the refusal, if there is nothing left to do without.
        """
        known = self.refused.setdefault(refused.path, set())
        fresh = refused.fields - known
        if fresh:
            known.update(fresh)
        elif refused.path in self.usable:
            self.usable -= {refused.path}
        else:
            raise refused.error
        return fresh

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
