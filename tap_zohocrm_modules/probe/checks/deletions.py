"""What lists of deletions show.

https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_zohocrm_modules.probe.account import Account, data_of, said
from tap_zohocrm_modules.probe.assumption import Seen
from tap_zohocrm_modules.zoho.records.deletions import DELETION_CREDITS
from tap_zohocrm_modules.zoho.transport.errors import ApiError
from tap_zohocrm_modules.zoho.transport.texts import counted

_PAGE = 200
_BEYOND = 11
_TOO_DEEP = "DISCRETE_PAGINATION_LIMIT_EXCEEDED"


def pages(account: Account) -> Mapping[str, Seen]:
    """Read the first page, and the one beyond what Zoho documents."""
    try:
        rows, info = _page(account, 1)
    except ApiError as error:
        seen = Seen(f"refused: {said(error)}", None)
        return {"deleted_pages": seen, "deleted_cap": seen}
    more = info.get("more_records")
    text = f"{counted(len(rows), 'row')}, more_records {str(more).lower()}"
    is_said = isinstance(more, bool) and len(rows) <= _PAGE and (len(rows) == _PAGE or not more)
    paged = Seen(text, is_said if rows else None)
    try:
        beyond, info = _page(account, _BEYOND)
    except ApiError as error:
        is_cap = error.refusal.code.upper() == _TOO_DEEP
        return {
            "deleted_pages": paged,
            "deleted_cap": Seen(f"page {_BEYOND} refused: {said(error)}", is_cap),
        }
    text = f"page {_BEYOND}: {counted(len(beyond), 'row')}"
    return {
        "deleted_pages": paged,
        "deleted_cap": Seen(text, False if beyond else None),
    }


def _page(account: Account, number: int) -> tuple[list[Any], Mapping[str, Any]]:
    answer = account.call(
        f"/{account.witness.name}/deleted",
        params=(("page", str(number)), ("per_page", str(_PAGE))),
        credits=DELETION_CREDITS,
    )
    info = (answer.body or {}).get("info")
    return [*data_of(answer)], info if isinstance(info, dict) else {}
