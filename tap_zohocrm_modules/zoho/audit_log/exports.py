"""The jobs that export the audit log: listed, asked for, waited for.

https://www.zoho.com/crm/developer/docs/api/v8/create-export-audit-log.html
https://www.zoho.com/crm/developer/docs/api/v8/get-export-audit-log.html
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterator, Mapping
from datetime import datetime
from http import HTTPStatus
from typing import Any

from tap_zohocrm_modules.definitions.export import Export
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    ApiError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.instants import parse, zoho_literal
from tap_zohocrm_modules.zoho.transport.texts import one_line

logger = logging.getLogger(__name__)

AUDIT_LOG = "audit_log"
"""The stream."""

_PATH = "/settings/audit_log_export"
_KEY = "audit_log_export"
_JOB_ID = re.compile(r"[0-9A-Za-z_-]{1,64}", re.ASCII)
_FINISHED, _FAILED = "finished", "failed"
_LONGEST_WAIT = 2 * 3_600
_LONGEST_BETWEEN_POLLS = 30
_BETWEEN_LINES = 60


@dataclasses.dataclass(frozen=True, slots=True)
class ExportJob:
    """One export of the log, as Zoho last told of it."""

    id: str
    status: str  # in lower case: scheduled, progress, finished, failed, or what else Zoho says
    links: tuple[str, ...] = ()  # where its files are; none until it is finished
    ended: datetime | None = None  # when it was finished
    expires: datetime | None = None  # until when its files can be fetched
    criteria: Mapping[str, Any] | None = None  # what entries had to meet; None for all

    @property
    def is_finished(self) -> bool:
        """Whether its files are there; one without entries may have none."""
        return self.status == _FINISHED

    @property
    def has_failed(self) -> bool:
        """Whether it will never have files."""
        return self.status == _FAILED

    def has_expired(self, now: datetime) -> bool:
        """Whether its files are gone by then."""
        return self.expires is not None and self.expires <= now


class AuditLogExports:
    """The exports of one organisation's audit log.

    Args:
        client: The organisation.
        log: The definition of the stream.
    """

    def __init__(self, client: ZohoClient, log: Export) -> None:
        self._client = client
        self._log = log

    def listed(self) -> list[ExportJob]:
        """Return the exports that Zoho lists, in its order.

        Raises:
            ZohoError: they cannot be read.
        """
        return self._jobs(self._call(_PATH, self._log.scope.split()[0]))

    def create(self, since: datetime, until: datetime) -> str:
        """Ask for an export of the entries between two instants, both included; return its id.

        Raises:
            ZohoError: Zoho refuses.
        """
        between = [zoho_literal(since), zoho_literal(until)]
        criteria = {
            "field": {"api_name": "audited_time"},
            "comparator": "between",
            "value": between,
            "type": "value",
        }
        body = {_KEY: [{"criteria": criteria}]}
        call = self._call(_PATH, self._log.creates, method="POST", body=body)
        for one in _rows(call, self._client.call(call).body):
            details = one.get("details")
            job = details.get("id") if isinstance(details, dict) else None
            # It becomes part of a path, and of STATE.
            if isinstance(job, (str, int)) and _JOB_ID.fullmatch(str(job)):
                return str(job)
        raise UnreadableAnswerError(f"{call}: the answer names no job by a valid id. {REPORT}")

    def finished(self, job_id: str) -> ExportJob | None:
        """Wait until a job is finished, and return it; None if Zoho has lost it, or it failed.

        Raises:
            ZohoError: a call failed, or it takes longer than two hours.
        """
        call = self._call(f"{_PATH}/{job_id}", self._log.scope.split()[0])
        waited, said_at, status = 0.0, -float(_BETWEEN_LINES), ""
        for pause in self._pauses():
            try:
                found = next((job for job in self._jobs(call) if job.id == job_id), None)
            except ApiError as error:
                if error.refusal.status != HTTPStatus.NOT_FOUND:
                    raise
                found = None
            if found is None or found.has_failed:
                return None
            if found.is_finished:
                return found
            if found.status != status or waited - said_at >= _BETWEEN_LINES:
                status, said_at = found.status, waited
                shown = self._client.secrets.mask(status)
                logger.info("%s: waiting for the export %s (%s).", self._log.name, job_id, shown)
            if waited > _LONGEST_WAIT:
                break
            self._client.machine.sleep(pause)
            waited += pause
        raise ZohoError(
            f"{call}: the export has not ended within two hours (status {one_line(status)}). Run"
            " again: it will be taken up if it is done by then."
        )

    def file_call(self, link: str) -> Call:
        """Return the call that fetches a file of a finished export."""
        return Call("", self._log.scope.split()[-1], url=link, stream=self._log.name)

    def _call(self, path: str, scope: str, **more: Any) -> Call:
        return Call(path, scope, stream=self._log.name, **more)

    def _jobs(self, call: Call) -> list[ExportJob]:
        return [_job(call, row) for row in _rows(call, self._client.call(call).body)]

    def _pauses(self) -> Iterator[float]:
        pause = 4 * self._client.policy.first_wait
        while True:
            yield pause
            pause = min(2 * pause, _LONGEST_BETWEEN_POLLS)


def _rows(call: Call, body: Mapping[str, Any] | None) -> list[Mapping[str, Any]]:
    if body is None:
        return []
    rows = body.get(_KEY)
    if not isinstance(rows, list) or not all(isinstance(row, dict) for row in rows):
        raise UnreadableAnswerError(f"{call}: the answer has no list under {_KEY!r}. {REPORT}")
    return rows


def _job(call: Call, row: Mapping[str, Any]) -> ExportJob:
    job_id, criteria = str(row.get("id")), row.get("criteria")
    if not _JOB_ID.fullmatch(job_id):
        raise UnreadableAnswerError(f"{call}: an export has no valid id. {REPORT}")
    links = row.get("download_links")
    return ExportJob(
        id=job_id,
        status=str(row.get("status")).lower(),
        links=tuple(link for link in links if isinstance(link, str) and link)
        if isinstance(links, list)
        else (),
        ended=_instant(call, row, "job_end_time"),
        expires=_instant(call, row, "expiry_date"),
        criteria=criteria if isinstance(criteria, dict) else None,
    )


def _instant(call: Call, row: Mapping[str, Any], key: str) -> datetime | None:
    text = row.get(key)
    try:
        return None if text in {None, ""} else parse(str(text))
    except ValueError as error:
        raise UnreadableAnswerError(f"{call}: {key} is not a date-time. {REPORT}") from error
