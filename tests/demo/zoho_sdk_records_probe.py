"""Reads records with Zoho's own SDK. Runs in an environment of its own.

In: one JSON object on stdin (hosts, credentials, folder, modules and fields). Out: one on stdout.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

from zoho_sdk_probe import initialize
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.bulk_read import BodyWrapper as BulkBody
from zohocrmsdk.src.com.zoho.crm.api.bulk_read import BulkReadOperations, Query
from zohocrmsdk.src.com.zoho.crm.api.coql import BodyWrapper as CoqlBody
from zohocrmsdk.src.com.zoho.crm.api.coql import CoqlOperations
from zohocrmsdk.src.com.zoho.crm.api.modules import MinifiedModule
from zohocrmsdk.src.com.zoho.crm.api.record import RecordOperations
from zohocrmsdk.src.com.zoho.crm.api.record.record_operations import GetRecordsParam


def plain(value: Any) -> Any:
    """What an SDK value comes down to: id, text, number."""
    if isinstance(value, list):
        return [plain(one) for one in value]
    if isinstance(value, dict):
        return value.get("id")
    for getter in ("get_id", "get_value"):
        if hasattr(value, getter):
            return plain(getattr(value, getter)())
    return value if isinstance(value, str | int | float | bool | None) else str(value)


def read_records(module: str, fields: list[str]) -> list[dict[str, Any]]:
    """Every record, page by page with tokens."""
    rows: list[dict[str, Any]] = []
    token = None
    while True:
        params = ParameterMap()
        params.add(GetRecordsParam.fields, ",".join(fields))
        if token is not None:
            params.add(GetRecordsParam.page_token, token)
        body = RecordOperations(module).get_records(params, HeaderMap()).get_object()
        for record in body.get_data():
            values = record.get_key_values()
            rows.append({name: plain(values.get(name)) for name in ["id", *fields]})
        token = body.get_info().get_next_page_token()
        if not body.get_info().get_more_records():
            return rows


def read_query(query: str) -> list[dict[str, Any]]:
    body = CoqlBody()
    body.set_select_query(query)
    found = CoqlOperations().get_records(body).get_object()
    return [
        {name: plain(value) for name, value in record.get_key_values().items()}
        for record in found.get_data()
    ]


def read_in_bulk(module: str, fields: list[str], folder: str) -> dict[str, Any]:
    reference = MinifiedModule()
    reference.set_api_name(module)
    query = Query()
    query.set_module(reference)
    query.set_fields(fields)
    body = BulkBody()
    body.set_query(query)
    operations = BulkReadOperations()
    added = operations.create_bulk_read_job(body).get_object().get_data()[0]
    job = added.get_details()["id"]
    states = [plain(added.get_details()["state"])]
    while True:
        detail = operations.get_bulk_read_job_details(int(job)).get_object().get_data()[0]
        states.append(plain(detail.get_state()))
        if states[-1] == "COMPLETED":
            break
    file = operations.download_result(int(job)).get_object().get_file()
    path = Path(folder) / "result.zip"
    path.write_bytes(b"".join(file.get_stream()))
    return {"states": states, "count": detail.get_result().get_count(), "file": str(path)}


def main() -> None:
    order = json.load(sys.stdin)
    initialize(order)
    module, fields = order["module"], order["fields"]
    unknown = RecordOperations("Leads").get_record(1)
    deleted = RecordOperations("Tasks").get_deleted_records().get_object()
    single = RecordOperations("Sites").get_record(int(order["site"])).get_object().get_data()[0]
    found = {
        "records": read_records(module, fields),
        "query": read_query(order["query"]),
        "bulk": read_in_bulk(module, fields, order["folder"]),
        "single": [plain(row) for row in single.get_key_value("Contacts")],
        "deleted": [str(row.get_id()) for row in deleted.get_data()],
        "count": RecordOperations(module).record_count().get_object().get_count(),
        "unknown": [unknown.get_status_code(), unknown.get_object().get_code().get_value()],
    }
    json.dump(found, sys.stdout)


if __name__ == "__main__":
    main()
