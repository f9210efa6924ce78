"""Plans a run of the streams that a catalog selects; makes no record."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Mapping, Sequence

from singer_sdk import Stream

from tap_zohocrm_modules.access_check import lacking_scopes
from tap_zohocrm_modules.plan.children import plan_children
from tap_zohocrm_modules.plan.metadata import MetadataPrices, count_rows, with_parents
from tap_zohocrm_modules.plan.records import Terms, plan_records
from tap_zohocrm_modules.plan.report import RunPlan, StreamPlan
from tap_zohocrm_modules.streams.audit_log import AuditLogStream
from tap_zohocrm_modules.streams.base import ZohoStream
from tap_zohocrm_modules.streams.children import ChildStream
from tap_zohocrm_modules.streams.deleted_records import DeletedRecordsStream
from tap_zohocrm_modules.streams.metadata import MetadataStream
from tap_zohocrm_modules.streams.records import RecordStream
from tap_zohocrm_modules.sync.record_modules import tracked_modules
from tap_zohocrm_modules.sync.run import ORG, Run
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.records.deletions import DELETION_CREDITS
from tap_zohocrm_modules.zoho.records.describe import FIELDS
from tap_zohocrm_modules.zoho.transport.calls import is_covered
from tap_zohocrm_modules.zoho.transport.edition import concurrency_of, daily_credits_of
from tap_zohocrm_modules.zoho.transport.errors import ZohoError

_FOUND_BY = ("related_lists", FIELDS)

# What a plan may cost besides a credit for each module that is chosen, or two for each list of
# children: to count its parents, and those that earlier runs have read.
_CREDITS = 3
_COUNTS_OF_PARENTS = 2

# The list of exports and a file; or a job, some looks at it, and its file.
_CREDITS_OF_A_FILE, _CREDITS_OF_AN_EXPORT = 2, 5


def plan_run(
    run: Run,
    streams: Iterable[Stream],
    undescribed: Mapping[str, Exception],
    known: Collection[str],
) -> RunPlan:
    """Return what a run of the selected streams would read and cost.

    Args:
        run: The run.
        streams: The tap's streams.
        undescribed: Why selected modules have no stream.
        known: The streams whose fields the catalog knows: for the others Zoho was asked.

    Raises:
        ZohoError: the organisation cannot be reached, or STATE is not what this tap wrote.
    """
    selected = [one for one in streams if isinstance(one, ZohoStream) and one.selected]
    granted = run.client.auth.token().scopes
    needed, lacking = _needed(run, selected), _lacking(run, selected, granted)
    monotonic = run.options.machine.monotonic
    began, before = monotonic(), run.client.credits.calls
    org = next((row for part in run.reader.results(ORG) for row in part.rows), {})
    modules = tuple(run.reader.rows(MODULES.name)) if MODULES.name in needed else ()
    free = _CREDITS - len({ORG, MODULES.name} & {ORG, *needed})
    counted = count_rows(run, needed & run.endpoints.keys() - lacking.keys(), free)
    prices = MetadataPrices(run.endpoints, modules, counted)
    width = run.settings.max_concurrency or concurrency_of(org)
    calls = run.client.credits.calls - before
    latency = (monotonic() - began) / max(calls, 1)
    _ = run.cutoff, run.read_paths  # fixed by now, for all that are made at the same time
    children = sum(isinstance(stream, ChildStream) for stream in selected)
    free = _COUNTS_OF_PARENTS * children or max(0, _CREDITS - run.client.credits.spent)
    spare = threading.Semaphore(free)
    terms = Terms(latency, width, granted, spare)

    def planned(stream: ZohoStream) -> StreamPlan:
        if stream.name in lacking:
            return StreamPlan(stream.name, problem=lacking[stream.name])
        try:
            return _planned(run, prices, terms, stream)
        except ZohoError as error:
            return StreamPlan(stream.name, problem=str(error))

    plans = [
        *run.executors.single.map(planned, selected),
        *(StreamPlan(name, problem=str(error)) for name, error in undescribed.items()),
    ]
    records = {stream.name for stream in selected if isinstance(stream, RecordStream)}
    shared = _shared(prices, needed, selected, len(records)) + _found(run, children)
    return RunPlan(
        streams=plans,
        shared=shared,
        own_cost=run.client.credits.spent,
        latency=latency,
        daily_credits=daily_credits_of(org),
        credits_left=run.client.credits.remaining,
        asked=[stream.name for stream in selected if stream.name in records - {*known}],
    )


def _shared(
    prices: MetadataPrices,
    needed: frozenset[str],
    selected: Sequence[ZohoStream],
    described: int,
) -> int:
    """Price lists that several streams need and none of them reads, and so many modules' fields."""
    lists = needed - {stream.name for stream in selected}
    listed = sum(prices.plan(name, 0, 1).credits for name in lists)
    return listed + (0 if FIELDS in needed else described)


def _found(run: Run, children: int) -> int:
    """Return what finding lists of children has taken, which a run takes as well."""
    return sum(run.client.credits.charged_to(name)[1] for name in _FOUND_BY) if children else 0


def _planned(run: Run, prices: MetadataPrices, terms: Terms, stream: ZohoStream) -> StreamPlan:
    if isinstance(stream, MetadataStream):
        return prices.plan(stream.name, terms.latency, terms.width)
    if isinstance(stream, RecordStream):
        return plan_records(run, stream.name, stream.plan, terms)
    if isinstance(stream, ChildStream):
        return plan_children(run, stream.name, stream.read(), terms)
    if isinstance(stream, AuditLogStream):
        spent = _CREDITS_OF_AN_EXPORT if run.settings.audit_log_export else _CREDITS_OF_A_FILE
        return StreamPlan(
            stream.name,
            reads="a new export" if run.settings.audit_log_export else "the newest export",
            credits=spent,
            seconds=terms.latency * spent,
            is_estimate=True,
        )
    if isinstance(stream, DeletedRecordsStream):
        lists = len(tracked_modules(run))
        return StreamPlan(
            stream.name,
            reads="a list per module",
            credits=DELETION_CREDITS * lists,
            seconds=terms.latency * -(-lists // terms.width),
            is_estimate=True,
        )
    return StreamPlan(stream.name)


def _needed(run: Run, streams: Sequence[ZohoStream]) -> frozenset[str]:
    """Return the lists that a run of the streams reads."""
    metadata = [stream.name for stream in streams if isinstance(stream, MetadataStream)]
    needed = set(with_parents(run.endpoints, metadata))
    if any(
        isinstance(stream, (RecordStream, ChildStream, DeletedRecordsStream)) for stream in streams
    ):
        needed.add(MODULES.name)
    if len(metadata) > 1 and run.settings.max_concurrency is None:
        needed.add(ORG)
    return frozenset(needed)


def _lacking(run: Run, streams: Sequence[ZohoStream], granted: frozenset[str]) -> Mapping[str, str]:
    """Return the scope that is missing, by the streams that cannot be read without it."""
    if not granted:
        return {}
    found = {
        stream: scope
        for scope, costs in lacking_scopes(granted, run.settings).items()
        for stream in costs
    }
    for stream in streams:
        if isinstance(stream, ChildStream):
            scopes = stream.parents.children.scope.split()
            for scope in scopes:
                if not is_covered(scope, granted):
                    found[stream.name] = scope
    return {stream: f"the token lacks the scope {scope}" for stream, scope in found.items()}
