"""Drafts of e-mails to one record, and whose e-mails with it others may read.

Sources: the OpenAPI files of 2026 on email-drafts and emails-sharing-details
"""

from __future__ import annotations

from zohocrm_demo.answers import Answer, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import only_in
from zohocrm_demo.families.related import parent_of
from zohocrm_demo.families.rows import existing, page
from zohocrm_demo.organisation.children.child import KINDS, filled
from zohocrm_demo.organisation.records.times import written
from zohocrm_demo.organisation.references import Row, make_id, ref

_ON_A_PAGE = 10
_HOUR = 3_600


def list_drafts(context: Context) -> Answer:
    """Up to ten drafts, the first begun first; 204 without any."""
    return page(context, "__email_drafts", _drafts(context), _ON_A_PAGE)


def get_draft(context: Context) -> Answer:
    """One draft; 400 INVALID_DATA for an unknown one."""
    row = existing(_drafts(context), context.variables["draft"], 3)
    return json_answer({"__email_drafts": [row]})


def _drafts(context: Context) -> list[Row]:
    drafts = KINDS["drafts"]
    module, parent = parent_of(context)
    only_in(module, drafts["modules"])
    sizes, users = drafts["sizes"], context.organisation.users
    store = context.organisation.records
    rows = []
    for number in range(sizes[parent.id % len(sizes)]):
        user = users[number % 3]
        begun = parent.created + _HOUR * number
        rows.append(
            filled(
                "drafts",
                "row",
                id=make_id(drafts["first_id"] + parent.id % 10_000_000 * 100 + number),
                created=written(begun, store.zone),
                modified=written(begun + _HOUR, store.zone),
                sender=user["email"],
                address=f"{parent.id}.{number}@mail.example",
                subject=drafts["subjects"][number % len(drafts["subjects"])],
                attachments=drafts["attachments"] if number % 2 else [],
                schedule=drafts["schedule"] if number == 1 else None,
                inventory=drafts["inventory"] if number == 0 else None,
                owner={"name": user["full_name"], "id": user["id"]},
            )
        )
    return rows


def list_sharing(context: Context) -> Answer:
    """Who shares e-mails with the record, in one row."""
    sharing = KINDS["email_sharing"]
    module, parent = parent_of(context)
    only_in(module, sharing["modules"])
    users = context.organisation.users[: parent.id % 3]
    row = {
        "shared_from_users": [
            {"name": user["full_name"], **ref(user, "id"), "_type": "imap"} for user in users
        ],
        "available_types": sharing["types"][: 1 + len(users)],
    }
    return json_answer({"__emails_sharing_details": [row]})
