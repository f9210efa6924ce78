"""Rows that are made of the parents' rows, without any call."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping

from tap_zohocrm_modules.definitions.endpoint import Endpoint, Row
from tap_zohocrm_modules.zoho.metadata.relationships import relationships_of

_DERIVED: Mapping[str, Callable[[Row], Iterable[Row]]] = {"relationships": relationships_of}
"""What `derive` of a definition names."""


def derived_rows(endpoint: Endpoint, parent: Row) -> Iterable[Row]:
    """Return the rows of an endpoint without a path that its parent's row holds."""
    if endpoint.derive:
        return _DERIVED[endpoint.derive](parent)
    return [row for row in parent.get(endpoint.rows) or () if isinstance(row, dict)]
