"""What belongs to one record: its related lists, and how many rows they have.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-related-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-contact-roles-of-a-specific-deal.html
"""

from __future__ import annotations

import json
from collections.abc import Iterable
from typing import Any

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import module_scopes, readable_module, record_test
from zohocrm_demo.families.records_list import (
    Page,
    answered,
    asked_fields,
    changed_since,
    refuse_ambiguity,
)
from zohocrm_demo.families.records_shown import in_lists
from zohocrm_demo.families.relations import listed, relation_of
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.children.child import EMAILS, INVERSE, LINKS, LOCKS
from zohocrm_demo.organisation.records.table import Record, sort_key
from zohocrm_demo.organisation.references import Row

_NO_ID = "the related id given seems to be invalid"
_NO_RECORDS = frozenset({"actions", "deleted"})
_CONTACTS = "ZohoCRM.modules.contacts.READ"


def parent_of(context: Context) -> tuple[Row, Record]:
    """The module and the record that the path names; 400 INVALID_DATA if it isn't there."""
    module = readable_module(context)
    record = context.organisation.records.find(module["api_name"], context.variables["record"])
    if record is None:
        raise ZohoError("INVALID_DATA", _NO_ID, resource_path_index=1)
    return module, record


def list_related(context: Context) -> Answer:
    """One page of a related list; 204 without any, 304 when none of them has changed."""
    module, parent = parent_of(context)
    store = context.organisation.records
    with store.lock:
        relation = relation_of(context.organisation, module, parent, context.variables["list"])
        child = relation.module
        own = dict.fromkeys(name for row in relation.own.values() for name in row)
        fields = asked_fields(context, (*store.fields(child), *own, *_own_names(context)))
        refuse_ambiguity(context, ("page", "page_token"))
        page, since = Page.from_context(context), changed_since(context, child)
        test = record_test(context, context.organisation.the_module(child))
        found = [
            record
            for record in relation.records
            if test(record) and (since is None or (record.modified or since - 1) >= since)
        ]
        found.sort(key=lambda record: sort_key(record, page.by), reverse=page.descending)
        records = page.of_records(iter(found), positional=store.positional_tokens)
        shown = in_lists(store, child, fields)

        def show(record: Record) -> Row:
            return {**relation.own.get(str(record.id), {}), **shown(record)}

        return answered(context, page, records, show, nothing_changed=since is not None)


def get_related(context: Context) -> Answer:
    """One record of a related list, an array of one; 204 if the list doesn't have it."""
    module, parent = parent_of(context)
    store = context.organisation.records
    with store.lock:
        relation = relation_of(context.organisation, module, parent, context.variables["list"])
        known = (*store.fields(relation.module), *_own_names(context))
        show = in_lists(store, relation.module, asked_fields(context, known))
        wanted = context.variables["child"]
        for record in relation.records:
            if str(record.id) == wanted:
                return json_answer({"data": [{**relation.own.get(wanted, {}), **show(record)}]})
    return NO_CONTENT


def scopes(context: Context) -> tuple[str, ...]:
    """The scopes that a related list takes: of contact roles, that of contacts as well."""
    if context.variables["record"] in _NO_RECORDS:
        raise ZohoError("INVALID_URL_PATTERN")
    own = module_scopes(context)
    return (*own, _CONTACTS) if context.variables["list"] == "Contact_Roles" else own


def count_related(context: Context) -> Answer:
    """How many rows related lists of one record have; filters are not supported."""
    module, parent = parent_of(context)
    body = _body(context)
    answers = []
    for index, wanted in enumerate(body):
        where = f"$.get_related_records_count[{index}]"
        if not isinstance(wanted, dict) or not isinstance(wanted.get("related_list"), dict):
            raise ZohoError(
                "MANDATORY_NOT_FOUND", api_name="related_list", json_path=f"{where}.related_list"
            )
        if wanted.get("params"):
            message = "params are not supported by the demo"
            raise ZohoError("NOT_SUPPORTED", message, api_name="params", json_path=where)
        row = listed(context.organisation, module, wanted["related_list"])
        if row is None:
            path = {"api_name": "related_list", "json_path": f"{where}.related_list"}
            raise ZohoError("INVALID_DATA", **path)
        name = {"api_name": row["api_name"], "id": row["id"]}
        count = _count(context.organisation, module, parent, row["api_name"])
        answers.append({"count": count, "related_list": name})
    return json_answer({"get_related_records_count": [answers]})


def _body(context: Context) -> list[Any]:
    try:
        body = json.loads(context.body or b"null")
    except ValueError:
        body = None
    wanted = body.get("get_related_records_count") if isinstance(body, dict) else None
    if not isinstance(wanted, list) or not wanted:
        raise ZohoError("MANDATORY_NOT_FOUND", api_name="get_related_records_count")
    return wanted


def _count(organisation: Organisation, module: Row, parent: Record, name: str) -> int:
    if name == EMAILS:
        return len(organisation.children.of_record(module["api_name"], str(parent.id), EMAILS))
    return len(relation_of(organisation, module, parent, name).records)


def _own_names(context: Context) -> Iterable[str]:
    kind = f"{context.variables['module']}.{context.variables['list']}"
    return list(LINKS.get(INVERSE.get(kind, kind), {}).get("own", {}))


def list_locks(context: Context) -> Answer:
    """The lock of a record, a page of one; 204 for a record that isn't locked."""
    module, parent = parent_of(context)
    locks = context.organisation.children.of_record(module["api_name"], str(parent.id), LOCKS)
    rows = [dict(one.row) for one in locks]
    text = context.params.get("fields")
    if text is not None:
        wanted = {*text.split(","), "id"}
        unknown = wanted - {key for row in rows for key in row}
        if rows and unknown:
            raise ZohoError("INVALID_DATA", param_name="fields")
        rows = [{key: value for key, value in row.items() if key in wanted} for row in rows]
    info = {"per_page": 200, "count": len(rows), "page": 1, "more_records": False}
    return json_answer({"data": rows, "info": info}) if rows else NO_CONTENT
