"""Pages of a few records, so that reads of several pages are quick."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator

from support.demo import sample_demo
from support.run import with_options
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
        sample_demo(limits=RequestLimits(job_rows=2 * size), profile=profile) as demo,
        small_pages(size),
    ):
        demo.organisation.records.resize(module, count, unstamped=unstamped)
        yield demo
