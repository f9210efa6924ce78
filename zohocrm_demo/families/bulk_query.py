"""The body that creates a Bulk Read job: which module, fields, records.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/create-job.html,
https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/limitations.html; where fields of
composite addresses and territories are refused is what runs of clients have shown.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlsplit

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.calls import Context
from zohocrm_demo.families.bulk_criteria import read_criteria
from zohocrm_demo.families.records_access import ACCESS, view_test
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.records.conditions import Criteria, Way, following
from zohocrm_demo.organisation.records.kinds import KINDS, kind_of
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.values import Place, csv_writer
from zohocrm_demo.organisation.references import Row

MOST_PAGES = 500
MOST_FIELDS = 200
_DEEPEST = 2
_RULES = KINDS["bulk"]
_BODY_KEYS = frozenset({"query", "file_type", "callback"})
_QUERY_KEYS = frozenset({"module", "fields", "cvid", "criteria", "page", "page_token", "file_type"})


@dataclass(frozen=True, slots=True)
class BulkQuery:
    """What a job reads."""

    module: str
    fields: tuple[str, ...]
    asked: bool  # whether the body named them, so that the job's details do
    cvid: str | None
    criteria: Criteria | None
    criteria_body: Any  # the same as the body has them
    page: int  # which 200,000 rows, from 1
    after: int | None = None  # the id that the page begins after, if any


@dataclass(frozen=True, slots=True)
class Export:
    """One column of the file."""

    name: str  # as the query names it, and as the file's header does
    field: Row  # the metadata of the field at its end
    write: Callable[[Any], str]  # writes a kept value of it
    way: Way | None = None  # leads to the record that has it; None where that is the row's own

    @property
    def fails(self) -> bool:
        """Whether the job fails of it, though nothing is said against it at first."""
        return kind_of(self.field) in _RULES["fails_later"]


def read_query(context: Context) -> BulkQuery:
    """The query of a body; 415 or 400, with one of Bulk Read's codes for whatever is wrong."""
    body = _read_body(context)
    query = body["query"]
    if not isinstance(query, dict) or query.keys() - _QUERY_KEYS:
        raise ZohoError("QUERY_NOT_SUPPORTED")
    _refuse_callback(body.get("callback"))
    if "page_token" in query:
        # The token stands for everything else.
        if query.keys() != {"page_token"}:
            raise ZohoError("QUERY_NOT_SUPPORTED")
        return _continued(context, query["page_token"])
    organisation = context.organisation
    reference = query.get("module")
    if context.version.module_is_text:
        reference = {"api_name": reference} if isinstance(reference, str) else None
    if not isinstance(reference, dict):
        raise ZohoError("QUERY_NOT_SUPPORTED")
    module = _exported_module(organisation, reference.get("api_name"))["api_name"]
    # Calendars hold no more than the CSV of Events does, so the demo writes none.
    if body.get("file_type", query.get("file_type", "csv")) != "csv":
        raise ZohoError("NOT_SUPPORTED_FEATURE")
    known = organisation.records.fields(module)
    criteria = query.get("criteria")
    return BulkQuery(
        module,
        _fields(context, module, query.get("fields")),
        asked=query.get("fields") is not None,
        cvid=_cvid(organisation, module, query.get("cvid")),
        criteria=None if criteria is None else read_criteria(criteria, known),
        criteria_body=criteria,
        page=_page(query.get("page", 1)),
    )


def _read_body(context: Context) -> Mapping[str, Any]:
    media_type = context.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ZohoError("MEDIA_TYPE_NOT_SUPPORTED")
    if not context.body.strip():
        raise ZohoError("REQUEST_BODY_IS_EMPTY")
    try:
        body = json.loads(context.body)
    except ValueError as error:
        raise ZohoError("REQUEST_BODY_NOT_READABLE") from error
    if not isinstance(body, dict) or body.keys() - _BODY_KEYS or "query" not in body:
        raise ZohoError("REQUEST_BODY_NOT_SUPPORTED")
    return body


