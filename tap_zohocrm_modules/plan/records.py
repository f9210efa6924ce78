"""What the records of a module cost: as the planner would choose, and what comes with the read."""

from __future__ import annotations

import dataclasses
import threading

from tap_zohocrm_modules.plan.besides import besides, sweep_credits
from tap_zohocrm_modules.plan.report import StreamPlan
from tap_zohocrm_modules.sync.module.plan import ModulePlan
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.count import COUNT_SCOPE, count_by_api
from tap_zohocrm_modules.zoho.records.planner import USUAL_INCREMENT, Planner
from tap_zohocrm_modules.zoho.records.reading import Window
from tap_zohocrm_modules.zoho.transport.calls import is_covered

# A record as RECORD lines, on one core.
_SECONDS_PER_RECORD = 1 / 15_000


@dataclasses.dataclass(frozen=True, slots=True)
class Terms:
    """What the prices of all streams rest on."""

    latency: float  # seconds per call
    width: int  # calls at a time
    granted: frozenset[str]  # the scopes of the token; empty if Zoho does not say
    spare: threading.Semaphore  # credits that the plan may take besides one for each module

    def allow(self, scopes: str) -> bool:
        """Whether the token has these scopes, as far as Zoho says."""
        return not self.granted or all(is_covered(one, self.granted) for one in scopes.split())


def plan_records(run: Run, name: str, plan: ModulePlan, terms: Terms) -> StreamPlan:
    """Return what a module's records would cost, for one credit or, if there is a spare one, two.

    Raises:
        ZohoError: Zoho refuses to count the records.
    """
    paths = [path for path in run.read_paths if terms.allow(path.scopes)]
    forced = run.settings.read_path.value
    only = forced if forced in {path.name for path in paths} else None
    planner = Planner(plan.source, paths, only)
    start = plan.start
    window = Window(start.since, start.until, unstamped=start.is_first)
    # One count only: what is read again is far more than what has changed.
    counted = dataclasses.replace(window, since=None) if plan.reads_again else window
    records = _count(planner, plan, counted, terms)
    if plan.reads_again and records is not None and plan.state.reload is not None:
        # An earlier run has read some of them again.
        records = max(0, records - plan.state.reload.emitted)
    whole = start.is_first or plan.reads_again
    # An increment that nobody counts is taken to be small.
    number = (0 if whole else USUAL_INCREMENT) if records is None else records
    read = (planner.first if whole else planner.increment)(number)
    sweep = sweep_credits(run, plan, paths, terms.spare)
    spent = read.credits + besides(run, plan, read, number) + (sweep or 0)
    if plan.reads_again:
        spent += planner.increment(USUAL_INCREMENT).credits
    reads = "all" if start.since is None else f"changes since {start.since:%Y-%m-%dT%H:%M:%SZ}"
    if plan.reads_again:
        reads = "all again, for new or refreshed columns"
    if start.checkpoint is not None:
        reads = "what an earlier run left"
    if plan.sweeps:
        reads += ", and which ids exist"
    return StreamPlan(
        stream=name,
        records=records,
        reads=reads,
        read_path=read.plan.path.name,
        why=_uncounted(run, terms) if records is None else read.why,
        credits=spent,
        seconds=spent * terms.latency + number * _SECONDS_PER_RECORD,
        # How many texts a list cuts shows only when they are read.
        is_estimate=records is None
        or sweep is None
        or (read.plan.path.is_complete and any(field.rich for field in plan.source.fields)),
    )


def _uncounted(run: Run, terms: Terms) -> str:
    asked = [path.scopes for path in run.read_paths if path.queries is not None]
    if any(map(terms.allow, (*asked, COUNT_SCOPE))):
        return "Zoho does not count them for one credit"
    scopes = " or ".join(scopes.split()[0] for scopes in (*asked, COUNT_SCOPE))
    return f"the token lacks the scope to count its records, {scopes}"


def _count(planner: Planner, plan: ModulePlan, window: Window, terms: Terms) -> int | None:
    """Return how many records there are, None if Zoho does not count them."""
    found = planner.count(window)
    if found is not None or window.since is not None or not terms.allow(COUNT_SCOPE):
        return found
    # A query that Zoho refused has taken the module's credit.
    is_affordable = not planner.counts or terms.spare.acquire(blocking=False)
    return count_by_api(plan.source) if is_affordable else None
