"""Bulk Write: a file is uploaded, a job writes its rows, and the result says what became of each.

A file is a zip with CSVs. The columns are named by the job: `{api_name, index}`. What a row of a
result is called beyond STATUS, RECORD_ID and ERRORS no document says.
"""

from __future__ import annotations

import csv
import io
import json
import zipfile
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from zohocrm_demo.answers import Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context, parts_of
from zohocrm_demo.families.bulk_read import made
from zohocrm_demo.families.writing import lacking, values_of
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.records.bulk_jobs import WriteJob
from zohocrm_demo.organisation.records.kinds import kind_of
from zohocrm_demo.organisation.references import Row, make_id, ref

creation_cost = Cost(500)
MOST_ROWS = 25_000
_MOST_BYTES = 25_000_000
_FILES, _JOBS = 995_000_000_000, 996_000_000_000
_OPERATIONS = ("insert", "update", "upsert")
_RESULT = ("STATUS", "RECORD_ID", "ERRORS")
_STATES = ("ADDED", "IN PROGRESS", "COMPLETED")
_NUMBERS = frozenset({"integer", "bigint", "decimal"})


def scopes(context: Context) -> tuple[str, ...]:
    """The scope that uploading needs."""
    del context
    return ("ZohoFiles.files.CREATE",)


def upload(context: Context) -> Answer:
    """Take a zip on, from a multipart form; returns its id."""
    organisation = context.organisation
    named = (context.headers.get("feature"), context.headers.get("x-crm-org"))
    if named != ("bulk-write", organisation.company["zgid"]):
        error = "check if headers [feature, X-CRM-ORG] are present and valid"
        return json_answer(
            {"ERROR_CODE": 400, "ERROR_MESSAGE": "Bad Request", "x-error": error}, 400
        )
    files = [it for it in parts_of(context.headers, context.body) if it.file_name is not None]
    if not files:
        raise ZohoError("REQUIRED_PARAM_MISSING", param_name="file")
    content = files[0].content
    if not zipfile.is_zipfile(io.BytesIO(content)):
        raise ZohoError("INVALID_FILE_FORMAT")
    if len(content) > _MOST_BYTES:
        raise ZohoError("FILE_TOO_LARGE")
    with organisation.records.lock:
        file_id = make_id(_FILES + len(organisation.files) + 1)
        organisation.files[file_id] = content
    details = {"file_id": file_id, **made(organisation, context.now)}
    said = {"status": "success", "code": "FILE_UPLOAD_SUCCESS", "message": "file uploaded."}
    return json_answer({**said, "details": details})


def create_job(context: Context) -> Answer:
    """Write the rows of an uploaded file; refused if the job cannot be understood."""
    organisation = context.organisation
    body = _body(context)
    (resource,) = body["resource"]
    module = _module(organisation, resource)
    table = _Rows(context, module["api_name"], body["operation"], resource)
    results = io.StringIO(newline="")
    writer = csv.writer(results)
    counts: Counter[str] = Counter()
    rows = list(table.read())
    writer.writerow([*_RESULT, *table.names])
    with organisation.records.lock:
        for place, row in enumerate(rows):
            status, record_id, error = table.write(place, row)
            counts[status] += 1
            writer.writerow([status, record_id, error, *row])
        jobs = organisation.records.bulk_jobs.write_jobs
        job_id = make_id(_JOBS + len(jobs) + 1)
        packed = _packed(f"{job_id}.csv", results.getvalue())
        jobs[job_id] = WriteJob(
            *(job_id, context.now, body, module["api_name"], counts, packed, table.file_name)
        )
    details = {"id": job_id, **made(organisation, context.now)}
    said = {"status": "success", "code": "SUCCESS", "message": "success", "details": details}
    return json_answer(said, 201)


def get_job(context: Context) -> Answer:
    """How a job goes on, and what became of its rows once it has ended."""
    job = _job(context)
    state = _STATES[min(job.polls + 1, len(_STATES) - 1)]
    job.polls += 1
    organisation = context.organisation
    file: Row = {"status": state, "name": job.file_name}
    shown: Row = {
        "status": state,
        "character_encoding": job.body.get("character_encoding") or "UTF-8",
        "id": job.id,
        **made(organisation, job.created),
        "operation": job.body["operation"],
    }
    if state == _STATES[-1]:
        counts = job.counts
        file |= {
            "added_count": counts["ADDED"],
            "updated_count": counts["UPDATED"],
            "skipped_count": counts["SKIPPED"],
            "total_count": counts.total(),
        }
        version = context.version.name
        shown["result"] = {"download_url": f"/crm/bulk/{version}/write/{job.id}/result"}
    (resource,) = job.body["resource"]
    told = {
        "status": state,
        "type": "data",
        "module": ref(organisation.the_module(job.module)),
        "file": file,
    }
    told["field_mappings"] = resource["field_mappings"]
    return json_answer({**shown, "resource": [told]})


def download(context: Context) -> Answer:
    """The result of a job that has ended: a zip with one CSV, a line for each row."""
    job = _job(context)
    if job.polls + 1 < len(_STATES) - 1:
        raise ZohoError("RESOURCE_NOT_FOUND", resource=job.id)
    headers = {"Content-Disposition": f"attachment;filename={job.id}.zip"}
    return Answer(200, job.archive, "application/octet-stream", headers)


