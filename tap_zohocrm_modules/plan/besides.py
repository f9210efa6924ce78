"""What a module costs besides the read of its records: deletions, sweeps, counts.

How many deletions Zoho lists is known only when it lists them: a page is taken to hold them.
"""

from __future__ import annotations

import threading
from collections.abc import Sequence

from tap_zohocrm_modules.config.choices import ReadPathChoice
from tap_zohocrm_modules.sync.deletions.met import MetIds
from tap_zohocrm_modules.sync.module.plan import ModulePlan
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.records.deletions import DELETION_CREDITS, UNTRACKED
from tap_zohocrm_modules.zoho.records.planner import Choice, Planner
from tap_zohocrm_modules.zoho.records.read_path import ReadPath
from tap_zohocrm_modules.zoho.records.reading import Window

# Looking for more ids than take so many calls costs more than asking for the bin's last page.
_MOST_CALLS = 3


def besides(run: Run, plan: ModulePlan, read: Choice, records: int) -> int:
    """Return what a module takes besides so many records of a read, and a sweep."""
    return (
        _deletions(run, plan, read, records)
        + _converted_leads(plan, read, records)
        + _unstamped(run, plan)
        + _counts(run, plan)
    )


def sweep_credits(
    run: Run, plan: ModulePlan, paths: Sequence[ReadPath], spare: threading.Semaphore
) -> int | None:
    """Return what comparing the ids that exist with those emitted takes, if that is due.

    None if nobody knows how many records there are. Counting them may take a `spare` credit.
    """
    if not plan.sweeps or plan.key is None:
        return 0
    source, position, emitted = plan.source, plan.state.sweep, plan.ids.ids
    planner = Planner(source.of_fields(source.key_fields()), paths)
    if position is not None and emitted is not None and position.met is not None:
        left = len(MetIds(position.met, plan.stream).lacks(emitted))
        return planner.compared(left).credits
    if emitted is not None:
        return planner.first(len(emitted)).credits
    is_affordable = planner.counts and spare.acquire(blocking=False)
    window = Window(None, run.cutoff, unstamped=True)
    counted = planner.count(window) if is_affordable else None
    return None if counted is None else planner.first(counted).credits


def _converted_leads(plan: ModulePlan, read: Choice, records: int) -> int:
    """Price the look for leads that only Get Records has, at the beginning and at the end."""
    if not plan.source.converts or read.plan.path.is_complete:
        return 0
    return 2 if records else 1


def _unstamped(run: Run, plan: ModulePlan) -> int:
    """Price the query for records without Modified_Time, of which there were some."""
    asks = plan.state.unstamped and plan.key is not None and not plan.start.is_whole
    return int(asks and _is_queried(run, plan))


def _counts(run: Run, plan: ModulePlan) -> int:
    """Price the counts by which second reads, and reads that go on, are shown to be whole.

    Of a module that nothing counts the end of the list is looked at instead, in first reads, too.
    """
    is_uncounted = not any(path.queries and path.reads(plan.module) for path in run.read_paths)
    is_due = is_uncounted or not plan.begins
    return int(plan.reads_again or (plan.start.is_whole and is_due))


def _is_queried(run: Run, plan: ModulePlan) -> bool:
    module, forced = plan.source.module, run.settings.read_path
    return any(
        path.queries is not None
        and path.reads(module)
        and (forced is ReadPathChoice.AUTO or path.name == forced.value)
        for path in run.read_paths
    )


def _deletions(run: Run, plan: ModulePlan, read: Choice, records: int) -> int:
    """Price the looks into the list of deletions, a page each, and the records that came back."""
    start, limits = plan.start, run.limits
    if start.key is None and not start.has_bookmark:
        return DELETION_CREDITS if run.settings.emit_tombstones else 0
    if plan.source.module.kind in UNTRACKED:
        return 0
    deletions = start.deletions
    looks = (deletions.deleted_until is not None) + (not deletions.is_bin_known)
    calls = -(-len(deletions.recycled) // limits.list_ids)
    back = calls if calls <= _MOST_CALLS else DELETION_CREDITS
    # Before STATE passes records, and at the end. Second reads have their own place in STATE.
    is_long = records > limits.page_rows and not plan.reads_again
    passes = is_long and read.plan.path.suits_increments
    return (2 if passes else 1) * looks * DELETION_CREDITS + back