def _continued(context: Context, token: object) -> BulkQuery:
    where = {"api_name": "page_token", "json_path": "$.query.page_token"}
    jobs = context.organisation.records.bulk_jobs
    try:
        query: BulkQuery = jobs.redeem_token(str(token), context.now)
    except TimeoutError as error:
        raise ZohoError("EXPIRED_VALUE", **where) from error
    except LookupError as error:
        raise ZohoError("INVALID_DATA", **where) from error
    return query


def _exported_module(organisation: Organisation, name: object) -> Row:
    module = organisation.module(name) if isinstance(name, str) else None
    if module is None or module["api_name"] != name or not module["api_supported"]:
        raise ZohoError("MODULE_NOT_AVAILABLE", api_name=name)
    if name in ACCESS["not_in_bulk"] or module["generated_type"] == "linking":
        raise ZohoError("MODULE_NOT_SUPPORTED", api_name=name)
    return module


def _fields(context: Context, module: str, names: object) -> tuple[str, ...]:
    store = context.organisation.records
    if names is None:
        refused = {*_RULES["unsupported"], *_RULES["fails_later"]}
        return tuple(
            name
            for name, field in store.fields(module).items()
            if name != "id"
            and field["type"] == "used"
            and kind_of(field) not in refused
            and f"{module}.{name}" not in ACCESS["fields_in_neither"]
        )
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise ZohoError("QUERY_NOT_SUPPORTED")
    most = context.limits.job_fields or MOST_FIELDS
    if len(names) > most:
        limits = {"limit": most, "api_name": "fields"}
        raise ZohoError("LIMIT_EXCEEDED", "the limit of fields is exceeded", **limits)
    exports(store, module, names)
    return tuple(name for name in dict.fromkeys(names) if name != "id")


def _cvid(organisation: Organisation, module: str, cvid: object) -> str | None:
    if cvid is None:
        return None
    try:
        view_test(organisation, module, str(cvid))
    except ZohoError as error:
        raise ZohoError("CVID_NOT_SUPPORTED", cvid=cvid) from error
    return str(cvid)


def _page(page: object) -> int:
    if not isinstance(page, int) or isinstance(page, bool):
        raise ZohoError("PAGE_NOT_SUPPORTED")
    if not 1 <= page <= MOST_PAGES:
        raise ZohoError("PAGE_RANGE_EXCEEDED", max_limit=MOST_PAGES)
    return page


def _refuse_callback(callback: Any) -> None:
    if callback is None:
        return
    url = callback.get("url") if isinstance(callback, dict) else None
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme != "https" or not parts.netloc:
        raise ZohoError("INVALID_CALLBACK_URL")
    if callback.get("method") != "post":
        raise ZohoError("INVALID_CALLBACK_METHOD", supported_callback_methods=["post"])
    raise ZohoError("CALLBACK_FAILURE")


def exports(store: RecordStore, module: str, names: Iterable[str]) -> list[Export]:
    """The columns of a job; 400 FIELD_NOT_AVAILABLE, FIELD_NOT_SUPPORTED or JOIN_LIMIT_EXCEEDED."""
    view = store.view()
    found = []
    for name in dict.fromkeys(names):
        target, way = module, None
        *joins, last = name.split(".")
        if len(joins) > _DEEPEST:
            raise ZohoError("JOIN_LIMIT_EXCEEDED", api_name=name, module=module)
        for join in joins:
            lookup = _field(store, target, join, name)
            if kind_of(lookup) != "record":
                raise ZohoError("FIELD_NOT_SUPPORTED", api_name=name, module=target)
            target = lookup["lookup"]["module"]["api_name"]
            way = following(store, target, join, way)
        field = _field(store, target, last, name)
        write = str if last == "id" else csv_writer(Place(target, field, view))
        found.append(Export(name, field, write, way))
    return found


def _field(store: RecordStore, module: str, api_name: str, column: str) -> Row:
    field = store.fields(module).get(api_name)
    details = {"api_name": column, "module": module}
    if field is None or field["type"] == "unused":
        raise ZohoError("FIELD_NOT_AVAILABLE", **details)
    named = f"{module}.{api_name}" in ACCESS["fields_in_neither"]
    if named or kind_of(field) in _RULES["unsupported"]:
        raise ZohoError("FIELD_NOT_SUPPORTED", **details)
    return field
