"""Records: one, its whole rich texts, the deleted ones, how many there are.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/get-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-rich-text-fields.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-record-count.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.answers import NO_CONTENT, Answer, json_answer
from zohocrm_demo.errors import (
    ZohoError,
    invalid_id,
    limit_exceeded,
    not_supported,
)
from zohocrm_demo.families.records_access import module_scopes, readable_module
from zohocrm_demo.families.records_filters import record_test
from zohocrm_demo.families.records_shown import alone, field_names
from zohocrm_demo.organisation.records.json_text import exact_json_answer
from zohocrm_demo.organisation.records.kinds import kind_of

if TYPE_CHECKING:
    from zohocrm_demo.organisation.records import Record
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.routes import Context

_MOST_RICH_TEXTS = 8
_ID_INDEX = 1
_COUNT_SCOPES = ("ZohoSearch.securesearch.READ", "ZohoCRM.settings.layouts.READ")


def get_record(context: Context) -> Answer:
    """One record with its sub-rows, an array of one; 204 for one that has been deleted.

    Raises:
        ZohoError: 400 INVALID_MODULE, INVALID_DATA for ids and fields that aren't there; 403.
    """
    module = readable_module(context)
    store = context.organisation.records
    name = module["api_name"]
    record = _one(context, module)
    if record is None:
        return NO_CONTENT
    text = context.params.get("fields")
    names = None if text is None else field_names(text, store.fields(name))
    with store.lock:
        return exact_json_answer({"data": [alone(store, name, names)(record)]})


def get_whole_texts(context: Context) -> Answer:
    """The rich texts of one record, whole; all of them unless `fields` says which."""
    module = readable_module(context)
    record = _one(context, module)
    if record is None:
        return NO_CONTENT
    return _whole_texts(context, module, [record])


def list_whole_texts(context: Context) -> Answer:
    """The rich texts of up to 200 records, whole; 204 when none of them is there.

    Raises:
        ZohoError: 400 INVALID_MODULE, REQUIRED_PARAM_MISSING, LIMIT_EXCEEDED, INVALID_DATA; 403.
    """
    module = readable_module(context)
    wanted = context.params["ids"].split(",")
    store = context.organisation.records
    found = [store.find(module["api_name"], record_id) for record_id in dict.fromkeys(wanted)]
    present = [record for record in found if record is not None]
    return _whole_texts(context, module, present) if present else NO_CONTENT


def count_records(context: Context) -> Answer:
    """`{count}` of the records that Get Records would list.

    `organisation.records.stale_counts` overrides what is counted: Zoho's index lags by minutes.

    Raises:
        ZohoError: 400 INVALID_MODULE, NOT_SUPPORTED, AMBIGUITY_DURING_PROCESSING; 403.
    """
    module = readable_module(context)
    name = module["api_name"]
    if not module["global_search_supported"]:
        raise not_supported("the given module is not supported for count", {"module": name})
    store = context.organisation.records
    stale = store.stale_counts.get(name)
    if stale is not None:
        return json_answer({"count": stale})
    if "Converted__s" not in store.fields(name) and not context.params:
        return json_answer({"count": store.count(name)})
    test = record_test(context, module)
    return json_answer({"count": sum(map(test, store.scan(name)))})


def _one(context: Context, module: Row) -> Record | None:
    store, record_id = context.organisation.records, context.variables["record"]
    record = store.find(module["api_name"], record_id)
    gone = (deletion.id for deletion in store.deletions(module["api_name"]))
    if record is None and record_id not in gone:
        raise invalid_id(_ID_INDEX)
    return record


def _whole_texts(context: Context, module: Row, records: list[Record]) -> Answer:
    store = context.organisation.records
    name = module["api_name"]
    known = store.fields(name)
    rich = [own for own, field in known.items() if kind_of(field) == "rich_text"]
    names: tuple[str, ...] = tuple(rich)
    if "fields" in context.params:
        names = field_names(context.params["fields"], known)
    if len(names) > _MOST_RICH_TEXTS:
        raise limit_exceeded("fields", _MOST_RICH_TEXTS)
    if not names or not set(names) <= set(rich):
        details = {"param_name": "fields"}
        raise ZohoError(400, "INVALID_DATA", "the fields given are no rich text fields", details)
    show = alone(store, name, names)
    return exact_json_answer({"data": [show(record) for record in records]})


def count_scopes(context: Context) -> tuple[str, ...]:
    """The scopes that count the records of the module in the path."""
    return (*_COUNT_SCOPES, *module_scopes(context))