@dataclass(slots=True)
class _Rows:
    """The rows of a file, and how each of them is written."""

    context: Context
    module: str
    operation: str
    resource: Mapping[str, Any]
    names: tuple[str, ...] = ()
    file_name: str = ""

    def read(self) -> Iterator[list[str]]:
        content = self.context.organisation.files.get(str(self.resource.get("file_id")))
        if content is None:
            raise ZohoError("INVALID_FILE_ID")
        known = self.context.organisation.records.fields(self.module)
        mapped: dict[int, str] = {}
        for one in self.resource["field_mappings"]:
            name, index = one.get("api_name"), one.get("index")
            if name not in known:
                raise ZohoError("INVALID_FIELD", api_name=name)
            if not isinstance(index, int):
                raise ZohoError("MISSING_REQUIRED_KEY", api_name=name)
            mapped[index] = name
        if self.operation == "insert" and any(lacking(self.context, self.module, mapped.values())):
            raise ZohoError("MANDATORY_FIELDS_NOT_MAPPED")
        with zipfile.ZipFile(io.BytesIO(content)) as box:
            wanted = self.resource.get("file_names") or box.namelist()
            self.file_name = str(wanted[0])
            for name in wanted:
                with box.open(name) as raw, io.TextIOWrapper(raw, "utf-8-sig", newline="") as text:
                    yield from self._lines(csv.reader(text), mapped)

    def _lines(self, lines: Any, mapped: Mapping[int, str]) -> Iterator[list[str]]:
        head: list[str] = next(lines, [])
        if any(index >= len(head) for index in mapped):
            raise ZohoError("COLUMN_INDEX_NOT_FOUND")
        self.names = tuple(mapped.values())
        for count, line in enumerate(lines):
            if count == MOST_ROWS:
                raise ZohoError("LIMIT_EXCEEDED", limit=MOST_ROWS)
            yield [line[index] if index < len(line) else "" for index in mapped]

    def write(self, place: int, row: list[str]) -> tuple[str, str, str]:
        """Write one row: its status, its record's id, and why it was skipped."""
        store = self.context.organisation.records
        known = store.fields(self.module)
        values = {
            name: _value(known[name], text)
            for name, text in zip(self.names, row, strict=True)
            if text or self._empties
        }
        where = f"$.data[{place}]"
        try:
            record_id = self._found(values)
            kept = values_of(self.context, self.module, values, where, record_id)
            if record_id is None:
                return "ADDED", store.insert(self.module, kept), ""
            store.update(self.module, record_id, kept)
        except ZohoError as error:
            about = error.row["details"].get("api_name", "")
            return "SKIPPED", "", f"{error.row['code']}:{about}".rstrip(":")
        return "UPDATED", record_id, ""

    @property
    def _empties(self) -> bool:
        # An empty cell takes a value away, unless the job ignores it.
        return self.operation != "insert" and not self.resource.get("ignore_empty")

    @property
    def _key(self) -> str:
        return str(self.resource.get("find_by") or "id")

    def _found(self, values: Mapping[str, Any]) -> str | None:
        # The record that a row changes; an update must have one.
        if self.operation == "insert":
            return None
        store, given = self.context.organisation.records, values.get(self._key)
        found: str | None = None
        if given is not None and self._key == "id":
            found = None if store.find(self.module, str(given)) is None else str(given)
        elif given is not None:
            same = store.holding(self.module, self._key, given)
            found = str(same[0].id) if same else None
        if found is None and self.operation == "update":
            raise ZohoError("INVALID_DATA", api_name=self._key)
        return found


def _value(field: Row, text: str) -> Any:
    # The JSON that the text of a cell stands for.
    kind = kind_of(field)
    if not text:
        return None
    if kind in _NUMBERS or kind == "boolean":
        try:
            found = json.loads(text.lower())
        except ValueError:
            return text
        return found
    if kind == "choices":
        return text.split(";")
    return {"id": text} if kind in {"record", "user"} else text


def _body(context: Context) -> dict[str, Any]:
    try:
        body: Any = json.loads(context.body or b"{}")
    except ValueError as error:
        raise ZohoError("INVALID_DATA", expected_data_type="jsonobject") from error
    for key in ("operation", "resource"):
        if not isinstance(body, dict) or key not in body:
            raise ZohoError("MISSING_REQUIRED_KEY", api_name=key)
    if body["operation"] not in _OPERATIONS:
        raise ZohoError("INVALID_DATA", api_name="operation", supported_values=[*_OPERATIONS])
    resources = body["resource"]
    if not isinstance(resources, list) or len(resources) != 1 or not isinstance(resources[0], dict):
        raise ZohoError("INVALID_DATA", api_name="resource", expected_data_type="jsonarray")
    mappings = resources[0].get("field_mappings")
    if not isinstance(mappings, list) or not all(isinstance(one, dict) for one in mappings):
        raise ZohoError("MISSING_REQUIRED_KEY", api_name="field_mappings")
    method = (body.get("callback") or {"method": "post"}).get("method")
    if method != "post":
        raise ZohoError("INVALID_CALLBACK_METHOD", supported_callback_methods=["post"])
    return {**body}


def _module(organisation: Organisation, resource: Mapping[str, Any]) -> Row:
    named = resource.get("module")
    name = named.get("api_name") if isinstance(named, dict) else named
    module = organisation.module(str(name))
    if module is None or not module["creatable"]:
        raise ZohoError("MODULE_NOT_AVAILABLE", module=name)
    return module


def _job(context: Context) -> WriteJob:
    job = context.organisation.records.bulk_jobs.write_jobs.get(context.variables["job"])
    if job is None:
        raise ZohoError("RESOURCE_NOT_FOUND", resource=context.variables["job"])
    return job


def _packed(name: str, text: str) -> bytes:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as box:
        box.writestr(name, text)
    return packed.getvalue()
