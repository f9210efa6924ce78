"""How many records a module has, as far as Zoho says.

https://www.zoho.com/crm/developer/docs/api/v8/get-record-count.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable, Iterator
from datetime import datetime

from tap_zohocrm_modules.zoho.records.get_records import GetRecordsRequest, RecordPage
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


def listed_last(source: Source, window: Window) -> Iterator[dict[str, datetime | None]]:
    """Yield ids of a window's records, with when they were changed, from the end of Zoho's list on.

    Those changed since the window's end are left out. They show whether a list that was read did
    not end too early, where nothing counts records. A page at a time, each for a credit.
    """
    sort_by = MODIFIED_TIME if source.has_modified_time else ID
    request = GetRecordsRequest(source, source.key_fields(), sort_by=sort_by, descending=True)
    page = RecordPage((), more=True)
    while page.more:
        page = request.page(page.token)
        texts = {str(row[ID]): row.get(MODIFIED_TIME) for row in page.rows if row.get(ID)}
        times = {key: text and parse(str(text)) for key, text in texts.items()}
        yield {
            key: time
            for key, time in times.items()
            if time is None or (window.since or time) <= time < window.until
        }
