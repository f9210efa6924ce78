"""The body that creates a Bulk Read job.

Source: https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/create-job.html
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any
from urllib.parse import urlsplit

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.bulk_columns import (
    MOST_FIELDS,
    everything,
    exported_module,
    exports,
)
from zohocrm_demo.families.bulk_criteria import read_criteria, refusal
from zohocrm_demo.families.records_filters import view_test

if TYPE_CHECKING:
    from collections.abc import Mapping

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.records.conditions import Criteria
    from zohocrm_demo.routes import Context

MOST_PAGES = 500
_BODY_KEYS = frozenset({"query", "file_type", "callback"})
_QUERY_KEYS = frozenset({"module", "fields", "cvid", "criteria", "page", "page_token", "file_type"})


@dataclass(frozen=True, slots=True)
class BulkQuery:
    """What a job reads.

    Attributes:
        module: The module's API name.
        fields: The columns.
        asked: Whether the body named them, so that the job's details do.
        cvid: The custom view, if any.
        criteria: The conditions, if any.
        criteria_body: The same as the body has them.
        page: Which 200,000 rows, from 1.
        after: The id that the page begins after; None where the number says where it begins.
    """

    module: str
    fields: tuple[str, ...]
    asked: bool
    cvid: str | None
    criteria: Criteria | None
    criteria_body: Any
    page: int
    after: int | None = None


def read_body(context: Context) -> Mapping[str, Any]:
    """The body as JSON, with nothing in it that doesn't belong there.

    Raises:
        ZohoError: 415 MEDIA_TYPE_NOT_SUPPORTED, 400 REQUEST_BODY_IS_EMPTY,
            REQUEST_BODY_NOT_READABLE, REQUEST_BODY_NOT_SUPPORTED.
    """
    media_type = context.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media_type != "application/json":
        raise ZohoError(415, "MEDIA_TYPE_NOT_SUPPORTED", "the media type is not supported", {})
    if not context.body.strip():
        raise refusal("REQUEST_BODY_IS_EMPTY", "the request body is empty", {})
    try:
        body = json.loads(context.body)
    except ValueError as error:
        message = "the request body is not readable"
        raise refusal("REQUEST_BODY_NOT_READABLE", message, {}) from error
    if not isinstance(body, dict) or body.keys() - _BODY_KEYS or "query" not in body:
        raise refusal("REQUEST_BODY_NOT_SUPPORTED", "the request body is not supported", {})
    return body


def read_query(context: Context) -> BulkQuery:
    """The query of a body.

    Raises:
        ZohoError: As `read_body`; 400 QUERY_NOT_SUPPORTED, NOT_SUPPORTED_FEATURE,
            INVALID_CALLBACK_URL, INVALID_CALLBACK_METHOD, EXPIRED_VALUE, INVALID_DATA,
            PAGE_RANGE_EXCEEDED, PAGE_NOT_SUPPORTED, LIMIT_EXCEEDED, CVID_NOT_SUPPORTED, what is
            wrong with the module, its fields or the criteria.
    """
    body = read_body(context)
    query = body["query"]
    if not isinstance(query, dict) or query.keys() - _QUERY_KEYS:
        raise _unsupported()
    _refuse_callback(body.get("callback"))
    if "page_token" in query:
        # The token stands for everything else.
        if query.keys() != {"page_token"}:
            raise _unsupported()
        return _continued(context, query["page_token"])
    organisation = context.organisation
    reference = query.get("module")
    if not isinstance(reference, dict):
        raise _unsupported()
    module = exported_module(organisation, reference.get("api_name"))["api_name"]
    _refuse_file_type(body.get("file_type", query.get("file_type", "csv")))
    known = organisation.records.fields(module)
    criteria = query.get("criteria")
    return BulkQuery(
        module,
        _fields(organisation, module, query.get("fields")),
        asked=query.get("fields") is not None,
        cvid=_cvid(organisation, module, query.get("cvid")),
        criteria=None if criteria is None else read_criteria(criteria, known),
        criteria_body=criteria,
        page=_page(query.get("page", 1)),
    )


def _unsupported() -> ZohoError:
    return refusal("QUERY_NOT_SUPPORTED", "the query is not supported", {})


def _continued(context: Context, token: object) -> BulkQuery:
    try:
        query: BulkQuery = context.organisation.records.bulk_jobs.redeem_token(
            str(token), context.now
        )
    except TimeoutError as error:
        details = {"api_name": "page_token", "json_path": "$.query.page_token"}
        raise refusal("EXPIRED_VALUE", "Page token expired", details) from error
    except LookupError as error:
        details = {"api_name": "page_token", "json_path": "$.query.page_token"}
        raise refusal("INVALID_DATA", "invalid data", details) from error
    return query


def _fields(organisation: Organisation, module: str, names: object) -> tuple[str, ...]:
    store = organisation.records
    if names is None:
        return everything(store, module)
    if not isinstance(names, list) or not names or not all(isinstance(n, str) for n in names):
        raise _unsupported()
    if len(names) > MOST_FIELDS:
        details = {"limit": MOST_FIELDS, "api_name": "fields"}
        raise refusal("LIMIT_EXCEEDED", "the limit of fields is exceeded", details)
    exports(store, module, names)
    return tuple(name for name in dict.fromkeys(names) if name != "id")


def _cvid(organisation: Organisation, module: str, cvid: object) -> str | None:
    if cvid is None:
        return None
    try:
        view_test(organisation, module, str(cvid))
    except ZohoError as error:
        details = {"cvid": cvid}
        raise refusal("CVID_NOT_SUPPORTED", "the cvid is not supported", details) from error
    return str(cvid)


def _page(page: object) -> int:
    if not isinstance(page, int) or isinstance(page, bool):
        raise refusal("PAGE_NOT_SUPPORTED", "the page is not supported", {})
    if not 1 <= page <= MOST_PAGES:
        details = {"max_limit": MOST_PAGES}
        raise refusal("PAGE_RANGE_EXCEEDED", "the page is out of range", details)
    return page


def _refuse_file_type(file_type: object) -> None:
    # Calendars hold no more than the CSV of Events does, so the demo writes none.
    if file_type != "csv":
        raise refusal("NOT_SUPPORTED_FEATURE", "the file type is not supported", {})


def _refuse_callback(callback: Any) -> None:
    if callback is None:
        return
    url = callback.get("url") if isinstance(callback, dict) else None
    parts = urlsplit(url) if isinstance(url, str) else None
    if parts is None or parts.scheme != "https" or not parts.netloc:
        raise refusal("INVALID_CALLBACK_URL", "the callback URL is invalid", {})
    if callback.get("method") != "post":
        details = {"supported_callback_methods": ["post"]}
        raise refusal("INVALID_CALLBACK_METHOD", "the callback method is invalid", details)
    # The demo calls nobody; a client that waits for it should know at once.
    raise refusal("CALLBACK_FAILURE", "the callback failed", {})
