"""What work leaves behind: exported audit logs, the recycle bin, watched channels, backups.

Shapes: https://www.zoho.com/crm/developer/docs/api/v8/get-export-audit-log.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-recycle-bin.html,
https://www.zoho.com/crm/developer/docs/api/v8/notifications/get-details.html,
https://www.zoho.com/crm/developer/docs/api/v8/backup-history.html
"""

from __future__ import annotations

from datetime import datetime, timedelta, timezone

from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.local_time import local
from zohocrm_demo.organisation.named import module_named
from zohocrm_demo.organisation.people import user_refs
from zohocrm_demo.organisation.references import Row
from zohocrm_demo.organisation.wide_ids import (
    AUDIT_LOG_EXPORTS,
    BACKUPS,
    CHANNELS,
    RECYCLED,
)

_HOST = "https://www.zohoapis.com"
_RECYCLED_FROM = ("Leads", "Contacts", "Sensors", "Deals")
_RECYCLED = 45
_FIRST_DELETED = datetime(2026, 10, 2, 15, tzinfo=timezone.utc)
_WATCHED = ("Leads", "Deals")


def audit_log_exports() -> list[Row]:
    """Two jobs, of which one has expired."""
    author = user_refs()["Ingrid"]
    return [
        {
            "criteria": {
                "group_operator": "AND",
                "group": [
                    {
                        "field": {"api_name": "done_by"},
                        "comparator": "equal",
                        "value": author,
                        "type": "value",
                    },
                    {
                        "field": {"api_name": "audited_time"},
                        "comparator": "between",
                        "value": [local("2026-08-01T07:00:00"), local("2026-08-31T07:00:00")],
                        "type": "value",
                    },
                ],
            },
            "id": make_id(AUDIT_LOG_EXPORTS),
            "status": "finished",
            "created_by": author,
            "download_links": [f"{_HOST}/crm/v8/settings/audit_log_export/1/download"],
            "job_start_time": local("2026-09-01T16:00:00"),
            "job_end_time": local("2026-09-01T16:04:31"),
            "expiry_date": local("2026-09-08T16:04:31"),
        },
        {
            "criteria": {
                "field": {"api_name": "module"},
                "comparator": "equal",
                "value": "Leads",
                "type": "value",
            },
            "id": make_id(AUDIT_LOG_EXPORTS + 1),
            "status": "in_progress",
            "created_by": author,
            "download_links": None,
            "job_start_time": local("2026-11-01T15:30:00"),
            "job_end_time": None,
            "expiry_date": None,
        },
    ]


def recycle_bin(modules: list[Row]) -> list[Row]:
    """Deleted records of several modules, the latest first."""
    people = list(user_refs().values())
    return [
        {
            "display_name": f"Discarded {index:02}",
            "deleted_time": local(_FIRST_DELETED + timedelta(hours=11 * index)),
            "owner": people[index % len(people)],
            "module": module_named(modules, _RECYCLED_FROM[index % len(_RECYCLED_FROM)]),
            "deleted_by": people[index // 4 % len(people)],
            "id": make_id(RECYCLED + 7 * index),
        }
        for index in reversed(range(_RECYCLED))
    ]


def notifications(modules: list[Row]) -> list[Row]:
    """The user's own channels: one that watches two modules, and so has two rows."""
    return [
        {
            "notify_on_related_action": False,
            "channel_expiry": local("2026-12-24T20:00:00"),
            "return_affected_field_values": bool(index),
            "resource_uri": f"{_HOST}/crm/v8/{api_name}",
            "resource_id": module_named(modules, api_name)["id"],
            "notify_url": "https://hooks.brightwater-instruments.example/zoho",
            "resource_name": api_name,
            "fields": None,
            "notification_condition": None,
            "channel_id": str(CHANNELS),
            "events": [f"{api_name}.create", f"{api_name}.edit"],
            "token": None if index else "brightwater",
        }
        for index, api_name in enumerate(_WATCHED)
    ]


def backup_schedule() -> Row:
    """The object of `backup`: every Sunday."""
    return {
        "rrule": "RRULE:FREQ=WEEKLY;INTERVAL=1;BYDAY=SU",
        "id": make_id(BACKUPS),
        "start_date": "2026-11-22T00:00:00-08:00",
        "scheduled_date": "2026-11-29T00:00:00-08:00",
        "status": "scheduled",
        "requester": {**user_refs()["Ingrid"], "zuid": "738291046"},
    }


def backup_history() -> list[Row]:
    """What happened to backups, the latest first."""
    author = {**user_refs()["Ingrid"], "zuid": "738291046"}
    steps = (
        ("downloaded", None, 1, "Brightwater_2026_11_22_1.zip", None),
        ("completed", "weekly", 2, None, "success"),
        ("scheduled", "weekly", 0, None, None),
    )
    return [
        {
            "id": make_id(BACKUPS + 1 + index),
            "log_time": local(f"2026-11-{22 - index}T19:0{index}:00"),
            "action": action,
            "repeat_type": repeat,
            "count": count,
            "file_name": file,
            "state": state,
            "done_by": author,
        }
        for index, (action, repeat, count, file, state) in enumerate(steps)
    ]


def backup_urls() -> Row:
    """The object of `urls`: where the last backup lies for a week."""
    link = f"{_HOST}/crm/bulk/v8/backup/Brightwater_2026_11_22"
    return {
        "data_links": [f"{link}_1.zip", f"{link}_2.zip"],
        "attachment_links": [],
        "expiry_date": local("2026-11-29T19:00:00"),
    }
