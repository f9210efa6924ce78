"""How many records a module has, as far as Zoho says.

https://www.zoho.com/crm/developer/docs/api/v8/get-record-count.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from tap_zohocrm_modules.zoho.records.get_records import GetRecordsRequest
from tap_zohocrm_modules.zoho.records.model import ID, MODIFIED_TIME
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import SCOPE, PathRefusedError, Source, Window
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.errors import ApiError
from tap_zohocrm_modules.zoho.transport.instants import parse

COUNT_SCOPE = f"ZohoSearch.securesearch.READ {SCOPE}"


def count_by_api(source: Source) -> int | None:
    """Return how many records the Record Count API has; None if it does not say.

    It lags by minutes, and knows of no window. One credit.
    """
    call = Call(f"{source.path}/actions/count", COUNT_SCOPE, stream=source.stream)
    try:
        text = str((source.client.call(call).body or {}).get("count"))
    except ApiError:
        return None
    return int(text) if text.isdecimal() else None


def count_in(paths: Iterable[ReadPath], source: Source, window: Window) -> int | None:
    """Return how many records of a window, its end included, there are; None if no path can say.

    Records changed since its end are not among them, nor are those deleted since. One credit.
    """
    for path in paths:
        if path.queries is not None and path.reads(source.module):
            with contextlib.suppress(PathRefusedError):
                return path.queries(source).count_unchanged(window)
    return None


def is_any_listed(source: Source, window: Window) -> bool:
    """Whether Get Records lists a record of a window that is unchanged since its end. One credit.

    It shows whether a list that was empty a moment ago really is, where nothing counts records.
    """
    sort_by = MODIFIED_TIME if source.has_modified_time else ID
    since = window.since if source.has_modified_time else None
    request = GetRecordsRequest(source, source.key_fields(), sort_by=sort_by, since=since)
    times = [row.get(MODIFIED_TIME) for row in request.page().rows]
    return any(time is None or parse(str(time)) < window.until for time in times)
