"""Pages of a few records, so that reads of several pages are quick."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from unittest import mock

from tap_zohocrm_modules.tap import TapZohoCRMModules
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.records.limits import Limits


@contextlib.contextmanager
def limited(limits: Limits) -> Iterator[None]:
    """Run the tap with these limits."""
    with mock.patch.object(TapZohoCRMModules, "limits", limits):
        yield


def small_pages(size: int) -> contextlib.AbstractContextManager[None]:
    """Ask for so many records at a time, in lists and queries, and write STATE after each page."""
    return limited(Limits(page_rows=size, query_credits=((size, 1),), records_per_state=1))


@contextlib.contextmanager
def modules_only() -> Iterator[None]:
    """Do without the other endpoints, whose streams take longer to make than these to read."""
    endpoints = {MODULES.name: MODULES}
    with mock.patch("tap_zohocrm_modules.sync.run.ENDPOINTS", endpoints):
        yield
