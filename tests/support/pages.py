"""Pages of a few records, so that reads of several pages are quick."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from support.records import discovered_streams
from support.run import with_options
from support.sample import awkward_sample
from tap_zohocrm_modules.sync.run import ORG
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, MODULES
from tap_zohocrm_modules.zoho.records.limits import Limits
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.limits import RequestLimits


def limited(limits: Limits) -> contextlib.AbstractContextManager[None]:
    """Run the tap with these limits."""
    return with_options(limits=limits)


def small_pages(size: int) -> contextlib.AbstractContextManager[None]:
    """Ask for so many records at a time, in lists and queries, and write STATE after each page."""
    return limited(Limits(page_rows=size, query_credits=((size, 1),), records_per_state=1))


@contextlib.contextmanager
def modules_only() -> Iterator[None]:
    """Do without most other endpoints, whose streams take longer to make than these to read."""
    # Catalogs are made of what is discovered once, with all endpoints.
    discovered_streams()
    endpoints = {name: ENDPOINTS[name] for name in (MODULES.name, ORG)}
    with with_options(endpoints=endpoints):
        yield


@contextlib.contextmanager
def paged_demo(
    module: str, count: int, size: int, *, unstamped: int = 0, profile: str = "documents"
) -> Iterator[DemoOrganisation]:
    """An organisation that is read in pages of `size` records, and in jobs of two such pages.

    Args:
        module: The module of which there are `count` records.
        count: How many.
        size: Records in a page.
        unstamped: How many of the records have no `Modified_Time`.
        profile: What Zoho does: `documents` or `wild`.
    """
    with (
        DemoOrganisation(
            awkward_sample,
            mints_per_window=1_000,
            active_tokens=99,
            limits=RequestLimits(job_rows=2 * size),
            profile=profile,
        ) as demo,
        small_pages(size),
        modules_only(),
    ):
        demo.organisation.records.resize(module, count, unstamped=unstamped)
        yield demo
