"""Bulk Read: a job, its state, its file: a zip with one CSV, whose first column is `Id`."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from datetime import datetime
from itertools import islice
from typing import Any, TypeAlias

from zohocrm_demo.answers import Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.bulk_query import BulkQuery, Export, exports, read_query
from zohocrm_demo.families.records_access import read_scope, view_test
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.records.bulk_jobs import COMPLETED, FAILURE, BulkJob, BulkResult
from zohocrm_demo.organisation.records.conditions import (
    at_end_of,
    bounds,
    compiled,
    conditions_in,
    passing,
    reader,
    stored,
)
from zohocrm_demo.organisation.records.kinds import kind_of
from zohocrm_demo.organisation.records.table import MadeRecord, Record, Table
from zohocrm_demo.organisation.records.times import seconds, written
from zohocrm_demo.organisation.references import Row, ref

ROWS_PER_PAGE = 200_000
_SCOPE = "ZohoCRM.bulk.READ"
creation_cost = Cost(50)
_TRACKERS = frozenset({"field_tracker", "picklisttracker"})


def create_job(context: Context) -> Answer:
    """Take a job on: 201 and its id; refused as `read_query` says."""
    query = read_query(context)
    jobs = context.organisation.records.bulk_jobs
    columns = exports(context.organisation.records, query.module, query.fields)
    failing = [column.name for column in columns if column.fails]
    details = {"api_name": failing[0], "module": query.module} if failing else {}
    error = ZohoError("FIELD_NOT_SUPPORTED", **details).row if failing else None
    job = jobs.add(query.module, query, context.now, error)
    details = {"id": job.id, "operation": "read", "state": job.course[0]}
    details |= made(context.organisation, job.created)
    added = {"status": "success", "code": "ADDED_SUCCESSFULLY", "message": "Added successfully."}
    return json_answer({"data": [{**added, "details": details}], "info": {}}, 201)


def get_job(context: Context) -> Answer:
    """How a job goes on; with its result or error once it has one."""
    job = _job(context)
    organisation = context.organisation
    state = organisation.records.bulk_jobs.advance(
        job, context.now, lambda: _result(organisation, job, context)
    )
    query: BulkQuery = job.query
    shown: dict[str, Any] = {
        "id": job.id,
        "operation": "read",
        "state": state,
        "query": _shown_query(organisation, query),
        **made(organisation, job.created),
        "file_type": "csv",
    }
    if state == COMPLETED and job.result is not None:
        shown["result"] = {
            "page": query.page,
            "count": job.result.count,
            "download_url": f"/crm/bulk/{context.version.name}/read/{job.id}/result",
            "per_page": context.limits.job_rows or ROWS_PER_PAGE,
            "more_records": job.result.more,
            "next_page_token": job.result.next_page_token,
        }
    if state == FAILURE:
        shown["result"] = {"error_message": job.error or ZohoError("INTERNAL_SERVER_ERROR").row}
    return json_answer({"data": [shown]})


def download(context: Context) -> Answer:
    """The file of a completed job: `application/zip` with `{job_id}.csv`."""
    job = _job(context)
    if job.result is None:
        raise ZohoError("RESOURCE_NOT_FOUND", resource=job.id)
    if not context.organisation.records.bulk_jobs.may_download(context.now):
        raise ZohoError("TOO_MANY_REQUESTS")
    headers = {"Content-Disposition": f"attachment;filename={job.id}.zip"}
    return Answer(200, job.result.archive(), "application/zip", headers)


def _job(context: Context) -> BulkJob:
    job_id = context.variables["job"]
    job = context.organisation.records.bulk_jobs.find(job_id, context.now)
    if job is None:
        raise ZohoError("RESOURCE_NOT_FOUND", resource=job_id)
    return job


def made(organisation: Organisation, at: datetime) -> Row:
    """Who made a job, and when, as answers on jobs have it."""
    user = organisation.users[0]
    when = written(seconds(at), organisation.records.zone)
    return {"created_by": {"id": user["id"], "name": user["full_name"]}, "created_time": when}


def _shown_query(organisation: Organisation, query: BulkQuery) -> Row:
    module = organisation.module(query.module)
    shown: Row = {"module": query.module if module is None else ref(module)}
    if query.asked:
        shown["fields"] = list(query.fields)
    if query.cvid is not None:
        shown["cvid"] = query.cvid
    if query.criteria_body is not None:
        shown["criteria"] = query.criteria_body
    return {**shown, "page": query.page}


def _result(organisation: Organisation, job: BulkJob, context: Context) -> BulkResult:
    query: BulkQuery = job.query
    store = organisation.records
    with store.lock:
        table = store.table(query.module).snapshot()
    tests = list(_tests(organisation, query))
    low, high = bounds(query.criteria, "id")
    if query.after is not None:
        low = max(query.after + 1, low or 0)
    found = passing(table.scan(low=low, high=high), tests)
    size = context.limits.job_rows or ROWS_PER_PAGE
    if query.after is None:
        found = islice(found, (query.page - 1) * size, None)
    first = next(found, None)
    count, last = (0, 0) if first is None else (1, first.id)
    for record in islice(found, size - 1):
        count, last = count + 1, record.id
    token = None
    if next(found, None) is not None:
        after = None if store.positional_tokens else last
        rest = replace(query, page=query.page + 1, after=after)
        token = store.bulk_jobs.issue_token(rest, context.now)

    def make() -> bytes:
        # No order is documented, so that nobody should find the one of the ids.
        bottom = last + 1 if first is None else first.id
        rows = table.scan(descending=True, low=bottom, high=last + 1)
        # Nor is that of the columns.
        columns = exports(store, query.module, reversed(query.fields))
        return archive(job.id, columns, passing(rows, tests), table)

    return BulkResult(make, count, token is not None, token)


def _tests(organisation: Organisation, query: BulkQuery) -> Iterator[Callable[[Record], bool]]:
    fields = organisation.records.fields(query.module)
    named = set()
    if query.criteria is not None:
        yield compiled(query.criteria, lambda name: reader(fields[name]))
        named = {condition.field for condition in conditions_in(query.criteria)}
    # Known of COQL; of Bulk Read nothing is known, and this is the less convenient guess.
    if "Converted__s" in fields and "Converted__s" not in named:
        yield lambda record: not record.value("Converted__s")
    if query.cvid is not None:
        yield view_test(organisation, query.module, query.cvid)
    if lacks := organisation.records.bulk_jobs.lacks:
        # Seen in life: exports without records that queries return.
        yield lambda record: record.id not in lacks
    module = organisation.module(query.module)
    if module is not None and module["generated_type"] in _TRACKERS:
        # Seen in life: what has lost its parent isn't exported.
        parents = [name for name, field in fields.items() if kind_of(field) == "record"]
        yield lambda record: all(record.value(parent) is not None for parent in parents)


def scopes(context: Context) -> tuple[str, ...]:
    """The scopes that creating a job needs: one for Bulk Read, one for its module."""
    try:
        module = context.organisation.module(read_query(context).module)
    except ZohoError:
        # The handler will say so; before that the call has to pass the gates.
        return (_SCOPE,)
    return (_SCOPE,) if module is None else (_SCOPE, read_scope(module))


_Maker: TypeAlias = Callable[[int], Any]

_CHUNK = 2_000

# A middling file of 200,000 rows is about to be read once, on this machine.
_QUICK = 1


def archive(name: str, columns: list[Export], records: Iterator[Record], table: Table) -> bytes:
    """The zip."""
    packed = io.BytesIO()
    with (
        zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED, compresslevel=_QUICK) as box,
        box.open(f"{name}.csv", "w", force_zip64=True) as raw,
        io.TextIOWrapper(raw, "utf-8", newline="") as text,
    ):
        writer = csv.writer(text)
        writer.writerow(["Id", *(column.name for column in columns)])
        makers = [
            None if column.way else table.maker(column.field["api_name"]) for column in columns
        ]
        while chunk := list(islice(records, _CHUNK)):
            writer.writerows(_rows(columns, makers, chunk))
    return packed.getvalue()


def _rows(
    columns: list[Export], makers: list[_Maker | None], records: list[Record]
) -> Iterable[tuple[str, ...]]:
    ids = [str(record.id) for record in records]
    made = [record.row for record in records if isinstance(record, MadeRecord)]
    cells = []
    for column, make in zip(columns, makers, strict=True):
        # Made-up rows are most of a big file: straight from the rows' numbers to the texts.
        if make is not None and len(made) == len(records):
            cells.append(list(map(column.write, map(make, made))))
        else:
            read = at_end_of(column.way, stored(column.field["api_name"]))
            cells.append([column.write(read(record)) for record in records])
    return zip(ids, *cells, strict=True)
