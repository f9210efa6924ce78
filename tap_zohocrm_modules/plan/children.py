"""What children of records cost: a call for each parent, or one for several."""

from __future__ import annotations

from datetime import datetime

from tap_zohocrm_modules.plan.records import Terms
from tap_zohocrm_modules.plan.report import StreamPlan
from tap_zohocrm_modules.sync.children.read import ChildRead
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.deletions import DELETION_CREDITS
from tap_zohocrm_modules.zoho.records.planner import USUAL_INCREMENT, Planner
from tap_zohocrm_modules.zoho.records.reading import Window

# Modules, the fields of two of them, a related list, changes, deletions, a count.
_PER_RUN = 8


def plan_children(run: Run, name: str, read: ChildRead, terms: Terms) -> StreamPlan:
    """Return what a list of children would cost; its parents are counted for one credit.

    Raises:
        ZohoError: Zoho refuses to count the parents, or this tap has not written STATE.
    """
    source = read.parents.source
    planner = Planner(source, [path for path in run.read_paths if terms.allow(path.scopes)], None)
    bookmark, walk = read.bookmark, read.walk
    window = _window(read, run.cutoff)
    counted = planner.count(window) if terms.spare.acquire(blocking=False) else None
    whole = walk is not None
    parents = (0 if whole else USUAL_INCREMENT) if counted is None else counted
    by_queries = whole and read.parents.queries is not None
    listed = _listing(run, parents) if by_queries else _by_lists(planner, parents, whole=whole)
    calls = -(-parents // read.width)
    deletions = 0 if bookmark is None else DELETION_CREDITS
    if bookmark is None:
        reads = f"all, of {source.module.api_name}"
    elif walk is not None:
        reads = "what an earlier run left, and changes"
    else:
        reads = f"changes of {source.module.api_name} since {bookmark:%Y-%m-%dT%H:%M:%SZ}"
    budget = run.settings.credit_budget
    again = _listing(run, 0) if by_queries else run.limits.query_price(parents) // 2
    runs = _runs(calls, again, budget) if whole and budget else 1
    several = "several records a call" if read.width > 1 else "a call per record"
    # Each further run lists anew what it reads, or all, and looks for changes.
    spent = listed + calls + deletions + (runs - 1) * (again + _PER_RUN)
    if runs > 1:
        several += f", in about {runs} runs of credit_budget"
    return StreamPlan(
        stream=name,
        records=None,
        reads=reads,
        why=f"{parents:,} parents, {several}; records with more than a page take more",
        credits=spent,
        seconds=spent * terms.latency / max(1, terms.width // read.width),
        is_estimate=True,
    )


def _listing(run: Run, parents: int) -> int:
    """Return what it costs to list so many records by queries, the newest first.

    The first of them is a short one, and at the end what is left is counted.
    """
    few = run.limits.page_rows
    return 2 + (run.limits.query_price(parents - few) if parents > few else 0)


def _by_lists(planner: Planner, parents: int, *, whole: bool) -> int:
    return (planner.first if whole else planner.increment)(parents).credits


def _runs(calls: int, listing: int, budget: int) -> int:
    """Return in how many runs so many calls are made, of which each lists records as well."""
    return -(-calls // max(1, budget - listing - _PER_RUN))


def _window(read: ChildRead, cutoff: datetime) -> Window:
    """Return which parents a run reads: with a walk, those that it has yet to read."""
    if read.walk is not None:
        until = read.walk.cutoff if read.walk.before is None else read.walk.before
        return Window(None, until, unstamped=True)
    return Window(read.bookmark, cutoff, unstamped=read.bookmark is None)
