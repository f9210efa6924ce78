"""The header If-Modified-Since, as Zoho's own clients send it.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

import re
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zohocrm_demo.errors import ZohoError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from zohocrm_demo.routes import Context

HEADER = "If-Modified-Since"
_FORM = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(Z|[+-]\d\d:\d\d)")


def modified_since(context: Context) -> datetime | None:
    """The header's instant; None when the request has none.

    Raises:
        ZohoError: 400 INVALID_DATA, unless it is ISO 8601 with an offset and whole seconds.
    """
    text = context.headers.get(HEADER.lower())
    if text is None:
        return None
    try:
        if _FORM.fullmatch(text):
            return datetime.fromisoformat(text.replace("Z", "+00:00"))
    except ValueError:
        pass
    raise ZohoError(400, "INVALID_DATA", "invalid data", {"header_name": HEADER})


def changed(
    rows: Iterable[dict[str, Any]], since: datetime | None, key: str = "modified_time"
) -> list[dict[str, Any]]:
    """The rows changed at `since` or later: the bound is included, as airbyte found out."""
    if since is None:
        return list(rows)
    return [row for row in rows if row[key] and datetime.fromisoformat(row[key]) >= since]
