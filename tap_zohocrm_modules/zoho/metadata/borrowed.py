"""Completes objects of an endpoint's rows by another endpoint's answers on the same parents.

https://www.zoho.com/crm/developer/docs/api/v8/layouts-meta.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Iterator

from tap_zohocrm_modules.definitions.endpoint import CompletedBy
from tap_zohocrm_modules.zoho.metadata.result import EndpointResult
from tap_zohocrm_modules.zoho.transport.errors import UnavailableError


def with_objects(
    lender: CompletedBy,
    results: Iterable[EndpointResult],
    read: Callable[[str], Iterable[EndpointResult]],
) -> Iterator[EndpointResult]:
    """Yield the results, their rows completed by the lender's.

    Nothing is asked of the lender, which `read` reads, before a row lacks something.
    """
    others: Iterator[EndpointResult] | None = None
    for result in results:
        if not any(map(lender.is_lacking, result.rows)):
            yield result
            continue
        others = iter(read(lender.endpoint)) if others is None else others
        # Both go over the same parents in the same order.
        other = next((one for one in others if one.of == result.of or one.is_last), None)
        if other is None or other.error is not None:
            yield _without(lender, result, other)
            continue
        objects = lender.elements_of(other.rows)
        rows = tuple(lender.complete(row, objects) for row in result.rows)
        yield dataclasses.replace(result, rows=rows)


def _without(
    lender: CompletedBy, result: EndpointResult, other: EndpointResult | None
) -> EndpointResult:
    """Return a result as it was listed; what Zoho does not offer is not a failure."""
    error = None if other is None else other.error
    if isinstance(error, UnavailableError):
        return result
    if error is not None and not lender.is_reported:
        return dataclasses.replace(result, error=error)
    lacking = f"{lender.endpoint}, which have {lender.column}.{lender.lacks}, were not read"
    return dataclasses.replace(result, lacking=lacking)
