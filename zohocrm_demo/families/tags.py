"""Tags: `GET /crm/v8/settings/tags`, and how many records have one.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-tag-list.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-record-count-for-tag.html
"""

from __future__ import annotations

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import ZohoError, invalid_id
from zohocrm_demo.families.chosen_module import DETAILS, MODULE, chosen_module
from zohocrm_demo.families.rows import Row, pick
from zohocrm_demo.organisation.references import has_tab
from zohocrm_demo.params import Param, refused
from zohocrm_demo.routes import Context, Route

_SCOPES = ("ZohoCRM.settings.tags.READ",)
_PATH_INDEX = 2
_MOST_TAGS = 200
_MOST_PER_RECORD = 10


def list_tags(context: Context) -> Answer:
    """The tags of `module`; 204 without any.

    Raises:
        ZohoError: 400 INVALID_MODULE for unknown modules and those without a tab.
    """
    tags = _tags_of(context)
    if not tags:
        return NO_CONTENT
    info = {"record_limit": _MOST_PER_RECORD, "count": len(tags), "allowed_count": _MOST_TAGS}
    return json_answer({"tags": tags, "info": info})


def count_records(context: Context) -> Answer:
    """How many records of `module` have a tag; the number is a string.

    Raises:
        ZohoError: As for the list, and 400 INVALID_DATA for a tag that isn't the module's.
    """
    tag = pick(_tags_of(context), context.variables["one"])
    if tag is None:
        raise invalid_id(_PATH_INDEX)
    counts = context.organisation.customization.tag_record_counts
    return json_answer({"count": str(counts.get(tag["id"], 0))})


def _tags_of(context: Context) -> list[Row]:
    module = chosen_module(context)
    if not has_tab(module):
        message = "the given module is not supported for this api"
        raise ZohoError(400, "INVALID_MODULE", message, DETAILS)
    return context.organisation.customization.tags.get(module["api_name"], [])


_REFUSED = (
    Param("include", refused("include is not supported by the demo")),
    Param("my_tags", refused("my_tags is not supported by the demo")),
)
ROUTES = (
    Route("/crm/v8/settings/tags", list_tags, _SCOPES, (MODULE, *_REFUSED)),
    Route("/crm/v8/settings/tags/{one}/actions/records_count", count_records, _SCOPES, (MODULE,)),
)
