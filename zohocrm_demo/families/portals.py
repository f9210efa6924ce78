"""The kinds of a portal's users, and the users.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-user-types.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-users-user-type.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.families.rows import Row, existing, page_rows

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_PORTAL_INDEX, _KIND_INDEX = 2, 4


def user_types(context: Context) -> list[Row]:
    """The kinds of users of a portal; 400 INVALID_DATA for an unknown one."""
    organisation, portal = context.organisation, context.variables["portal"]
    existing(organisation.portals, portal, _PORTAL_INDEX, "name")
    return organisation.portal_user_types.get(portal, [])


def user_type(context: Context) -> list[Row]:
    """One kind of users; 400 INVALID_DATA for an unknown portal or kind."""
    return [existing(user_types(context), context.variables["kind"], _KIND_INDEX)]


def list_users(context: Context) -> Answer:
    """A page of the users of a kind, of one source if `Source__s` is there; 204 without any.

    Its `info` has the total alone: the last page is known by arithmetic only.
    """
    source = context.params.get("Source__s")
    everybody = context.organisation.portal_users.get(user_type(context)[0]["id"], [])
    rows = [row for row in everybody if source in {None, row["Source__s"]}]
    found = page_rows(context, rows)
    return (
        json_answer({"users": found, "info": {"total_count": len(rows)}}) if found else NO_CONTENT
    )
