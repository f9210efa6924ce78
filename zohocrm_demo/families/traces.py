"""Exported audit logs, the recycle bin, watched channels, backups.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-export-audit-log.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-recycle-bin.html,
https://www.zoho.com/crm/developer/docs/api/v8/notifications/get-details.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-backup-info.html
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import Any

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.errors import invalid_id, invalid_module
from zohocrm_demo.families.rows import (
    FILTERS,
    IDS,
    PAGES,
    Row,
    all_of,
    chosen,
    one_object,
    one_row,
    page,
    page_of,
    pick,
)
from zohocrm_demo.params import Param, one_of
from zohocrm_demo.routes import Context, Route

_AUDIT = ("ZohoCRM.settings.audit_logs.READ",)
_BIN = ("ZohoCRM.settings.recycle_bin.READ",)
_WATCH = ("ZohoCRM.notifications.READ",)
_BACKUP = ("ZohoCRM.bulk.backup.READ",)
_BIN_INDEX = 2
_DELETED = "deleted_time"


def _exports(context: Context) -> list[Row]:
    return context.organisation.audit_log_exports


def list_recycle_bin(context: Context) -> Answer:
    """A page of the deleted records of all modules, or of `ids`; the latest first."""
    rows = chosen(context, context.organisation.recycle_bin)
    key = context.params.get("sort_by", _DELETED)
    latest_first = context.params.get("sort_order", "desc") == "desc"
    return page(context, "recycle_bin", sorted(rows, key=_by(key), reverse=latest_first))


def get_recycled(context: Context) -> Answer:
    """One deleted record, with `info`.

    Raises:
        ZohoError: 400 INVALID_DATA for what isn't in the bin.
    """
    row = pick(context.organisation.recycle_bin, context.variables["one"])
    if row is None:
        raise invalid_id(_BIN_INDEX)
    return page(context, "recycle_bin", [row])


def count_recycled(context: Context) -> Answer:
    """`{"count": n}`, 0 included."""
    return json_answer({"count": len(context.organisation.recycle_bin)})


def list_channels(context: Context) -> Answer:
    """A page of the caller's channels, one row a module; 204 without any.

    Raises:
        ZohoError: 400 INVALID_MODULE for a `module` that doesn't exist.
    """
    module, channel = context.params.get("module"), context.params.get("channel_id")
    if module is not None and all(
        row["api_name"] != module for row in context.organisation.modules
    ):
        raise invalid_module({"param_name": "module"})
    rows = [
        row
        for row in context.organisation.notifications
        if module in {None, row["resource_name"]} and channel in {None, row["channel_id"]}
    ]
    return page(context, "watch", rows)


def _by(key: str) -> Callable[[Row], Any]:
    # Texts of times in a zone with daylight saving don't sort.
    return lambda row: datetime.fromisoformat(row[key]) if key == _DELETED else row[key]


ROUTES = (
    Route("/crm/v8/settings/audit_log_export", all_of("audit_log_export", _exports), _AUDIT),
    Route("/crm/v8/settings/audit_log_export/{one}", one_row("audit_log_export", _exports), _AUDIT),
    Route(
        "/crm/v8/settings/recycle_bin",
        list_recycle_bin,
        _BIN,
        (
            Param("sort_by", one_of(_DELETED, "display_name")),
            Param("sort_order", one_of("asc", "desc")),
            IDS,
            FILTERS,
            *PAGES,
        ),
    ),
    Route("/crm/v8/settings/recycle_bin/actions/count", count_recycled, _BIN),
    Route("/crm/v8/settings/recycle_bin/{one}", get_recycled, _BIN),
    Route(
        "/crm/v8/actions/watch",
        list_channels,
        _WATCH,
        (Param("module"), Param("channel_id"), *PAGES),
    ),
    Route(
        "/crm/bulk/v8/backup",
        one_object("backup", lambda context: context.organisation.backup_schedule),
        _BACKUP,
    ),
    Route(
        "/crm/bulk/v8/backup/history",
        page_of("history", lambda context: context.organisation.backup_history),
        _BACKUP,
        PAGES,
    ),
    Route(
        "/crm/bulk/v8/backup/urls",
        one_object("urls", lambda context: context.organisation.backup_urls),
        _BACKUP,
    ),
)
