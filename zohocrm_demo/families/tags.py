"""Tags are made, changed and deleted, given to records and taken away.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/create-tag.html, .../update-tag.html,
.../delete-tag.html, .../add-tags-to-multiple-records.html, and the OpenAPI files
"""

from __future__ import annotations

import json
from typing import Any

from zohocrm_demo.answers import Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_write import NO_ID, writable_module
from zohocrm_demo.families.writing import answer_rows, each, rows_of
from zohocrm_demo.organisation.records.times import seconds, written
from zohocrm_demo.organisation.references import Row

_NOT_FOUND = "tags not found"
_OWN = ("color_code", "name")


def create(context: Context) -> Answer:
    """Make tags of the module that `module` names: 201, 207 or 400, with an answer for each."""
    module, store = str(context.module_name), context.organisation.records

    def write(place: int, row: Row) -> Row:
        name = _name(row, place)
        _refuse_double(context, module, name, place)
        store.make_tags(module, [name])
        tag = next(it for it in context.organisation.tags[module] if it["name"] == name)
        return _changed(context, tag, {"color_code": row.get("color_code")}, "created")

    with store.lock:
        return answer_rows(each(rows_of(context, "tags"), write, "tags"), 201, "tags")


def update(context: Context) -> Answer:
    """Change the name or the color of tags, by the id in the path or in each row."""
    module, store = str(context.module_name), context.organisation.records

    def write(place: int, row: Row) -> Row:
        tag = _tag(context, module, context.variables.get("tag") or row.get("id"))
        old, name = tag["name"], _name({"name": tag["name"], **row}, place)
        if name != old:
            _refuse_double(context, module, name, place)
            store.rename_tag(module, old, name)
        new = {**{key: row[key] for key in _OWN if key in row}, "name": name}
        return _changed(context, tag, new, "updated")

    with store.lock:
        return answer_rows(each(rows_of(context, "tags"), write, "tags"), key="tags")


def delete(context: Context) -> Answer:
    """Delete the tag in the path, whose records lose it."""
    organisation, wanted = context.organisation, context.variables["tag"]
    for module, tags in organisation.tags.items():
        for tag in tags:
            if tag["id"] == wanted:
                organisation.records.rename_tag(module, tag["name"], None)
                tags.remove(tag)
                return json_answer({"tags": [_success({"id": wanted}, "deleted")]})
    raise ZohoError("INVALID_DATA", _NOT_FOUND, id=wanted)


def tag(context: Context) -> Answer:
    """Give tags to records; one that there isn't is made."""
    return _tagged(context, add=True)


def untag(context: Context) -> Answer:
    """Take tags away from records."""
    return _tagged(context, add=False)


def _tagged(context: Context, *, add: bool) -> Answer:
    module, store = writable_module(context, "editable"), context.organisation.records
    names = [
        _name(row, place)
        for place, row in enumerate(rows_of(context, "tags"))
        if isinstance(row, dict)
    ]
    body = json.loads(context.body)
    ids = [context.variables["record"]] if "record" in context.variables else body.get("ids")
    if not isinstance(ids, list) or not ids:
        raise ZohoError("MANDATORY_NOT_FOUND", api_name="ids", json_path="$.ids")

    def write(_: int, row: Row) -> Row:
        record = store.find(module, str(row["id"]))
        if record is None:
            raise ZohoError("INVALID_DATA", NO_ID, id=row["id"])
        old = () if add and body.get("over_write") else record.value("Tag") or ()
        new = dict.fromkeys((*old, *names)) if add else [one for one in old if one not in names]
        store.update(module, str(row["id"]), {"Tag": tuple(new)})
        view = store.view()
        return _success(
            {"id": row["id"], "tags": [view.tag(module, name) for name in new]}, "updated"
        )

    with store.lock:
        answers = each([{"id": one} for one in ids], write)
    count = sum(answer["status"] == "success" for answer in answers)
    shown = answer_rows(answers)
    counts = {"success_count": str(count), "locked_count": "0"}
    return json_answer({**json.loads(shown.body), **counts}, shown.status)


def _tag(context: Context, module: str, wanted: Any) -> Row:
    tags: list[Row] = context.organisation.tags.get(module, [])
    for tag in tags:
        if tag["id"] == wanted:
            return tag
    raise ZohoError("INVALID_DATA", _NOT_FOUND, id=wanted)


def _name(row: Row, place: int) -> str:
    name = row.get("name")
    path = {"api_name": "name", "json_path": f"$.tags[{place}].name"}
    if name in (None, ""):
        raise ZohoError("MANDATORY_NOT_FOUND", **path)
    if not isinstance(name, str):
        raise ZohoError("INVALID_DATA", expected_data_type="string", **path)
    return name


def _refuse_double(context: Context, module: str, name: str, place: int) -> None:
    for row in context.organisation.tags.get(module, ()):
        if row["name"].casefold() == name.casefold():
            path = {"api_name": "name", "json_path": f"$.tags[{place}].name"}
            raise ZohoError("DUPLICATE_DATA", "duplicate data", id=row["id"], **path)


def _changed(context: Context, tag: Row, new: Row, what: str) -> Row:
    organisation = context.organisation
    user = organisation.records.view().user(organisation.users[0]["id"])
    by = {"name": user["name"], "id": user["id"]}
    now = written(seconds(context.now), organisation.records.zone)
    tag.update({**new, "modified_time": now, "modified_by": by})
    return _success(tag, what)


def _success(details: Row, what: str) -> Row:
    message = f"tags {what} successfully"
    return {"code": "SUCCESS", "details": details, "message": message, "status": "success"}
