"""Bulk Read's jobs: created, waited for, fetched.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/overview.html
"""

from __future__ import annotations

import dataclasses
import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from http import HTTPStatus
from typing import Any, BinaryIO

from tap_zohocrm_modules.zoho.records.model import ID, request_names
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.path_names import BULK
from tap_zohocrm_modules.zoho.records.reading import (
    CONVERTED,
    SCOPE,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.transport.calls import CRM_BULK, Answer, Call
from tap_zohocrm_modules.zoho.transport.errors import (
    ApiError,
    TokenRefusedError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal
from tap_zohocrm_modules.zoho.transport.refusal import refusal_of

logger = logging.getLogger(__name__)

BULK_SCOPE = f"ZohoCRM.bulk.READ {SCOPE}"

_JOB_ID = re.compile(r"\d{1,20}", re.ASCII)
_GONE_CODE = "RESOURCE_NOT_FOUND"
_GONE = frozenset({HTTPStatus.NOT_FOUND, HTTPStatus.GONE})
_RUNNING = frozenset({"ADDED", "QUEUED", "IN PROGRESS"})
_LONGEST_WAIT = 2 * 3_600
_LONGEST_BETWEEN_POLLS = 30
_LONGEST_UNASKED = 60
_BETWEEN_LINES = 10


@dataclasses.dataclass(frozen=True, slots=True)
class Result:
    """What a completed job has exported."""

    job: str
    count: int
    more: bool
    path: str
    token: str | None


class BulkJobs:
    """The jobs of one module.

    Args:
        source: The module, and which fields jobs are to export.
        pacer: What keeps downloads apart.
    """

    def __init__(self, source: Source, pacer: DownloadPacer) -> None:
        self._source = source
        self._pacer = pacer
        self._machine = source.client.machine
        self._first_took: float | None = None
        self._made: dict[str, float] = {}

    def create(
        self, page: int, criteria: Mapping[str, Any] | None, token: str | None = None
    ) -> str:
        """Ask for a page of the module's records, and return the job's id.

        Args:
            page: Which 200,000 records, from 1.
            criteria: Which records count.
            token: What the result before named to go on with, in place of page and criteria.

        Raises:
            PathRefusedError: Bulk Read does not deliver the module, or a field.
            ZohoError: the call failed.
        """
        query: dict[str, Any] = {
            "module": {"api_name": self._source.module.api_name},
            # The id comes unasked, as Id.
            "fields": [name for name in request_names(self._source.fields) if name != ID] or [ID],
            "page": page,
        }
        if criteria is not None:
            query["criteria"] = criteria
        if token is not None:
            query = {"page_token": token}
        call = Call(
            "/read",
            BULK_SCOPE,
            stream=self._source.stream,
            method="POST",
            base=CRM_BULK,
            credits=self._source.limits.job_credits,
            body={"query": query},
        )
        try:
            answer = self._source.client.call(call)
        except ApiError as error:
            raise self._refused(error) from error
        details = _first(call, answer).get("details")
        job = details.get("id") if isinstance(details, dict) else None
        # It becomes part of a path, and of STATE.
        if not isinstance(job, (str, int)) or not _JOB_ID.fullmatch(str(job)):
            raise UnreadableAnswerError(f"{call}: the answer names no job by a valid id.")
        self._made[str(job)] = self._machine.monotonic()
        return str(job)

    def wait(self, job: str, *, taken_up: bool = False) -> Result | None:
        """Return what a job has exported once it is done, or None if Zoho has lost it.

        Args:
            job: Its id.
            taken_up: It is an earlier run's, so that any refusal means that it is of no use.

        Raises:
            PathRefusedError: it failed, or Bulk Read is refused.
            ZohoError: a call failed, or it takes longer than two hours.
        """
        call = Call(f"/read/{job}", BULK_SCOPE, stream=self._source.stream, base=CRM_BULK)
        waited = self._wait_unasked(job)
        said_at = 0.0
        said: str | None = None
        for pause in self._pauses():
            try:
                about = _first(call, self._source.client.call(call))
            except ApiError as error:
                if _is_gone(error) or (taken_up and not isinstance(error, TokenRefusedError)):
                    return None
                raise self._refused(error) from error
            state = str(about.get("state"))
            if state == "COMPLETED":
                if [*self._made] == [job]:
                    self._first_took = self._machine.monotonic() - self._made[job]
                return self._result(call, job, about)
            if state == "FAILURE":
                raise self._failure(call, about)
            if state != said or waited - said_at >= _BETWEEN_LINES:
                said, said_at = state, waited
                known = "" if state in _RUNNING else ", a state that is not documented"
                logger.info(
                    "%s: waiting for the bulk job %s (%s%s; %.0f s so far).",
                    self._source.stream,
                    job,
                    self._source.client.secrets.mask(state),
                    known,
                    waited,
                )
            if waited > _LONGEST_WAIT:
                break
            self._machine.sleep(pause)
            waited += pause
        raise ZohoError(
            f"{call}: the job has not ended within two hours (state {said}). Run again: it will be"
            " taken up if it is done by then."
        )

    @property
    def _usual(self) -> float:
        """How long a job takes: asking sooner mostly costs a credit for nothing."""
        if self._first_took is None:
            return 2 * self._source.client.policy.first_wait
        return min(self._first_took, _LONGEST_UNASKED)

    def _wait_unasked(self, job: str) -> float:
        """Wait until a job of this run may be done, and return how long that was."""
        if job not in self._made:
            return 0
        pause = max(0.0, self._made[job] + self._usual - self._machine.monotonic())
        if pause > _BETWEEN_LINES:
            logger.info(
                "%s: waiting %.0f s for the bulk job %s, as long as the first one took.",
                self._source.stream,
                pause,
                job,
            )
        self._machine.sleep(pause)
        return pause

    def download(self, result: Result, file: BinaryIO) -> bool:
        """Write a job's zipped result to a file; return False if Zoho does not have it any more.

        Raises:
            PathRefusedError: Bulk Read is refused.
            ZohoError: the call failed.
        """
        self._pacer.wait()
        call = Call(result.path, BULK_SCOPE, stream=self._source.stream, base="")
        try:
            self._source.client.download(call, file)
        except ApiError as error:
            if _is_gone(error):
                return False
            raise self._refused(error) from error
        return True

    def _pauses(self) -> Iterator[float]:
        pause = max(4 * self._source.client.policy.first_wait, self._usual / 2)
        while True:
            yield pause
            pause = min(2 * pause, _LONGEST_BETWEEN_POLLS)

    def _result(self, call: Call, job: str, about: Mapping[str, Any]) -> Result:
        result = about.get("result")
        if isinstance(result, dict):
            count, more, url = (
                result.get(key) for key in ("count", "more_records", "download_url")
            )
            if isinstance(count, int) and isinstance(more, bool) and isinstance(url, str):
                if more and not count:
                    raise UnreadableAnswerError(
                        f"{call}: an empty result is said to be followed by more."
                    )
                token = result.get("next_page_token")
                return Result(job, count, more, url, token if isinstance(token, str) else None)
        raise UnreadableAnswerError(f"{call}: the job is done, but the answer names no result.")

    def _failure(self, call: Call, about: Mapping[str, Any]) -> Exception:
        result = about.get("result")
        error = result.get("error_message") if isinstance(result, dict) else None
        failure = error if isinstance(error, dict) else {}
        code = failure.get("code") or "FAILURE"
        refusal = refusal_of(200, {**failure, "code": code}, self._source.client.secrets.mask)
        return self._refused(ApiError(f"{call}: the job failed: {refusal}.", refusal))

    def _refused(self, error: ApiError) -> Exception:
        if isinstance(error, TokenRefusedError):
            return error
        named = error.refusal.details.get("api_name", "")
        fields = {*request_names(self._source.fields)} & {named}
        return PathRefusedError(BULK, error, frozenset(fields))


def _is_gone(error: ApiError) -> bool:
    return error.refusal.status in _GONE or error.refusal.code.upper() == _GONE_CODE


def _first(call: Call, answer: Answer) -> Mapping[str, Any]:
    data = (answer.body or {}).get("data")
    rows: Sequence[Any] = data if isinstance(data, list) else []
    if not rows or not isinstance(rows[0], dict):
        raise UnreadableAnswerError(f"{call}: the answer has nothing under 'data'.")
    first: Mapping[str, Any] = rows[0]
    return first


def criteria(source: Source, window: Window) -> dict[str, Any] | None:
    """Return the criteria of a window's records; None for all records."""
    conditions: list[dict[str, Any]] = []
    if window.since is not None:
        since = _condition("Modified_Time", "greater_equal", zoho_literal(window.since))
        none = _condition("Modified_Time", "equal", "${EMPTY}")
        conditions.append(_group("or", [since, none]) if window.unstamped else since)
        if not window.unstamped:
            until = zoho_literal(window.until)
            conditions.append(_condition("Modified_Time", "less_than", until))
    if any(field.api_name == CONVERTED for field in source.module.fields):
        # Jobs that do not speak of conversion may leave converted leads out.
        states = [_condition(CONVERTED, "equal", value) for value in ("true", "false")]
        conditions.append(_group("or", states))
    if len(conditions) > 1:
        return _group("and", conditions)
    return conditions[0] if conditions else None


def _condition(api_name: str, comparator: str, value: str) -> dict[str, Any]:
    return {"field": {"api_name": api_name}, "comparator": comparator, "value": value}


def _group(operator: str, conditions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"group_operator": operator, "group": list(conditions)}
