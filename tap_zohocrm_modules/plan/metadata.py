"""What metadata streams cost: calls per page, per parent row and per row."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from tap_zohocrm_modules.definitions.endpoint import Endpoint, Row
from tap_zohocrm_modules.plan.report import StreamPlan
from tap_zohocrm_modules.zoho.metadata import MODULES

# How many rows a list has where nobody has counted them: a medium organisation's.
_USUAL_ROWS = 8
_LONGER_LISTS: Mapping[str, int] = {
    "users": 100,
    "profiles": 20,
    "email_templates": 30,
    "inventory_templates": 20,
}
# How many rows a list has for each parent, where that is not about one.
_USUAL_ROWS_PER_PARENT: Mapping[str, float] = {"custom_views": 6, "map_dependencies": 0.2}


class MetadataPrices:
    """The price of each metadata stream.

    Args:
        endpoints: All endpoints by name.
        modules: The organisation's modules.
        counted: The number of rows of other endpoints, as far as it is known.
    """

    def __init__(
        self,
        endpoints: Mapping[str, Endpoint],
        modules: tuple[Row, ...],
        counted: Mapping[str, int],
    ) -> None:
        self._endpoints = endpoints
        self._modules = modules
        self._counted = {**counted, MODULES.name: len(modules)}

    def plan(self, name: str, latency: float, width: int) -> StreamPlan:
        """Return what a stream costs, its parents' lists not counted.

        Args:
            name: The stream.
            latency: Seconds per call.
            width: Calls at a time.
        """
        endpoint = self._endpoints[name]
        calls, is_estimate = self._calls(endpoint)
        records, rows_known = self._rows(endpoint)
        return StreamPlan(
            stream=name,
            records=records if rows_known else None,
            why="by its list" if not is_estimate else "by the usual number of rows",
            credits=calls,
            seconds=latency * -(-calls // width),
            is_estimate=is_estimate,
        )

    def _calls(self, endpoint: Endpoint) -> tuple[int, bool]:
        if not endpoint.path:
            return 0, False
        parents, is_known = self._parents(endpoint)
        calls = parents * (max(len(endpoint.variants), 1) + len(endpoint.years))
        if endpoint.per_page and endpoint.name in self._counted:
            calls += (self._counted[endpoint.name] - 1) // endpoint.per_page
        if endpoint.detail is None:
            return calls, not is_known
        rows, rows_known = self._rows(endpoint)
        return calls + rows, not (is_known and rows_known)

    def _parents(self, endpoint: Endpoint) -> tuple[int, bool]:
        for_each = endpoint.for_each
        if for_each is None:
            return 1, True
        parent = self._endpoints[for_each.endpoint]
        if for_each.endpoint == MODULES.name:
            chosen = [
                row
                for row in self._modules
                if parent.is_parent(row)
                and all(row.get(name) == value for name, value in for_each.where.items())
            ]
            return len(chosen), True
        if parent.for_each is not None and not for_each.where.keys().isdisjoint(
            parent.for_each.columns
        ):
            # The rows of one of the parent's own parents.
            return 1, False
        return self._rows(parent)

    def _rows(self, endpoint: Endpoint) -> tuple[int, bool]:
        """Return about how many rows a stream has, and whether that is known."""
        if endpoint.name in self._counted:
            return self._counted[endpoint.name], True
        if endpoint.for_each is None:
            return _LONGER_LISTS.get(endpoint.name, _USUAL_ROWS), False
        parents, _ = self._parents(endpoint)
        return round(parents * _USUAL_ROWS_PER_PARENT.get(endpoint.name, 1)), False


def with_parents(endpoints: Mapping[str, Endpoint], names: Collection[str]) -> frozenset[str]:
    """Return the streams, and those whose lists are read for them."""
    needed = set(names)
    for name in names:
        if (for_each := endpoints[name].for_each) is not None:
            needed |= with_parents(endpoints, {for_each.endpoint})
    return frozenset(needed)
