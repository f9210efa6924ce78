"""The recycle bin, and the channels that are watched.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-recycle-bin.html,
https://www.zoho.com/crm/developer/docs/api/v8/notifications/get-details.html
"""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.errors import invalid_module
from zohocrm_demo.families.rows import Row, existing, pick

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_PATH_INDEX = 2
_DELETED = "deleted_time"


def listed(context: Context) -> list[Row]:
    """The deleted records of all modules, the latest first unless the call says otherwise."""
    key = context.params.get("sort_by", _DELETED)

    def value(row: Row) -> Any:
        # Texts of times in a zone with daylight saving don't sort.
        return datetime.fromisoformat(row[key]) if key == _DELETED else row[key]

    latest_first = context.params.get("sort_order", "desc") == "desc"
    return sorted(context.organisation.recycle_bin, key=value, reverse=latest_first)


def one(context: Context) -> list[Row]:
    """One deleted record; 400 INVALID_DATA for what isn't in the bin."""
    return [existing(context.organisation.recycle_bin, context.variables["one"], _PATH_INDEX)]


def count(context: Context) -> Answer:
    """`{"count": n}`, 0 included."""
    return json_answer({"count": len(context.organisation.recycle_bin)})


def channels(context: Context) -> list[Row]:
    """The caller's channels, one row a module; 400 INVALID_MODULE for an unknown `module`."""
    module = context.params.get("module")
    if module is not None and pick(context.organisation.modules, module, "api_name") is None:
        raise invalid_module({"param_name": "module"})
    return context.organisation.notifications
