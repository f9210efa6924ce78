"""How many records a module has, as far as Zoho says.

https://www.zoho.com/crm/developer/docs/api/v8/get-record-count.html
"""

from __future__ import annotations

import contextlib
from collections.abc import Iterable

from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import SCOPE, PathRefusedError, Source, Window
from tap_zohocrm_modules.zoho.transport.errors import ApiError

COUNT_SCOPE = f"ZohoSearch.securesearch.READ {SCOPE}"


def count_by_api(source: Source) -> int | None:
    """Return how many records the Record Count API has; None if it does not say.

    It lags by minutes, and knows of no window. One credit.
    """
    call = source.call(f"{source.path}/actions/count", COUNT_SCOPE)
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
