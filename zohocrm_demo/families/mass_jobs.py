"""Many records changed or deleted: those of a list of ids at once, those of a view by a job."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

from zohocrm_demo.answers import Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import view_test
from zohocrm_demo.families.records_write import NO_ID, changed, writable_module
from zohocrm_demo.families.writing import answer_rows, each, rows_of
from zohocrm_demo.organisation.records.bulk_jobs import MassJob
from zohocrm_demo.organisation.references import Row, make_id

_JOBS = 997_000_000_000


def update(context: Context) -> Answer:
    """Change one field of many records."""
    module = writable_module(context, "editable")
    values = rows_of(context)[0]

    def write(place: int, row: Row) -> Row:
        where = f"$.ids[{place}]"
        return changed(context, module, str(row["id"]), values, where, approval=False)

    return _done(context, module, "mass_update", write)


def delete(context: Context) -> Answer:
    """Delete many records."""
    module, store = writable_module(context, "deletable"), context.organisation.records

    def write(_: int, row: Row) -> Row:
        if store.find(module, str(row["id"])) is None:
            raise ZohoError("INVALID_DATA", NO_ID, id=row["id"])
        store.delete(module, str(row["id"]))
        gone = {"code": "SUCCESS", "details": {"id": row["id"]}, "message": "record is deleted"}
        return {**gone, "status": "success"}

    return _done(context, module, "mass_delete", write)


def get_update(context: Context) -> Answer:
    """What became of a job that changes records."""
    return _status(context, "mass_update", "Updated_Count")


def get_delete(context: Context) -> Answer:
    """What became of a job that deletes records."""
    return _status(context, "mass_delete", "Deleted_Count")


def _done(context: Context, module: str, kind: str, write: Callable[[int, Row], Row]) -> Answer:
    store = context.organisation.records
    try:
        body: Any = json.loads(context.body or b"{}")
    except ValueError as error:
        raise ZohoError("INVALID_DATA", expected_data_type="jsonobject") from error
    body = body if isinstance(body, dict) else {}
    with store.lock:
        if "cvid" not in body:
            ids = body.get("ids")
            if not isinstance(ids, list) or not ids:
                raise ZohoError(
                    "MANDATORY_NOT_FOUND", api_name="ids", expected_data_type="jsonarray"
                )
            return answer_rows(each([{"id": one} for one in ids], write))
        test = view_test(context.organisation, module, str(body["cvid"]))
        # What is converted cannot be edited; lists of a view don't have it, either.
        converts = "Converted__s" in store.fields(module)
        ids = [
            str(record.id)
            for record in store.table(module).snapshot().scan()
            if test(record) and not (converts and record.value("Converted__s"))
        ]
        if not ids:
            raise ZohoError("NO_RECORDS_FOUND")
        answers = each([{"id": one} for one in ids], write)
    failed = sum(answer["status"] == "error" for answer in answers)
    jobs = store.bulk_jobs.mass_jobs
    job_id = make_id(_JOBS + len(jobs) + 1)
    jobs[job_id] = MassJob(module, kind, len(ids), failed)
    message = f"{kind.replace('_', ' ')} scheduled successfully"
    said = {"code": "SUCCESS", "details": {"job_id": job_id}, "message": message}
    return json_answer({"data": [{**said, "status": "success"}]})


def _status(context: Context, kind: str, done: str) -> Answer:
    job = context.organisation.records.bulk_jobs.mass_jobs.get(context.params["job_id"])
    if job is None or (job.module, job.kind) != (context.variables["module"], kind):
        raise ZohoError("INVALID_DATA", param_name="job_id")
    counts = {"Failed_Count": job.failed, done: job.total - job.failed, "Total_Count": job.total}
    return json_answer({"data": [{"Status": "COMPLETED", **counts}]})
