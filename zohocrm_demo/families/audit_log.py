"""Exports of the audit log: a job, its state, its file on the download host.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/create-export-audit-log.html,
https://www.zoho.com/crm/developer/docs/api/v8/download-export-audit-log-result.html
"""

from __future__ import annotations

import json
from typing import Any

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.organisation.records.times import read_instant
from zohocrm_demo.organisation.references import Row

_KEY = "audit_log_export"
# The only ones whose effect is known.
_COMPARATORS = {
    "module": ("equal", "not_equal", "in", "not_in"),
    "done_by": ("equal", "not_equal", "in", "not_in"),
    "action": ("equal", "not_equal", "in", "not_in"),
    "audited_time": ("between",),
}
_MOST_PARTS = 10


def create_export(context: Context) -> Answer:
    """Take an export on: its id, SCHEDULED; without criteria it is everything."""
    try:
        body = json.loads(context.body or b"{}")
    except ValueError as error:
        raise ZohoError("INVALID_DATA", api_name=_KEY) from error
    wanted = body.get(_KEY, [{}]) if isinstance(body, dict) else None
    if not isinstance(wanted, list) or len(wanted) != 1 or not isinstance(wanted[0], dict):
        raise ZohoError("INVALID_DATA", api_name=_KEY, expected_data_type="jsonarray")
    criteria = wanted[0].get("criteria")
    if criteria is not None:
        _check(criteria, f"$.{_KEY}[0].criteria")
    job = context.organisation.audit_log.export(criteria)
    done = {"code": "SCHEDULED", "details": {"id": job}, "status": "success"}
    message = "Audit log export scheduled successfully"
    return json_answer({_KEY: [{**done, "message": message}]})


def _check(criteria: Any, where: str) -> None:
    if not isinstance(criteria, dict):
        raise ZohoError("INVALID_DATA", api_name="criteria", json_path=where)
    group = criteria.get("group")
    if group is not None:
        if criteria.get("group_operator") not in {"AND", "OR"} or not isinstance(group, list):
            raise ZohoError("INVALID_DATA", api_name="group_operator", json_path=where)
        if len(group) > _MOST_PARTS:
            raise ZohoError("LIMIT_EXCEEDED", api_name="group", json_path=where, limit=_MOST_PARTS)
        for place, part in enumerate(group):
            _check(part, f"{where}.group[{place}]")
        return
    for name in ("field", "comparator", "value"):
        if name not in criteria:
            raise ZohoError("MANDATORY_NOT_FOUND", api_name=name, json_path=f"{where}.{name}")
    _check_condition(criteria, where)


def _check_condition(criteria: Any, where: str) -> None:
    field = criteria["field"].get("api_name") if isinstance(criteria["field"], dict) else None
    if field not in _COMPARATORS:
        raise ZohoError("INVALID_DATA", api_name="field", json_path=f"{where}.field")
    if criteria["comparator"] not in _COMPARATORS[field]:
        raise ZohoError("INVALID_DATA", api_name="comparator", json_path=f"{where}.comparator")
    value = criteria["value"]
    bounds = isinstance(value, list) and len(value) == 2  # noqa: PLR2004 (from, until)
    if field == "audited_time" and not (bounds and all(map(read_instant, map(str, value)))):
        path = {"json_path": f"{where}.value", "expected_data_type": "datetime"}
        raise ZohoError("INVALID_DATA", api_name="value", **path)


def list_exports(context: Context) -> Answer:
    """All exports, the latest first; 204 without any."""
    jobs = context.organisation.audit_log_exports
    return json_answer({_KEY: [_shown(context, job) for job in jobs]}) if jobs else NO_CONTENT


def get_export(context: Context) -> Answer:
    """One export, which goes on when it is asked after; 204 for an unknown one."""
    job = _job(context, context.variables["one"])
    return NO_CONTENT if job is None else json_answer({_KEY: [_shown(context, job)]})


def scopes(context: Context) -> tuple[str, ...]:
    """The scope that downloads files, which is none of the CRM's."""
    del context
    return ("ZohoFiles.files.READ",)


def download(context: Context) -> Answer:
    """The file of a finished export: a CSV, or a zip of several."""
    job, ending = _job(context, context.variables["job"]), context.variables["ending"]
    log = context.organisation.audit_log
    zgid = context.organisation.company["zgid"]
    if job is None or job["status"] != "finished" or context.variables["org"] != zgid:
        raise ZohoError("INVALID_URL_PATTERN")
    expiry = read_instant(job["expiry_date"])
    if log.ending(job) != f".{ending}" or expiry is None or expiry < context.now.timestamp():
        raise ZohoError("INVALID_URL_PATTERN")
    kind = "application/zip" if ending == "zip" else "text/csv;charset=UTF-8"
    return Answer(200, log.file(job), kind)


def _job(context: Context, job_id: str) -> Row | None:
    jobs = context.organisation.audit_log_exports
    return next((job for job in jobs if job["id"] == job_id), None)


def _shown(context: Context, job: Row) -> Row:
    context.organisation.audit_log.advance(job)
    links = job["download_links"]
    file = f"{context.download_url}{context.organisation.audit_log.path(job['id'])}"
    shown = links and [link.replace("{file}", file) for link in links]
    return {**job, "download_links": shown}
