"""Composite requests: up to five calls in one, each answered as if it were alone.

Source: https://www.zoho.com/crm/developer/docs/api/v8/composite-api.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from zohocrm_demo.answers import Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context, Request
from zohocrm_demo.limits import Cost

_KEY = "__composite_requests"
MOST_PARTS = 5
_URI = re.compile(r"/crm(/.*)?/v\d+(\.\d+)?/.*")
_METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")
_NO_HEADERS = frozenset({"authorization", "x-crm-org"})
# The call costs one credit however many parts it has, and takes the places of five calls.
cost = Cost(slots=MOST_PARTS, sub_concurrent=True)


def run(context: Context) -> Answer:
    """Answer each part; refused as a whole if one can't even be tried."""
    body = _read(context.body)
    parts = [_request(context, part, f"$.{_KEY}[{at}]") for at, part in enumerate(body)]
    answers = [_shown(context.call(part)) for part in parts]
    return json_answer({_KEY: answers})


def _read(text: bytes) -> list[Any]:
    try:
        body = json.loads(text)
    except ValueError:
        body = None
    parts = body.get(_KEY) if isinstance(body, dict) else None
    if not isinstance(body, dict) or not parts:
        raise ZohoError("MANDATORY_NOT_FOUND", api_name=_KEY, json_path=f"$.{_KEY}")
    if not isinstance(parts, list):
        kind = {"expected_data_type": "jsonarray"}
        raise ZohoError("INVALID_DATA", api_name=_KEY, json_path=f"$.{_KEY}", **kind)
    if len(parts) > MOST_PARTS:
        path = {"api_name": _KEY, "json_path": f"$.{_KEY}"}
        raise ZohoError("INVALID_DATA", **path, maximum_length=MOST_PARTS)
    if body.get("rollback_on_fail"):
        message = "rollback_on_fail is not supported by the demo"
        raise ZohoError("NOT_SUPPORTED", message, api_name="rollback_on_fail")
    if "@{" in json.dumps(parts):
        message = "references to other sub requests are not supported by the demo"
        raise ZohoError("NOT_SUPPORTED", message, api_name=_KEY)
    names = [part.get("sub_request_id") for part in parts if isinstance(part, dict)]
    named = [name for name in names if name is not None]
    if len(set(named)) < len(named):
        raise ZohoError("DUPLICATE_DATA", api_name="sub_request_id", json_path=f"$.{_KEY}")
    return parts


def _request(context: Context, part: Any, where: str) -> Request:
    if not isinstance(part, dict):
        raise ZohoError("INVALID_DATA", json_path=where, expected_data_type="jsonobject")
    for name in ("method", "uri"):
        if name not in part:
            raise ZohoError("MANDATORY_NOT_FOUND", api_name=name, json_path=f"{where}.{name}")
    if part["method"] not in _METHODS:
        raise ZohoError("INVALID_DATA", api_name="method", json_path=f"{where}.method")
    uri = part["uri"]
    if not isinstance(uri, str) or not _URI.fullmatch(uri) or _KEY in uri:
        details = {"json_path": f"{where}.uri", "regex": _URI.pattern}
        raise ZohoError("INVALID_DATA", api_name="uri", **details)
    headers = {str(name).lower(): str(value) for name, value in _object(part, "headers").items()}
    if restricted := _NO_HEADERS & headers.keys():
        path = {"api_name": "headers", "json_path": f"{where}.headers"}
        raise ZohoError("NOT_SUPPORTED", **path, restricted_headers=sorted(restricted))
    headers["authorization"] = context.headers["authorization"]
    place, _, query = uri.partition("?")
    params = {
        name: str(value).lower() if isinstance(value, bool) else value
        for name, value in _object(part, "params").items()
    }
    query = "&".join(filter(None, (query, urlencode(params))))
    body = b""
    if "body" in part:
        body = json.dumps(part["body"]).encode()
        headers.setdefault("content-type", "application/json")
    return Request(part["method"], place, query, headers, body)


def _object(part: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    value = part.get(name) or {}
    if not isinstance(value, dict):
        raise ZohoError("INVALID_DATA", api_name=name, expected_data_type="jsonobject")
    return value


def _shown(answer: Answer) -> Mapping[str, Any]:
    headers = dict(answer.headers)
    if answer.content_type is not None:
        headers["Content-Type"] = answer.content_type
    # Of an empty body the documents show nothing; the specification says that there is an object.
    body = json.loads(answer.body) if answer.body else {}
    response = {"status_code": answer.status, "headers": headers, "body": body}
    message = "composite sub request executed successfully"
    return {"code": "SUCCESS", "details": {"response": response}, "message": message} | {
        "status": "success"
    }
