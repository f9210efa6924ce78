"""What metadata streams cost: calls per page, per parent row and per row."""

from __future__ import annotations

from collections.abc import Mapping

from tap_zohocrm_modules.definitions.endpoint import Endpoint, Row
from tap_zohocrm_modules.plan.report import StreamPlan

# How many rows a list has where nobody has counted them: a medium organisation's.
_USUAL_ROWS = 20


class MetadataPrices:
    """The price of each metadata stream.

    Args:
        endpoints: All endpoints by name.
        modules: The organisation's modules.
    """

    def __init__(self, endpoints: Mapping[str, Endpoint], modules: tuple[Row, ...]) -> None:
        self._endpoints = endpoints
        self._modules = modules

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

    def parents(self, name: str) -> frozenset[str]:
        """Return the streams whose lists are read for a stream, itself left out."""
        for_each = self._endpoints[name].for_each
        if for_each is None:
            return frozenset()
        return frozenset({for_each.endpoint}) | self.parents(for_each.endpoint)

    def _calls(self, endpoint: Endpoint) -> tuple[int, bool]:
        if not endpoint.path:
            return 0, False
        parents, is_known = self._parents(endpoint)
        lists = max(len(endpoint.variants), 1) + len(endpoint.years)
        calls = parents * lists
        if endpoint.detail is None:
            return calls, not is_known
        rows, _ = self._rows(endpoint)
        return calls + rows, True

    def _parents(self, endpoint: Endpoint) -> tuple[int, bool]:
        for_each = endpoint.for_each
        if for_each is None:
            return 1, True
        parent = self._endpoints[for_each.endpoint]
        if for_each.endpoint != "modules":
            return self._rows(parent)
        chosen = [
            row
            for row in self._modules
            if parent.is_parent(row)
            and all(row.get(name) == value for name, value in for_each.where.items())
        ]
        return len(chosen), True

    def _rows(self, endpoint: Endpoint) -> tuple[int, bool]:
        """Return about how many rows a stream has, and whether that is known."""
        if endpoint.name == "modules":
            return len(self._modules), True
        if endpoint.for_each is None:
            return _USUAL_ROWS, False
        parents, _ = self._parents(endpoint)
        return parents, False
