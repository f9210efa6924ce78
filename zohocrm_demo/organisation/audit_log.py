"""The audit log: made-up lines and what happens while the organisation runs, and jobs to export it.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/create-export-audit-log.html,
https://www.zoho.com/crm/developer/docs/api/v8/download-export-audit-log-result.html
"""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.times import read_instant, seconds, written
from zohocrm_demo.organisation.references import Row, make_id

# No document names the columns.
COLUMNS = ("Audited Time", "Done By", "Action", "Module", "Record Id", "Record Name", "Source")
_JOBS = 991_000_000_000
_LIFE = timedelta(days=7)
_MADE_UNTIL = 1_756_500_000
_SECONDS_APART = 5_003
_ACTIONS = ("Added", "Updated", "Updated", "Deleted", "Exported", "Logged in")
_FIELDS: Mapping[str, int] = {"audited_time": 0, "done_by": 1, "action": 2, "module": 3}


class AuditLog:
    """The log of one organisation."""

    def __init__(self, records: RecordStore, content: Callable[[str], Any]) -> None:
        self.lines = 450  # how many lines there are from before the run
        self.most_in_an_export = 1_000_000  # lines
        self.most_in_a_file = 100_000  # lines; if there are more, they come zipped
        self._records = records
        self._content = content
        self._polls: dict[str, int] = {}
        self._files: dict[str, list[tuple[str, ...]]] = {}

    def export(self, criteria: Mapping[str, Any] | None) -> str:
        """Take an export on; returns its id."""
        jobs = self._content("audit_log_exports")
        job_id = make_id(_JOBS + len(self._polls) + 1)
        user = self._content("users")[0]
        self._polls[job_id] = 0
        now = self._written(self._records.clock())
        jobs.insert(
            0,
            {
                "criteria": criteria,
                "id": job_id,
                "status": "scheduled",
                "created_by": {"name": user["full_name"], "id": user["id"]},
                "download_links": None,
                "job_start_time": now,
                "job_end_time": None,
                "expiry_date": None,
            },
        )
        return job_id

    def advance(self, job: Row) -> None:
        """Let a job go on when somebody asks after it: the second time it is finished."""
        if job["id"] not in self._polls or job["status"] == "finished":
            return
        self._polls[job["id"]] += 1
        if self._polls[job["id"]] == 1:
            job["status"] = "in_progress"
            return
        now = self._records.clock()
        ending = self.ending(job)
        job |= {"status": "finished", "job_end_time": self._written(now)}
        job["expiry_date"] = self._written(now + _LIFE)
        # Which host it comes from depends on who asks.
        job["download_links"] = ["{file}" + ending]

    def path(self, job_id: str) -> str:
        """Where the file of a job is, less its ending."""
        return f"/v2/crm/{self._content('company')['zgid']}/auditlog/{job_id}/AuditLog"

    def ending(self, job: Row) -> str:
        """`.csv`, or `.zip` where there are more lines than a file holds."""
        return ".zip" if len(self._exported(job)) > self.most_in_a_file else ".csv"

    def file(self, job: Row) -> bytes:
        """The file of a finished job."""
        lines = self._exported(job)
        if len(lines) <= self.most_in_a_file:
            return _csv(lines)
        packed = io.BytesIO()
        with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
            for number, first in enumerate(range(0, len(lines), self.most_in_a_file), 1):
                part = _csv(lines[first : first + self.most_in_a_file])
                box.writestr(f"AuditLog_{number}.csv", part)
        return packed.getvalue()

    def _exported(self, job: Row) -> list[tuple[str, ...]]:
        # The same file as often as it is asked for, whatever happens in the meantime.
        if job["id"] not in self._files:
            found = [line for line in self._all() if _meets(line, job["criteria"])]
            self._files[job["id"]] = found[: self.most_in_an_export]
        return self._files[job["id"]]

    def _all(self) -> Iterator[tuple[str, ...]]:
        """The latest first."""
        users = {user["id"]: user["full_name"] for user in self._content("users")}
        modules = {row["id"]: row["api_name"] for row in self._content("modules")}
        for event in reversed(self._records.history.events):
            when = written(event.at, self._records.zone)
            what = event.action.capitalize(), modules.get(event.module, "")
            name = event.record_name or ""
            yield when, users.get(event.by, ""), *what, event.record_id, name, "CRM UI"
        names = list(users.values())
        mix = self._records.world.mixer("audit log")
        for row in range(self.lines):
            number = mix(row)
            when = written(_MADE_UNTIL - row * _SECONDS_APART, self._records.zone)
            action = _ACTIONS[number % len(_ACTIONS)]
            module = ("Leads", "Contacts", "Deals", "Accounts")[number // 7 % 4]
            at = self._records.placement(module)
            record = str(at.id_of(number % at.count)) if at.count and number % 6 < 4 else ""  # noqa: PLR2004 (logins and exports have none)
            yield when, names[number % len(names)], action, module, record, "", "CRM API"

    def _written(self, at: datetime) -> str:
        return written(seconds(at), self._records.zone)


def _csv(lines: list[tuple[str, ...]]) -> bytes:
    text = io.StringIO(newline="")
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    writer.writerows(lines)
    return text.getvalue().encode()


def _meets(line: tuple[str, ...], criteria: Mapping[str, Any] | None) -> bool:
    if not criteria:
        return True
    if "group" in criteria:
        tests = (_meets(line, part) for part in criteria["group"])
        return all(tests) if criteria["group_operator"] == "AND" else any(tests)
    name, value = criteria["field"]["api_name"], criteria["value"]
    found = line[_FIELDS[name]]
    if name == "audited_time":
        first, last = (read_instant(one) for one in value)
        return (first or 0) <= (read_instant(found) or 0) <= (last or 0)
    values = value if isinstance(value, list) else [value]
    texts = [str(one["name"] if isinstance(one, dict) else one).lower() for one in values]
    return (found.lower() in texts) is not criteria["comparator"].startswith("not_")
