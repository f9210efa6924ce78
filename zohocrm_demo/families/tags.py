"""Tags of a module.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-tag-list.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-record-count-for-tag.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.families.rows import existing, rows_named

if TYPE_CHECKING:
    from zohocrm_demo.routes import Context

_PATH_INDEX = 2
_MOST_TAGS = 200
_MOST_PER_RECORD = 10


def list_tags(context: Context) -> Answer:
    """The tags of `module`; 204 without any."""
    tags = rows_named(context, "tags")
    if not tags:
        return NO_CONTENT
    info = {"record_limit": _MOST_PER_RECORD, "count": len(tags), "allowed_count": _MOST_TAGS}
    return json_answer({"tags": tags, "info": info})


def count_records(context: Context) -> Answer:
    """How many records of `module` have a tag; the number is a string.

    Raises:
        ZohoError: 400 INVALID_DATA for a tag that isn't the module's.
    """
    tag = existing(rows_named(context, "tags"), context.variables["one"], _PATH_INDEX)
    counts = context.organisation.customization.tag_record_counts
    return json_answer({"count": str(counts.get(tag["id"], 0))})
