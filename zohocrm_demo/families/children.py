"""E-mails, timeline, shares and the blueprint of one record.

Sources: https://www.zoho.com/crm/developer/docs/api/v6/get-email-rel-list.html,
https://www.zoho.com/crm/developer/docs/api/v8/timeline-of-a-record.html,
https://www.zoho.com/crm/developer/docs/api/v8/blueprint-details.html, and the OpenAPI files
"""

from __future__ import annotations

from operator import ge, le

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import (
    module_scopes,
    named_module,
    only_in,
    scope_part,
)
from zohocrm_demo.families.related import parent_of
from zohocrm_demo.organisation.children.child import (
    BLUEPRINT,
    EMAILS,
    KINDS,
    SHARES,
    TIMELINE,
    Child,
)
from zohocrm_demo.organisation.references import Row

_EMAILS_ON_A_PAGE = 10
_ENTRIES_ON_A_PAGE = 200
_INNER = ("data_type", "field_label", "enable_colour_code", "pick_list_values")
_START = b"start".hex()
_TYPES = {"sent_from_crm": "crm", "user_emails": "imap"}


def email_scopes(context: Context) -> tuple[str, ...]:
    """The scopes that read the module in the path and e-mails."""
    return (*module_scopes(context), "ZohoCRM.modules.emails.READ")


def list_emails(context: Context) -> Answer:
    """Ten e-mails, the latest first, and the index of the next ten; 204 without any."""
    emails = _emails(context)
    kind = context.params.get("type")
    if kind is not None:
        # Nothing is scheduled, and there are no drafts.
        emails = [one for one in emails if one.row["source"] == _TYPES.get(kind)]
    if "owner_id" in context.params:
        if kind != "user_emails":
            raise ZohoError("INVALID_DATA", param_name="owner_id")
        emails = [one for one in emails if one.row["owner"]["id"] == context.params["owner_id"]]
    emails.reverse()
    first = _place(context, "index", emails)
    shown = emails[first : first + _EMAILS_ON_A_PAGE]
    if not shown:
        return NO_CONTENT
    more = first + len(shown) < len(emails)
    info = {
        "count": len(shown),
        "next_index": _mark(shown[-1]) if more else None,
        "prev_index": _mark_before(emails, first, _EMAILS_ON_A_PAGE),
        "per_page": _EMAILS_ON_A_PAGE,
        "more_records": more,
    }
    rows = [{key: one.row[key] for key in one.row if key != "content"} for one in shown]
    return json_answer({EMAILS: rows, "info": info})


def get_email(context: Context) -> Answer:
    """One e-mail with its body, an array of one; of another user, `user_id` has to name it."""
    wanted = context.variables["message"]
    found = next((one for one in _emails(context) if one.key == wanted), None)
    if found is None:
        raise ZohoError(
            "INVALID_DATA", "the related id given seems to be invalid", resource_path_index=3
        )
    owner = found.row["owner"]["id"]
    caller = context.organisation.users[0]["id"]
    if owner not in {caller, context.params.get("user_id")}:
        raise ZohoError("NO_PERMISSION", "permission denied", 400)
    text = f"<div>{found.row['subject']}</div>"
    return json_answer({EMAILS: [{**found.row, "content": found.row.get("content", text)}]})


def _emails(context: Context) -> list[Child]:
    module, parent = parent_of(context)
    only_in(module, KINDS["emails"]["modules"])
    return context.organisation.children.of_record(module["api_name"], str(parent.id), EMAILS)


def list_timeline(context: Context) -> Answer:
    """One page of a record's timeline, the latest entry first; 204 without any."""
    module, parent = parent_of(context)
    only_in(module, KINDS["timeline"]["modules"])
    params = context.params
    if "page_token" in params and "per_page" in params:
        due_to = [{"param_name": name} for name in ("per_page", "page_token")]
        raise ZohoError("AMBIGUITY_DURING_PROCESSING", ambiguity_due_to=due_to)
    if "include_timeline_type" in params and "include" not in params:
        raise ZohoError("REQUIRED_PARAM_MISSING", param_name="include")
    entries = context.organisation.children.of_record(module["api_name"], str(parent.id), TIMELINE)
    if params.get("sort_order", "desc") == "desc":
        entries.reverse()
    first = _place(context, "page_token", entries)
    size = int(params.get("per_page", _ENTRIES_ON_A_PAGE))
    if "page" in params and "page_token" not in params:
        first = (int(params["page"]) - 1) * size
    shown = entries[first : first + size]
    if not shown:
        return NO_CONTENT
    more = first + len(shown) < len(entries)
    info = {
        "per_page": size,
        "next_page_token": _mark(shown[-1]) if more else None,
        "count": len(shown),
        "previous_page_token": _mark_before(entries, first, size),
        "page": first // size + 1,
        "more_records": more,
    }
    return json_answer({"__timeline": [_entry(context, one) for one in shown], "info": info})


def _entry(context: Context, entry: Child) -> Row:
    inner = context.params.get("include_inner_details", "").split(",")
    wanted = {name.removeprefix("field_history.") for name in inner}
    hidden = set(_INNER) - {"data_type"} - wanted
    fields = {
        field["id"]: field
        for field in context.organisation.fields.get(context.variables["module"], ())
    }
    row = dict(entry.row)
    if row["field_history"] and wanted & set(_INNER):
        row["field_history"] = [
            {**{name: fields[one["id"]].get(name) for name in set(_INNER) - hidden}, **one}
            for one in row["field_history"]
        ]
    asked = context.params.get("include", "").split(",")
    more = KINDS["timeline"]["more"]
    return {**row, **{name: more[name] for name in asked if name in more}}


def share_scopes(context: Context) -> tuple[str, ...]:
    """The scope that reads with whom records of the module in the path are shared."""
    return (f"ZohoCRM.share.{scope_part(named_module(context))}.READ",)


def list_shares(context: Context) -> Answer:
    """With whom a record is shared; 204 if with nobody."""
    module, parent = parent_of(context)
    shares = context.organisation.children.of_record(module["api_name"], str(parent.id), SHARES)
    rows = [one.row for one in shares]
    shared_to = context.params.get("sharedTo")
    if shared_to is not None:
        rows = [row for row in rows if row["shared_with"]["id"] == shared_to]
    return json_answer({"share": rows}) if rows else NO_CONTENT


def get_blueprint(context: Context) -> Answer:
    """The state of a record in its process and where it can go; 400 outside of one."""
    module, parent = parent_of(context)
    states = context.organisation.children.of_record(module["api_name"], str(parent.id), BLUEPRINT)
    if not states:
        raise ZohoError("RECORD_NOT_IN_PROCESS")
    return json_answer({"blueprint": states[0].row})


def _mark(child: Child) -> str:
    return f"{child.at:x}-{child.key}".encode().hex()


def _mark_before(children: list[Child], first: int, size: int) -> str | None:
    if first > size:
        return _mark(children[first - size - 1])
    return _START if first else None


def _place(context: Context, param: str, children: list[Child]) -> int:
    # Where the page begins: what is new in the meantime doesn't move those that come after.
    mark = context.params.get(param)
    if mark in {None, _START}:
        return 0
    try:
        at, _, key = bytes.fromhex(str(mark)).decode().partition("-")
        last = int(at, 16), key
    except ValueError as error:
        raise ZohoError("INVALID_DATA", param_name=param) from error
    ascending = context.params.get("sort_order") == "asc"
    passed = le if ascending else ge
    return sum(passed((one.at, one.key), last) for one in children)
