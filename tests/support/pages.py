"""Pages of a few records, so that reads of several pages are quick."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from unittest import mock

from tap_zohocrm_modules.streams import records as record_streams
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.records import deletions as deleted
from tap_zohocrm_modules.zoho.records.coql import reader as coql
from tap_zohocrm_modules.zoho.records.rest import get_records as lists


@contextlib.contextmanager
def small_pages(size: int) -> Iterator[None]:
    """Ask for so many records at a time, in lists and queries, and write STATE after each page."""
    with contextlib.ExitStack() as stack:
        for module in (lists, deleted):
            stack.enter_context(mock.patch.object(module, "PER_PAGE", size))
        for name, value in {
            "_LIMITS": (size,),
            "_SMALL": size,
            "_LARGE": size,
            "_CREDITS": {size: 1},
        }.items():
            stack.enter_context(mock.patch.object(coql, name, value))
        stack.enter_context(mock.patch.object(coql.CoqlReader.__init__, "__defaults__", (size,)))
        stack.enter_context(mock.patch.object(record_streams, "_RECORDS_PER_STATE", 1))
        yield


@contextlib.contextmanager
def modules_only() -> Iterator[None]:
    """Do without the other endpoints, whose streams take longer to make than these to read."""
    endpoints = {MODULES.name: MODULES}
    with mock.patch("tap_zohocrm_modules.sync.run.ENDPOINTS", endpoints):
        yield
