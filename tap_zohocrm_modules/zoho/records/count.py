"""How many records a module has, as far as Zoho says.

https://www.zoho.com/crm/developer/docs/api/v8/get-record-count.html
"""

from __future__ import annotations

from collections.abc import Collection
from urllib.parse import quote

from tap_zohocrm_modules.zoho.records.coql.reader import CoqlReader
from tap_zohocrm_modules.zoho.records.path_names import COQL
from tap_zohocrm_modules.zoho.records.reading import (
    SCOPE,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.transport.errors import ApiError


def count(source: Source, window: Window, paths: Collection[str]) -> int | None:
    """Return how many records a first read will give; None if Zoho does not say.

    A query counts what is there. The Record Count API lags by minutes, and knows of no window.

    Raises:
        ZohoError: a call failed.
    """
    counted = count_by_query(source, window, paths)
    if counted is not None:
        return counted
    name = quote(source.module.api_name, safe="")
    call = source.call(f"/{name}/actions/count", f"ZohoSearch.securesearch.READ {SCOPE}")
    try:
        body = source.client.call(call).body or {}
    except ApiError:
        return None
    number = body.get("count")
    text = str(number)
    return int(text) if text.isdecimal() else None


def count_by_query(source: Source, window: Window, paths: Collection[str]) -> int | None:
    """Return how many records of a window's beginning there are; None where queries are refused.

    Raises:
        ZohoError: a call failed.
    """
    if COQL not in paths:
        return None
    try:
        return CoqlReader(source.of_fields(source.key_fields())).count(window)
    except PathRefusedError:
        return None
