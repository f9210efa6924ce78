"""What children of records cost: a call for each parent, or one for several."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable

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
    counted = _parents(run, planner, read) if terms.spare.acquire(blocking=False) else None
    whole = walk is not None
    parents = (0 if whole else USUAL_INCREMENT) if counted is None else counted
    by_queries = whole and read.parents.queries is not None
    listed = _listing(run, parents) if by_queries else _by_lists(planner, parents, whole=whole)
    rows = _rows(read, parents, lambda: _every(run, planner, terms) - parents)
    calls = -(-parents // read.width) + rows.calls
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
        why=f"{parents:,} parents, {several}{rows.priced}",
        credits=spent,
        seconds=spent * terms.latency / max(1, terms.width // read.width),
        is_estimate=True,
        unpriced=rows.unpriced,
    )


@dataclasses.dataclass(frozen=True, slots=True)
class _Rows:
    """What the rows of parents cost besides the call for the first page of each."""

    calls: int = 0
    priced: str = ""  # what the calls rest on, for people
    unpriced: str = ""  # as `StreamPlan` has it


def _parents(run: Run, planner: Planner, read: ChildRead) -> int | None:
    """Count the parents that a run reads: with a walk, those that it has yet to read."""
    walk = read.walk
    if walk is None:
        return planner.count(Window(read.bookmark, run.cutoff, unstamped=False))
    left = read.parents.count_left(walk)
    return left if left is not None else planner.count(Window(None, walk.cutoff, unstamped=True))


def _every(run: Run, planner: Planner, terms: Terms) -> int:
    """Return how many parents there are, 0 where the plan may not ask."""
    if not terms.spare.acquire(blocking=False):
        return 0
    return planner.count(Window(None, run.cutoff, unstamped=True)) or 0


def _rows(read: ChildRead, parents: int, done: Callable[[], int]) -> _Rows:
    """Price further pages and the calls for single rows, by the rows that STATE knows.

    `done` counts the parents whose rows STATE knows, while the others are yet to be read.
    """
    kind, sizes = read.children.kind, read.known.sizes()
    # The entries of such lists stay as they are: an increment reads what is new.
    only_new = read.walk is None and (kind.detail is not None or bool(kind.newest_first))
    if not (kind.detail or kind.paging) or (only_new and not kind.detail):
        return _Rows()
    if not sizes:
        further = f"each further page of {kind.per_page} rows" if kind.per_page else "further pages"
        texts = "each row, which takes a call of its own, and " if kind.detail else ""
        return _Rows(
            unpriced=f"{texts}{further} of a record takes a credit more. How many there are is"
            " known only when they are read; credit_budget is a bound for them."
        )
    if only_new:
        return _Rows(parents, ", and one new row of each")
    pages = sum(-(-size // kind.per_page) - 1 for size in sizes) if kind.per_page else 0
    singles = sum(sizes) if kind.detail else 0
    known = len(sizes)
    if pages + singles and read.walk is not None and not read.walk.is_sweep:
        known = max(known, done())
    calls = -(-(pages + singles) * parents // known)
    return _Rows(calls, f", with as many rows as the {known:,} that STATE knows")


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
