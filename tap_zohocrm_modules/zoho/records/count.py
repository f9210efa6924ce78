"""How many records a module has, as far as Zoho says.

https://www.zoho.com/crm/developer/docs/api/v8/get-record-count.html
"""

from __future__ import annotations

from datetime import datetime

from tap_zohocrm_modules.zoho.records.coql.reader import CoqlReader
from tap_zohocrm_modules.zoho.records.read_path import is_only_listed
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


def count_at(source: Source, cutoff: datetime) -> int | None:
    """Return how many records, unchanged since a cutoff, a module has; None if Zoho cannot say.

    Records changed since then are not among them, nor are those deleted since. One credit.
    """
    if is_only_listed(source.module):
        return None
    try:
        return CoqlReader(source).count_unchanged(Window(None, cutoff, unstamped=True))
    except PathRefusedError:
        return None
