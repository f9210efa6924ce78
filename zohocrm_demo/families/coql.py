"""Queries: `POST /crm/v8/coql`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/Get-Records-through-COQL-Query.html
"""

from __future__ import annotations

import json
from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import NO_CONTENT, Answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.families.coql_grammar import Query, parse
from zohocrm_demo.families.coql_query import answer_query
from zohocrm_demo.families.records_access import ACCESS, read_scope
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.records.json_text import exact_json_answer
from zohocrm_demo.routes import Context

if TYPE_CHECKING:
    from collections.abc import Mapping

_SCOPE = "ZohoCRM.coql.READ"
_FIELDS_SCOPE = "ZohoCRM.settings.fields.READ"
_META = "include_meta"

# Rows up to which a query takes one credit, and two; beyond it takes three.
_CHEAP, _MIDDLING = 200, 1_000


def run_query(context: Context) -> Answer:
    """The rows that a query selects; 204 without any.

    Response: `{data, info {count, more_records}}`, with `include_meta` also `fields`.

    Raises:
        ZohoError: 400 MANDATORY_NOT_FOUND, INVALID_DATA, SYNTAX_ERROR, INVALID_QUERY,
            INVALID_MODULE, LIMIT_EXCEEDED, DUPLICATE_DATA, DUPLICATE_ALIAS, INVALID_ALIAS.
    """
    body = _body(context)
    query = parse(body["select_query"])
    _refuse_module(context, query.module)
    rows, more = answer_query(context.organisation, query)
    if not rows:
        return NO_CONTENT
    payload: dict[str, Any] = {"data": rows}
    if _META in body:
        known = context.organisation.records.fields(query.module)
        names = [column.name for column in query.columns]
        payload["fields"] = {name: known[name] for name in names if name in known}
    payload["info"] = {"count": len(rows), "more_records": more}
    return exact_json_answer(payload)


def _body(context: Context) -> Mapping[str, Any]:
    try:
        body = json.loads(context.body)
    except ValueError:
        body = None
    if not isinstance(body, dict):
        raise _wrong_type("jsonobject", "", "$")
    if "select_query" not in body:
        raise ZohoError("MANDATORY_NOT_FOUND", api_name="select_query")
    if not isinstance(body["select_query"], str):
        raise _wrong_type("text", "select_query", "$.select_query")
    if _META in body:
        if not isinstance(body[_META], list):
            raise _wrong_type("jsonarray", _META, f"$.{_META}")
        if body[_META] != ["fields"]:
            meta = {"api_name": _META, "json_path": f"$.{_META}", "supported_values": ["fields"]}
            raise ZohoError("INVALID_DATA", **meta)
    return body


def _wrong_type(expected: str, api_name: str, path: str) -> ZohoError:
    details = {"expected_data_type": expected, "api_name": api_name, "json_path": path}
    return ZohoError("INVALID_DATA", **details)


def _refuse_module(context: Context, name: str) -> None:
    module = context.organisation.module(name)
    if module is None or module["api_name"] != name or name in ACCESS["unknown_in_coql"]:
        raise ZohoError("INVALID_MODULE")
    refused = name in ACCESS["not_in_coql"] or module["generated_type"] == "linking"
    if refused or not module["api_supported"]:
        raise ZohoError("INVALID_QUERY", "the module is not supported in the query", module=name)


def _well_formed(context: Context) -> Query | None:
    try:
        return parse(_body(context)["select_query"])
    except ZohoError:
        # The handler will say so; before that the call has to pass the gates.
        return None


def scopes(context: Context) -> tuple[str, ...]:
    """The scopes that a query needs: one for queries, one for its module, one for metadata."""
    query = _well_formed(context)
    module = None if query is None else context.organisation.module(query.module)
    if module is None:
        return (_SCOPE,)
    more = (_FIELDS_SCOPE,) if _META in _body(context) else ()
    return (_SCOPE, read_scope(module), *more)


def cost(context: Context) -> Cost:
    """One to three credits, by the query's LIMIT."""
    query = _well_formed(context)
    limit = 1 if query is None else query.limit
    credits_ = 1 if limit <= _CHEAP else 2 if limit <= _MIDDLING else 3
    return Cost(credits_, sub_concurrent=True)
