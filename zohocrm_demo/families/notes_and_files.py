"""Notes and files are added to one record, and files are read.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/create-notes.html,
https://www.zoho.com/crm/developer/docs/api/v8/upload-attachment.html
"""

from __future__ import annotations

from typing import Any
from urllib.parse import quote

from zohocrm_demo.answers import NO_CONTENT, Answer, ZohoError
from zohocrm_demo.calls import Context, parts_of
from zohocrm_demo.families.related import parent_of
from zohocrm_demo.families.writing import answer_rows, done, each, rows_of, values_of
from zohocrm_demo.organisation.references import Row

_MOST_BYTES = 100 * 1024 * 1024


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
    """Attach to a record the file of a multipart form, or a link: the parameter `attachmentUrl`."""
    module, parent = parent_of(context)
    store = context.organisation.records
    parts = parts_of(context.headers, context.body)
    texts = {it.name: it.content.decode() for it in parts if it.file_name is None}
    file = next((it for it in parts if it.file_name is not None), None)
    link = context.params.get("attachmentUrl") or texts.get("attachmentUrl")
    if file is None and link is None:
        raise ZohoError("REQUIRED_PARAM_MISSING", param_name="file")
    if file is not None and len(file.content) > _MOST_BYTES:
        raise ZohoError("FILE_SIZE_MORE_THAN_ALLOWED_SIZE", limit=_MOST_BYTES)
    values: dict[str, Any] = {
        "File_Name": context.params.get("title", link) if file is None else file.file_name,
        "Size": 0 if file is None else len(file.content),
        "Parent_Id": (module["api_name"], str(parent.id)),
    }
    made = store.insert("Attachments", values)
    context.organisation.files[made] = b"" if file is None else file.content
    message = "attachment uploaded successfully"
    return answer_rows([done(context, "Attachments", made, message, approval=False)])


def get_file(context: Context) -> Answer:
    """The bytes of an attachment; made-up ones have a line of text."""
    record = _attachment(context)
    if record is None:
        return NO_CONTENT
    name = str(record.value("File_Name"))
    content = context.organisation.files.get(str(record.id), f"{name}\n".encode())
    plain = name.isascii() and '"' not in name
    called = f'filename="{name}"' if plain else f"filename*=UTF-8''{quote(name)}"
    headers = {"Content-Disposition": f"attachment;{called}"}
    return Answer(200, content, "application/octet-stream;charset=UTF-8", headers)


def _attachment(context: Context) -> Any:
    module, parent = parent_of(context)
    record = context.organisation.records.find("Attachments", context.variables["child"])
    owner = module["api_name"], str(parent.id)
    return record if record is not None and record.value("Parent_Id") == owner else None
