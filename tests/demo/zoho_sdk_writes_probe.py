"""25 calls that read and write, with Zoho's own SDK. Runs in an environment of its own.

In: one JSON object on stdin (hosts, credentials, folder). Out: one on stdout.
"""

from __future__ import annotations

import json
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

from zoho_sdk_probe import initialize, params_of, rows_of
from zohocrmsdk.src.com.zoho.crm.api import HeaderMap, ParameterMap
from zohocrmsdk.src.com.zoho.crm.api.attachments import AttachmentsOperations, FileBodyWrapper
from zohocrmsdk.src.com.zoho.crm.api.coql import BodyWrapper as Query
from zohocrmsdk.src.com.zoho.crm.api.coql import CoqlOperations
from zohocrmsdk.src.com.zoho.crm.api.currencies import CurrenciesOperations
from zohocrmsdk.src.com.zoho.crm.api.custom_views import CustomViewsOperations, GetCustomViewsParam
from zohocrmsdk.src.com.zoho.crm.api.fields import FieldsOperations, GetFieldsParam
from zohocrmsdk.src.com.zoho.crm.api.layouts import GetLayoutsParam, LayoutsOperations
from zohocrmsdk.src.com.zoho.crm.api.modules import ModulesOperations
from zohocrmsdk.src.com.zoho.crm.api.org import OrgOperations
from zohocrmsdk.src.com.zoho.crm.api.profiles import ProfilesOperations
from zohocrmsdk.src.com.zoho.crm.api.record import (
    BodyWrapper,
    DeleteRecordsParam,
    Field,
    GetRecordsParam,
    Record,
    RecordOperations,
    SearchRecordsParam,
)
from zohocrmsdk.src.com.zoho.crm.api.related_lists import (
    GetRelatedListsParam,
    RelatedListsOperations,
)
from zohocrmsdk.src.com.zoho.crm.api.roles import RolesOperations
from zohocrmsdk.src.com.zoho.crm.api.users import UsersOperations
from zohocrmsdk.src.com.zoho.crm.api.util import StreamWrapper

MODULE = "Leads"


def record(record_id: int | None = None, **values: str) -> Record:
    """A lead with these values, by the SDK's own fields."""
    made = Record()
    if record_id is not None:
        made.set_id(record_id)
    for name, value in values.items():
        made.add_field_value(getattr(Field.Leads, name)(), value)
    return made


def body(*records: Record, check: str | None = None) -> BodyWrapper:
    wrapper = BodyWrapper()
    wrapper.set_data(list(records))
    if check is not None:
        wrapper.set_duplicate_check_fields([check])
    return wrapper


def said(response: Any) -> list[tuple[str, str]]:
    """Code and id of each row's answer."""
    rows = response.get_object().get_data()
    return [
        (row.get_code().get_value(), str(row.get_details().get("id") or row.get_details()))
        for row in rows
    ]


def found(operations: RecordOperations, param: Any, value: str) -> list[str]:
    params = ParameterMap()
    params.add(param, value)
    response = operations.search_records(params, HeaderMap())
    if response.get_object() is None:
        return []
    return [str(row.get_id()) for row in response.get_object().get_data()]


def read() -> dict[str, int]:
    """How many rows come with each of these calls."""
    settings = {
        "modules": (ModulesOperations().get_modules(), "get_modules"),
        "module": (ModulesOperations().get_module_by_api_name(MODULE), "get_modules"),
        "fields": (
            FieldsOperations().get_fields(params_of((GetFieldsParam.module, MODULE))),
            "get_fields",
        ),
        "layouts": (
            LayoutsOperations().get_layouts(params_of((GetLayoutsParam.module, MODULE))),
            "get_layouts",
        ),
        "custom views": (
            CustomViewsOperations().get_custom_views(
                params_of((GetCustomViewsParam.module, MODULE))
            ),
            "get_custom_views",
        ),
        "related lists": (
            RelatedListsOperations().get_related_lists(
                params_of((GetRelatedListsParam.module, MODULE))
            ),
            "get_related_lists",
        ),
        "organization": (OrgOperations().get_organization(), "get_org"),
        "users": (UsersOperations().get_users(), "get_users"),
        "roles": (RolesOperations().get_roles(), "get_roles"),
        "profiles": (ProfilesOperations().get_profiles(), "get_profiles"),
        "currencies": (CurrenciesOperations().get_currencies(), "get_currencies"),
    }
    asked = params_of((GetRecordsParam.fields, "Last_Name"), (GetRecordsParam.per_page, 3))
    records = RecordOperations(MODULE)
    query = Query()
    query.set_select_query("select Last_Name from Leads where Last_Name is not null limit 4")
    settings["listed"] = (records.get_records(asked, HeaderMap()), "get_data")
    settings["queried"] = (CoqlOperations().get_records(query), "get_data")
    counts = {name: len(rows_of(response, getter)) for name, (response, getter) in settings.items()}
    counted = records.record_count(ParameterMap()).get_object().get_count()
    return {**counts, "counted": int(counted)}


def write(folder: str) -> dict[str, Any]:
    operations, headers = RecordOperations(MODULE), HeaderMap()
    seen: dict[str, Any] = {}

    def keep(name: str, call: Callable[[], Any]) -> list[tuple[str, str]]:
        seen[name] = said(call())
        rows: list[tuple[str, str]] = seen[name]
        return rows

    ada = record(last_name="Ada", company="Engines", email="ada@sdk.example")
    eve = record(last_name="Eve", company="Looms", email="eve@sdk.example")
    created = keep(
        "created",
        lambda: operations.create_records(body(ada, eve, record(company="Nobody's")), headers),
    )
    first, second = int(created[0][1]), int(created[1][1])
    changed = record(first, company="Engines & Sons")
    keep("updated", lambda: operations.update_records(body(changed), headers))
    found_one = operations.get_record(first, ParameterMap(), headers).get_object().get_data()[0]
    seen["one"] = found_one.get_key_value("Company")
    phoned = body(record(phone="+1 503 555 0100"))
    keep("updated one", lambda: operations.update_record(second, phoned, headers))
    again = record(last_name="Eva", company="Looms", email="eve@sdk.example")
    keep("upserted", lambda: operations.upsert_records(body(again, check="Email"), headers))
    seen["by email"] = found(operations, SearchRecordsParam.email, "eve@sdk.example")
    criteria = "(Company:equals:Engines & Sons)"
    seen["by criteria"] = found(operations, SearchRecordsParam.criteria, criteria)
    file = Path(folder) / "note.txt"
    file.write_text("some text", "utf-8")
    upload = FileBodyWrapper()
    upload.set_file(StreamWrapper(file_path=str(file)))
    attachments = AttachmentsOperations()
    keep("attached", lambda: attachments.upload_attachments(first, MODULE, upload))
    keep("deleted one", lambda: operations.delete_record(second, ParameterMap(), headers))
    params = ParameterMap()
    params.add(DeleteRecordsParam.ids, f"{first},1")
    keep("deleted", lambda: operations.delete_records(params, headers))
    seen["gone"] = found(operations, SearchRecordsParam.email, "ada@sdk.example")
    return seen


def main() -> None:
    order = json.load(sys.stdin)
    initialize(order)
    json.dump({"read": read(), "written": write(order["folder"])}, sys.stdout)


if __name__ == "__main__":
    main()
