"""Jobs of Bulk Read and Bulk Write: how they go on from state to state, and what becomes of them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/job-details.html
"""

from __future__ import annotations

import threading
from collections import Counter, deque
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from zohocrm_demo.organisation.references import make_id

ADDED, QUEUED, IN_PROGRESS = "ADDED", "QUEUED", "IN PROGRESS"
COMPLETED, FAILURE = "COMPLETED", "FAILURE"
USUAL_COURSE = (ADDED, QUEUED, IN_PROGRESS, COMPLETED)

_JOBS = 990_000_000_000
_MINUTE = timedelta(minutes=1)
_MOST_DOWNLOADS = 10
_LIFE = timedelta(days=1)
_SECONDS_UNASKED = 5


@dataclass(frozen=True, slots=True)
class BulkResult:
    """What a job that has completed is good for."""

    archive: Callable[[], bytes]  # makes the zip with the one CSV: the same one every time
    count: int
    more: bool  # whether there are more rows after them
    next_page_token: str | None  # takes the next job on from here


@dataclass(slots=True)
class BulkJob:
    """One job."""

    id: str
    query: Any
    created: datetime  # when it was created
    course: tuple[str, ...]  # the states it goes through; the last one stays
    error: Mapping[str, Any] | None = None  # why it fails: `{code, details, message, status}`
    polls: int = 0  # how often somebody has asked for its state
    result: BulkResult | None = None  # set once it has completed
    completed: datetime | None = None


@dataclass(slots=True)
class WriteJob:
    """A job of Bulk Write, whose rows are written."""

    id: str
    created: datetime
    body: Mapping[str, Any]  # as it was sent
    module: str
    counts: Counter[str]  # of its rows: `ADDED`, `UPDATED`, `SKIPPED`
    archive: bytes  # the result
    file_name: str
    polls: int = 0  # how often somebody has asked for its state


@dataclass(frozen=True, slots=True)
class MassJob:
    """A job that has changed or deleted the records of a view."""

    module: str
    kind: str  # `mass_update`, `mass_delete`
    total: int
    failed: int


@dataclass(slots=True)
class _Plan:
    course: tuple[str, ...]
    error: Mapping[str, Any] | None
    module: str | None
    times: int | None


@dataclass(slots=True)
class BulkJobs:
    """All jobs of an organisation; safe to use from several threads."""

    usual_course: tuple[str, ...] = USUAL_COURSE  # of unplanned jobs
    # With 0 each poll sees the next state, and a job that nobody asks after goes on by itself.
    # Otherwise the server's clock alone drives the states, and a state lasts so long.
    seconds_per_state: float = 0
    lacks: set[int] = field(default_factory=set)  # the ids of records that no export has
    write_jobs: dict[str, WriteJob] = field(default_factory=dict)  # by their ids
    mass_jobs: dict[str, MassJob] = field(default_factory=dict)  # by their ids
    lock: threading.RLock = field(default_factory=threading.RLock)  # held while a job goes on
    _plans: list[_Plan] = field(default_factory=list)
    _jobs: dict[str, BulkJob] = field(default_factory=dict)
    _tokens: dict[str, tuple[Any, datetime]] = field(default_factory=dict)
    _downloads: deque[datetime] = field(default_factory=deque)

    def plan(
        self,
        *course: str,
        error: Mapping[str, Any] | None = None,
        module: str | None = None,
        times: int | None = 1,
    ) -> None:
        """Let the next job, or so many `times` (None: all), take its own course.

        `plan("ADDED", "FAILURE")` fails, `plan("IN PROGRESS")` never ends, `plan("PAUSED",
        "COMPLETED")` shows a state that no document knows: the last state stays. `error` says
        why it fails: `{code, details, message, status}`. ValueError: the course has no state.
        """
        if not course:
            raise ValueError("a job is always in some state")
        with self.lock:
            self._plans.append(_Plan(course, error, module, times))

    def lack(self, record_id: str) -> None:
        """Leave a record out of the results of all jobs from now on, as seen in life."""
        with self.lock:
            self.lacks.add(int(record_id))

    def add(
        self, module: str, query: Any, now: datetime, error: Mapping[str, Any] | None = None
    ) -> BulkJob:
        """Take a job on; with an error it is bound to fail."""
        with self.lock:
            plan = self._plan_for(module)
            usual = self.usual_course if error is None else (*self.usual_course[:-1], FAILURE)
            course = usual if plan is None else plan.course
            error = error if plan is None else plan.error or error
            job_id = make_id(_JOBS + len(self._jobs) + 1)
            job = self._jobs[job_id] = BulkJob(job_id, query, now, course, error)
            return job

    def find(self, job_id: str, now: datetime) -> BulkJob | None:
        """The job with this id; None if there is none, or if it has completed too long ago."""
        with self.lock:
            job = self._jobs.get(job_id)
            ends = None if job is None else (job.completed or job.created) + _LIFE
            return None if ends is None or now >= ends else job

    def advance(self, job: BulkJob, now: datetime, finish: Callable[[], BulkResult]) -> str:
        """The state that a poll sees; the poll that first sees COMPLETED makes the result."""
        with self.lock:
            age = (now - job.created).total_seconds()
            step = max(job.polls, int(age / _SECONDS_UNASKED))
            if self.seconds_per_state:
                step = int(age / self.seconds_per_state)
            job.polls += 1
            state = job.course[min(step, len(job.course) - 1)]
            if state == COMPLETED and job.result is None:
                job.result, job.completed = finish(), now
            return state

    def issue_token(self, continuation: Any, now: datetime) -> str:
        """A token that stands for the rest of a query, for a day."""
        with self.lock:
            token = f"{len(self._tokens) + 1:08x}{make_id(_JOBS)}"
            self._tokens[token] = continuation, now + _LIFE
            return token

    def redeem_token(self, token: str, now: datetime) -> Any:
        """What a token stands for; LookupError without one, TimeoutError for an expired one."""
        with self.lock:
            continuation, ends = self._tokens[token]
        if now >= ends:
            raise TimeoutError(token)
        return continuation

    def may_download(self, now: datetime) -> bool:
        """Whether a download is within the ten a minute; it counts if so."""
        with self.lock:
            while self._downloads and self._downloads[0] <= now - _MINUTE:
                self._downloads.popleft()
            if len(self._downloads) >= _MOST_DOWNLOADS:
                return False
            self._downloads.append(now)
            return True

    @property
    def all(self) -> Sequence[BulkJob]:
        """Every job so far, in order of creation."""
        with self.lock:
            return tuple(self._jobs.values())

    def _plan_for(self, module: str) -> _Plan | None:
        plan = next((one for one in self._plans if one.module in {None, module}), None)
        if plan is not None and plan.times is not None:
            plan.times -= 1
            if not plan.times:
                self._plans.remove(plan)
        return plan
