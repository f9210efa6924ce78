"""The checks of query parameters that the table of calls names, and its bundles of parameters.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/status-codes.html, and each family's page.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date
from typing import TYPE_CHECKING

from zohocrm_demo.errors import (
    ZohoError,
    invalid_param,
    limit_exceeded,
    not_supported,
    required_param_missing,
)
from zohocrm_demo.params import Check, one_of

if TYPE_CHECKING:
    from zohocrm_demo.families.rows import Row
    from zohocrm_demo.routes import Context

_DIGITS = 9
MOST_IDS = 200
_DATE = re.compile(r"\d{4}-\d\d-\d\d")
_FIELD_DETAILS = ("field_label", "enable_colour_code", "data_type")
_FIELD_DETAILS_ELSEWHERE = ("pick_list_values.colour_code", "display_value")
_LAYOUT_MODES = ("all", "business_card", "quick_create")
_DELETION_TYPES = ("all", "recycle", "permanent")
USER_TYPES = (
    "AllUsers",
    "ActiveUsers",
    "DeactiveUsers",
    "ConfirmedUsers",
    "NotConfirmedUsers",
    "DeletedUsers",
    "ActiveConfirmedUsers",
    "AdminUsers",
    "ActiveConfirmedAdmins",
    "AllActiveUsers",
    "ActiveLiteUser",
    "DeveloperUsers",
    "CurrentUser",
)

BUNDLES: Mapping[str, tuple[str, ...]] = {
    "PAGES": ("page:natural", "per_page:rows_on_a_page"),
    "IDS": ("ids:ids ? checks.is_among",),
    "FILTERS": ("filters:refused",),
    "INNER": ("include_inner_details:refused",),
}


def natural(most: int | None = None) -> Check:
    """Take a whole number from 1 to `most`; 400 INVALID_DATA or LIMIT_EXCEEDED otherwise."""

    def check(name: str, value: str) -> None:
        if not (is_number(value) and len(value) <= _DIGITS and int(value)):
            details = {"param_name": name, "expected_data_type": "integer"}
            raise ZohoError(400, "INVALID_DATA", "invalid data", details)
        if most is not None and int(value) > most:
            raise limit_exceeded(name, most)

    return check


def id_list(most: int) -> Check:
    """Take ids with commas; 400 INVALID_DATA or LIMIT_EXCEEDED otherwise."""

    def check(name: str, value: str) -> None:
        ids = value.split(",")
        for index, item in enumerate(ids):
            if not is_number(item):
                details = {"param_name": name, "index": index}
                raise ZohoError(400, "INVALID_DATA", "invalid data", details)
        if len(ids) > most:
            raise limit_exceeded(name, most)

    return check


def is_among(context: Context, row: Row, ids: str) -> bool:
    """Whether the comma list of a call's parameter has the row's id."""
    del context
    return row["id"] in ids.split(",")


def is_number(text: str) -> bool:
    """Whether a text is digits and nothing else."""
    return text.isascii() and text.isdecimal()


def _matching(pattern: str) -> Check:
    def check(name: str, value: str) -> None:
        if not re.fullmatch(pattern, value):
            message = "Please check whether the input values are correct"
            raise ZohoError(400, "PATTERN_NOT_MATCHED", message, {"api_name": name})

    return check


def _day(name: str, value: str) -> None:
    try:
        if _DATE.fullmatch(value):
            date.fromisoformat(value)
            return
    except ValueError:
        pass
    details = {"expected_data_type": "date", "param_name": name}
    raise ZohoError(400, "INVALID_DATA", "The value provided to the param is Invalid", details)


def _feature(name: str, value: str) -> None:
    # Which module has which of Zoho's 800 internal features is published nowhere.
    if not value:
        raise ZohoError(400, "INVALID_DATA", "invalid data")
    _refused(name, value)


def _layout_mode(name: str, value: str) -> None:
    if value not in _LAYOUT_MODES:
        raise invalid_param(name, _LAYOUT_MODES)
    if value != _LAYOUT_MODES[0]:
        raise not_supported("the demo only has the mode all", {"param_name": name})


def _field_details(name: str, value: str) -> None:
    for index, item in enumerate(value.split(",")):
        if item in _FIELD_DETAILS_ELSEWHERE:
            raise not_supported(f"{item} is not supported by the demo", {"param_name": name})
        if item not in _FIELD_DETAILS:
            raise invalid_param(name, (*_FIELD_DETAILS, *_FIELD_DETAILS_ELSEWHERE), index)


def _deletion_type(name: str, value: str) -> None:
    if value not in _DELETION_TYPES:
        details = {"param_name": name, "supported_values": list(_DELETION_TYPES)}
        raise ZohoError(400, "PATTERN_NOT_MATCHED", "the type given is not supported", details)


def _some_text(name: str, value: str) -> None:
    if not value:
        raise required_param_missing(name)


def _record_ids(name: str, value: str) -> None:
    _some_text(name, value)
    if value.count(",") >= MOST_IDS:
        raise limit_exceeded(name, MOST_IDS)


def _refused(name: str, value: str) -> None:
    # A documented parameter that the demo can't honour: never ignored silently.
    del value
    raise not_supported("the parameter is not supported by the demo", {"param_name": name})


CHECKS: Mapping[str, Check] = {
    "natural": natural(),
    "ids": id_list(100),
    "ten_ids": id_list(10),
    "record_ids": _record_ids,
    "some_text": _some_text,
    "day": _day,
    "year": _matching(r"20\d\d|2100"),
    "shift_id": _matching(r"\d{1,30}"),
    "feature": _feature,
    "mode": _layout_mode,
    "field_details": _field_details,
    "deletion_type": _deletion_type,
    "user_type": one_of(*USER_TYPES),
    "refused": _refused,
}
