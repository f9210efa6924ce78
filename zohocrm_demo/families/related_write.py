"""What belongs to one record is added, changed and taken away: links, notes, files.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/update-related-records.html,
.../create-notes.html, .../upload-attachment.html
"""

from __future__ import annotations

from typing import Any

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context, parts_of
from zohocrm_demo.families.related import parent_of
from zohocrm_demo.families.writing import answer_rows, done, each, rows_of, values_of
from zohocrm_demo.organisation.children.child import INVERSE, LINKS
from zohocrm_demo.organisation.references import Row

_NO_ID = "the related id given seems to be invalid"
_MOST_BYTES = 100 * 1024 * 1024
_UPDATED, _DELETED = "relation updated", "relation removed"


def link(context: Context) -> Answer:
    """Add links to other records, or change what they have of their own."""
    module, parent = parent_of(context)
    kind = _links(context, module)
    children = context.organisation.children
    one = context.variables.get("child")

    def write(place: int, row: Row) -> Row:
        key = one or str(row.get("id", ""))
        own = {name: row[name] for name in LINKS[INVERSE.get(kind, kind)]["own"] if name in row}
        listed = context.variables["list"]
        known = {it.key for it in children.of(module["api_name"], str(parent.id), listed)}
        where = module["api_name"], str(parent.id), listed
        try:
            if key in known:
                children.change(*where, key, own)
            else:
                children.add(*where, {"id": key, **own})
        except (LookupError, ValueError) as error:
            path = f"$.data[{place}]"
            raise ZohoError("INVALID_DATA", str(error.args[0]), json_path=path) from error
        return _said(key, _UPDATED)

    return answer_rows(each(rows_of(context), write))


def unlink(context: Context) -> Answer:
    """Take links to other records away; the records stay."""
    module, parent = parent_of(context)
    _links(context, module)
    where = module["api_name"], str(parent.id), context.variables["list"]
    ids = context.variables.get("child") or context.params.get("ids", "")

    def write(_: int, row: Row) -> Row:
        try:
            context.organisation.children.remove(*where, row["id"])
        except LookupError as error:
            raise ZohoError("INVALID_DATA", _NO_ID, id=row["id"]) from error
        return _said(row["id"], _DELETED)

    return answer_rows(each([{"id": one} for one in ids.split(",")], write))


def _links(context: Context, module: Row) -> str:
    kind = f"{module['api_name']}.{context.variables['list']}"
    if kind not in LINKS and kind not in INVERSE:
        message = "the demo relates records by their lookups; change those"
        raise ZohoError("NOT_SUPPORTED", message, resource_path_index=2)
    return kind


def _said(key: str, message: str) -> Row:
    return {"code": "SUCCESS", "details": {"id": key}, "message": message, "status": "success"}


def add_notes(context: Context) -> Answer:
    """Add notes to one record: 201, 207 or 400, with an answer for each."""
    module, parent = parent_of(context)
    store = context.organisation.records
    target = {"id": str(parent.id), "module": {"api_name": module["api_name"]}}

    def write(place: int, row: Row) -> Row:
        values = values_of(context, "Notes", {**row, "Parent_Id": target}, f"$.data[{place}]")
        made = store.insert("Notes", values)
        return done(context, "Notes", made, "record added", approval=False)

    with store.lock:
        return answer_rows(each(rows_of(context), write), 201)


def attach(context: Context) -> Answer:
    """Attach the file of a multipart form to a record."""
    module, parent = parent_of(context)
    store = context.organisation.records
    files = [it for it in parts_of(context.headers, context.body) if it.file_name is not None]
    if not files:
        raise ZohoError("REQUIRED_PARAM_MISSING", param_name="file")
    file = files[0]
    if len(file.content) > _MOST_BYTES:
        raise ZohoError("FILE_SIZE_MORE_THAN_ALLOWED_SIZE", limit=_MOST_BYTES)
    values: dict[str, Any] = {
        "File_Name": file.file_name,
        "Size": len(file.content),
        "Parent_Id": (module["api_name"], str(parent.id)),
    }
    made = store.insert("Attachments", values)
    context.organisation.files[made] = file.content
    message = "attachment uploaded successfully"
    return answer_rows([done(context, "Attachments", made, message, approval=False)])


def get_file(context: Context) -> Answer:
    """The bytes of an attachment; made-up ones have a line of text."""
    record = _attachment(context)
    if record is None:
        return NO_CONTENT
    name = str(record.value("File_Name"))
    content = context.organisation.files.get(str(record.id), f"{name}\n".encode())
    quoted = name.encode("ascii", "replace").decode().replace('"', "'")
    headers = {"Content-Disposition": f'attachment;filename="{quoted}"'}
    return Answer(200, content, "application/octet-stream;charset=UTF-8", headers)


def detach(context: Context) -> Answer:
    """Delete an attachment."""
    record = _attachment(context)
    if record is None:
        raise ZohoError("INVALID_DATA", _NO_ID, resource_path_index=3)
    context.organisation.records.delete("Attachments", str(record.id))
    context.organisation.files.pop(str(record.id), None)
    return json_answer({"data": [_said(str(record.id), "record deleted")]})


def _attachment(context: Context) -> Any:
    module, parent = parent_of(context)
    record = context.organisation.records.find("Attachments", context.variables["child"])
    owner = module["api_name"], str(parent.id)
    return record if record is not None and record.value("Parent_Id") == owner else None
