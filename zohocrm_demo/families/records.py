"""Single records, whole rich texts, deleted records, how many records there are."""

from __future__ import annotations

import functools

from zohocrm_demo.answers import NO_CONTENT, NOT_MODIFIED, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_access import readable_module, record_test
from zohocrm_demo.families.records_list import MOST_PER_PAGE, refuse_ambiguity, refuse_deep_pages
from zohocrm_demo.families.records_shown import alone, field_names
from zohocrm_demo.families.rows import existing, modified_since, page_of
from zohocrm_demo.families.search import search_test
from zohocrm_demo.limits import Cost
from zohocrm_demo.organisation.records.deletions import Deletion
from zohocrm_demo.organisation.records.kinds import kind_of
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.records.times import written
from zohocrm_demo.organisation.references import Row, ref

_MOST_RICH_TEXTS = 8
# One credit in most of Zoho's lists, two in an older one: the greater is the safe reading.
deleted_cost = Cost(2)
_SEARCHES = frozenset({"criteria", "email", "phone", "word"})


def get_record(context: Context) -> Answer:
    """One record with its sub-rows, an array of one; 204 for one that has been deleted."""
    name = readable_module(context)["api_name"]
    store = context.organisation.records
    record = _one(context, name)
    if record is None:
        return NO_CONTENT
    text = context.params.get("fields")
    names = None if text is None else field_names(context, text, store.fields(name))
    with store.lock:
        return json_answer({"data": [alone(store, name, names)(record)]})


def get_whole_texts(context: Context) -> Answer:
    """The rich texts of one record, whole; all of them unless `fields` says which."""
    name = readable_module(context)["api_name"]
    record = _one(context, name)
    return NO_CONTENT if record is None else _whole_texts(context, name, [record])


def list_whole_texts(context: Context) -> Answer:
    """The rich texts of up to 200 records, whole; 204 when none of them is there."""
    name = readable_module(context)["api_name"]
    wanted = dict.fromkeys(context.params["ids"].split(","))
    found = [context.organisation.records.find(name, record_id) for record_id in wanted]
    present = [record for record in found if record is not None]
    return _whole_texts(context, name, present) if present else NO_CONTENT


def count_records(context: Context) -> Answer:
    """`{count}` of what Get Records lists; `records.stale_counts` wins, for Zoho's index lags."""
    module = readable_module(context)
    name = module["api_name"]
    if not module["global_search_supported"]:
        message = "the given module is not supported for count"
        raise ZohoError("NOT_SUPPORTED", message, module=name)
    refuse_ambiguity(context, *(("cvid", search) for search in _SEARCHES))
    store, searched = context.organisation.records, context.params.keys() & _SEARCHES
    if searched:
        tests = record_test(context, module), search_test(store.fields(name), context.params)
        found = sum(all(test(record) for test in tests) for record in store.scan(name))
        return json_answer({"count": found})
    count = store.stale_counts.get(name)
    if count is None and "Converted__s" not in store.fields(name) and not context.params:
        count = store.count(name)
    if count is None:
        count = sum(map(record_test(context, module), store.scan(name)))
    return json_answer({"count": count})


def list_deleted(context: Context) -> Answer:
    """The deleted records, the latest first; 204 without any, 304 when none is that recent."""
    module = readable_module(context)
    size = int(context.params.get("per_page", MOST_PER_PAGE))
    if not context.version.pages_are_endless:
        refuse_deep_pages(context, int(context.params.get("page", "1")), size)
    store = context.organisation.records
    kind = context.params.get("type", "all")
    lines = [line for line in store.deletions(module["api_name"]) if kind in {"all", line.type}]
    since = modified_since(context)
    if since is not None:
        lines = [line for line in lines if line.deleted >= since]
        if not lines:
            return NOT_MODIFIED
    view = store.view()

    @functools.cache
    def user(user_id: str) -> Row:
        return ref(view.user(user_id), "name", "id")

    def shown(line: Deletion) -> Row:
        return {
            "deleted_by": user(line.deleted_by),
            "id": line.id,
            "display_name": line.display_name,
            "type": line.type,
            "created_by": line.created_by and user(line.created_by),
            "deleted_time": written(line.deleted, view.zone),
        }

    return page_of(context, "data", lines, shown)


def _one(context: Context, module: str) -> Record | None:
    store, record_id = context.organisation.records, context.variables["record"]
    record = store.find(module, record_id)
    if record is None:
        existing(({"id": line.id} for line in store.deletions(module)), record_id, 1)
    return record


def _whole_texts(context: Context, module: str, records: list[Record]) -> Answer:
    store = context.organisation.records
    known = store.fields(module)
    rich = [name for name, field in known.items() if kind_of(field) == "rich_text"]
    text = context.params.get("fields")
    names = tuple(rich) if text is None else field_names(context, text, known)
    if len(names) > _MOST_RICH_TEXTS:
        raise ZohoError("LIMIT_EXCEEDED", limit=_MOST_RICH_TEXTS, param_name="fields")
    if not names or not set(names) <= set(rich):
        message = "the fields given are not rich text fields"
        raise ZohoError("INVALID_DATA", message, param_name="fields")
    show = alone(store, module, names)
    return json_answer({"data": [show(record) for record in records]})
