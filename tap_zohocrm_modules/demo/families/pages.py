"""Pages: `page` and `per_page` in, `info` out.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from tap_zohocrm_modules.demo.answers import NO_CONTENT, Answer, json_answer
from tap_zohocrm_modules.demo.errors import ZohoError
from tap_zohocrm_modules.demo.params import Param

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from tap_zohocrm_modules.demo.routes import Context

MOST_PER_PAGE = 200
_DIGITS = 9


def whole_number(name: str, value: str) -> None:
    """Take a number from 1; 400 INVALID_DATA otherwise."""
    if not (value.isascii() and value.isdecimal() and len(value) <= _DIGITS and int(value)):
        details = {"expected_data_type": "integer", "param_name": name}
        raise ZohoError(400, "INVALID_DATA", "invalid data", details)


def page_size(name: str, value: str) -> None:
    """Take a number from 1 to 200; 400 INVALID_DATA otherwise."""
    whole_number(name, value)
    if int(value) > MOST_PER_PAGE:
        details = {"maximum_value": MOST_PER_PAGE, "param_name": name}
        raise ZohoError(400, "INVALID_DATA", "invalid data", details)


PAGING = (Param("page", whole_number), Param("per_page", page_size))


def page_answer(
    context: Context,
    key: str,
    rows: Sequence[Mapping[str, Any]],
    *,
    size: int = MOST_PER_PAGE,
    info: Mapping[str, Any] | None = None,
) -> Answer:
    """One page of `rows` under `key`; 204 for a page without any.

    Args:
        context: The call; it takes `PAGING`.
        key: The key of the response.
        rows: All rows.
        size: Rows a page where the call doesn't say.
        info: Further keys of `info`.
    """
    page = int(context.params.get("page", "1"))
    per_page = int(context.params.get("per_page", size))
    shown = rows[(page - 1) * per_page : page * per_page]
    if not shown:
        return NO_CONTENT
    pages = {
        "per_page": per_page,
        "count": len(shown),
        "page": page,
        "more_records": len(rows) > page * per_page,
    }
    return json_answer({key: shown, "info": {**pages, **(info or {})}})
