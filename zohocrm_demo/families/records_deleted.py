"""Deleted records: `GET /crm/v8/{module}/deleted`.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer
from zohocrm_demo.families.modified_since import modified_since
from zohocrm_demo.families.records_access import readable_module
from zohocrm_demo.families.records_list import MOST_PER_PAGE, refuse_deep_pages
from zohocrm_demo.families.rows import page
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.records.times import seconds, written

if TYPE_CHECKING:
    from zohocrm_demo.organisation.records.deletions import Deletion
    from zohocrm_demo.organisation.records.view import OrganisationView
    from zohocrm_demo.routes import Context

# One credit in most of Zoho's lists, two in an older one: the greater is the safe reading.
cost = Cost(2)


def list_deleted(context: Context) -> Answer:
    """The deleted records, the latest first; 204 without any, 304 when none is that recent.

    If-Modified-Since goes by `deleted_time` and includes its own second. There are no page tokens
    here, so that nothing beyond 2,000 records is to be had without the header.

    Raises:
        ZohoError: 400 INVALID_MODULE, PATTERN_NOT_MATCHED, DISCRETE_PAGINATION_LIMIT_EXCEEDED; 403.
    """
    module = readable_module(context)
    refuse_deep_pages(
        int(context.params.get("page", "1")), int(context.params.get("per_page", MOST_PER_PAGE))
    )
    store = context.organisation.records
    kind = context.params.get("type", "all")
    lines = [line for line in store.deletions(module["api_name"]) if kind in {"all", line.type}]
    since = modified_since(context)
    if since is not None:
        lines = [line for line in lines if line.deleted >= seconds(since)]
        if not lines:
            return NOT_MODIFIED
    if not lines:
        return NO_CONTENT
    view = store.view()
    return page(context, "data", [_row(line, view) for line in lines])


def _row(line: Deletion, view: OrganisationView) -> dict[str, Any]:
    return {
        "deleted_by": _person(line.deleted_by, view),
        "id": line.id,
        "display_name": line.display_name,
        "type": line.type,
        "created_by": None if line.created_by is None else _person(line.created_by, view),
        "deleted_time": written(line.deleted, view.zone),
    }


def _person(user_id: str, view: OrganisationView) -> dict[str, Any]:
    return {"name": view.user(user_id)["name"], "id": user_id}
