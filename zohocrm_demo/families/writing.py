"""Values that a client sends for a record: judged as Zoho judges them, kept as records keep them.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/insert-records.html,
https://www.zoho.com/crm/developer/docs/api/v8/update-records.html
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Container, Iterator, Mapping
from decimal import Decimal
from typing import Any

from zohocrm_demo.answers import Answer, ZohoError, json_answer
from zohocrm_demo.calls import Context
from zohocrm_demo.organisation.records.kinds import COMPUTED, accepted, kind_of
from zohocrm_demo.organisation.records.times import written
from zohocrm_demo.organisation.references import Row

MOST_ROWS = 100
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")
# What Zoho calls the types in `expected_data_type`, by the sort of value.
_EXPECTED: Mapping[str, str] = {
    "integer": "integer",
    "bigint": "long",
    "decimal": "double",
    "boolean": "boolean",
    "date": "date",
    "datetime": "datetime",
    "choices": "jsonarray",
    "tags": "jsonarray",
    "record": "long",
    "user": "long",
    "any_record": "long",
}
_JSON_TYPES: Mapping[str, tuple[type, ...]] = {
    "text": (str,),
    "rich_text": (str,),
    "date": (str,),
    "datetime": (str,),
    "integer": (int,),
    "bigint": (int, str),
    "decimal": (int, float, str),
    "choices": (list,),
    "tags": (list,),
}
_SYSTEM = frozenset({"id", "Created_Time", "Modified_Time", "Created_By", "Modified_By"})


def rows_of(context: Context, key: str = "data") -> list[Any]:
    """The rows of a body, 100 at most; MANDATORY_NOT_FOUND or INVALID_DATA for anything else."""
    try:
        body = json.loads(context.body or b"{}")
    except ValueError as error:
        raise ZohoError("INVALID_DATA", expected_data_type="jsonobject") from error
    rows = body.get(key) if isinstance(body, dict) else None
    path = {"api_name": key, "json_path": f"$.{key}"}
    if rows is None or rows == []:
        raise ZohoError("MANDATORY_NOT_FOUND", **path)
    if not isinstance(rows, list):
        raise ZohoError("INVALID_DATA", **path, expected_data_type="jsonarray")
    if len(rows) > MOST_ROWS:
        raise ZohoError("INVALID_DATA", **path, maximum_length=MOST_ROWS)
    return rows


def answer_rows(answers: list[Row], done: int = 200, key: str = "data") -> Answer:
    """One answer for each row: 207 if some have failed, 400 if all have."""
    failed = sum(answer["status"] == "error" for answer in answers)
    status = done if not failed else 400 if failed == len(answers) else 207
    return json_answer({key: answers}, status)


def each(rows: list[Any], write: Callable[[int, Any], Row], key: str = "data") -> list[Row]:
    """What becomes of each row; the refusal of one leaves the others alone."""

    def answer(place: int, row: Any) -> Row:
        if not isinstance(row, dict):
            path = f"$.{key}[{place}]"
            return ZohoError("INVALID_DATA", expected_data_type="jsonobject", json_path=path).row
        try:
            return write(place, row)
        except ZohoError as error:
            return error.row

    return [answer(place, row) for place, row in enumerate(rows)]


def done(
    context: Context,
    module: str,
    record_id: str,
    message: str,
    *,
    approval: bool = True,  # whether it says that the record waits for none
    **more: Any,
) -> Row:
    """The answer for a record that has been written."""
    store = context.organisation.records
    record = store.find(module, record_id)
    details: Row = {}
    if record is not None:
        view = store.view()
        for name, at in (("Modified_Time", record.modified), ("Created_Time", record.created)):
            details[name] = None if at is None else written(at, store.zone)
        for name in ("Modified_By", "Created_By"):
            user = view.user(record.value(name) or context.organisation.users[0]["id"])
            details[name] = {"name": user["name"], "id": user["id"]}
    details["id"] = record_id
    if approval:
        details["$approval_state"] = "approved"
    success = {"code": "SUCCESS", "details": details, "message": message, "status": "success"}
    return {**success, **more}


def values_of(
    context: Context, module: str, row: Mapping[str, Any], where: str, record_id: str | None = None
) -> Row:
    """What is kept of a row for a new record, or one with an id; ZohoError: Zoho wouldn't take it.

    Names that the module doesn't have, and fields that can't be written, are passed over, as Zoho
    does it in silence.
    """
    known = context.organisation.records.fields(module)
    kept: Row = {}
    for name, value in row.items():
        field = known.get(name)
        if field is None or name in _SYSTEM or not _is_writable(field):
            continue
        path = {"api_name": name, "json_path": f"{where}.{name}"}
        if value in (None, "") and field["system_mandatory"]:
            raise ZohoError("MANDATORY_NOT_FOUND", **path)
        kept[name] = None if value is None else kept_of(context, field, row, value, path)
        _refuse_double(context, (module, record_id), field, kept[name], path)
    if record_id is not None:
        return kept
    for name in lacking(context, module, kept):
        raise ZohoError("MANDATORY_NOT_FOUND", api_name=name, json_path=f"{where}.{name}")
    return {**_usual(context, known), **kept}


def lacking(context: Context, module: str, names: Container[str]) -> Iterator[str]:
    """Yield the fields that a new record must have a value in, beside those with these names."""
    known = context.organisation.records.fields(module)
    usual = _usual(context, known)
    for name, field in known.items():
        if name not in names and name not in usual and _is_needed(field):
            yield name


def _usual(context: Context, known: Container[str]) -> Row:
    values = {"Currency": context.organisation.company["iso_code"], "Exchange_Rate": Decimal(1)}
    return {name: value for name, value in values.items() if name in known}


def _is_writable(field: Row) -> bool:
    kind = kind_of(field)
    return kind not in COMPUTED and (kind == "tags" or not field["read_only"])


def _is_needed(field: Row) -> bool:
    wanted = field["system_mandatory"] and not field["read_only"]
    return bool(wanted and kind_of(field) not in {*COMPUTED, "boolean", "user", "layout"})


def kept_of(context: Context, field: Row, row: Mapping[str, Any], value: Any, path: Row) -> Any:
    """What is kept of one value of a row; ZohoError: the field can't hold it."""
    kind = kind_of(field)
    wrong = ZohoError("INVALID_DATA", expected_data_type=_EXPECTED.get(kind, "string"), **path)
    types = _JSON_TYPES.get(kind)
    if types is not None and (not isinstance(value, types) or isinstance(value, bool)):
        raise wrong
    length = field.get("length")
    if kind == "text" and length and len(value) > length and field["data_type"] != "picklist":
        raise ZohoError("INVALID_DATA", maximum_length=length, **path)
    if field["data_type"] == "email" and not _EMAIL.fullmatch(value):
        raise ZohoError("INVALID_DATA", expected_data_type="email", **path)
    if kind == "tags":
        value = [tag.get("name") if isinstance(tag, dict) else tag for tag in value]
    if kind == "any_record":
        value = _anywhere(context, field, row, value, wrong)
    try:
        found = accepted(field, value)
    except ValueError as error:
        raise wrong from error
    if kind == "record":
        target = field["lookup"]["module"]["api_name"]
        if context.organisation.records.find(target, found) is None:
            raise ZohoError("INVALID_DATA", "the id given seems to be invalid", **path)
    if kind == "user" and not any(user["id"] == found for user in context.organisation.users):
        raise ZohoError("INVALID_DATA", "the id given seems to be invalid", **path)
    return found


def _anywhere(
    context: Context, field: Row, row: Mapping[str, Any], value: Any, wrong: ZohoError
) -> tuple[str, str]:
    given = value if isinstance(value, dict) else {"id": value}
    module = given.get("module") or row.get("$se_module") or row.get("se_module")
    name = module.get("api_name") if isinstance(module, dict) else module
    if name not in context.organisation.records.targets(field):
        raise wrong
    if context.organisation.records.find(name, str(given.get("id"))) is None:
        raise wrong
    return name, str(given["id"])


def _refuse_double(
    context: Context, of: tuple[str, str | None], field: Row, value: Any, path: Row
) -> None:
    module, record_id = of
    if not field.get("unique") or value is None:
        return
    for other in context.organisation.records.holding(module, field["api_name"], value):
        if str(other.id) != record_id:
            duplicate = {"id": str(other.id), "module": module}
            raise ZohoError("DUPLICATE_DATA", "duplicate data", **path, duplicate_record=duplicate)


def record_id(context: Context, module: str, given: str) -> str:
    """The id of a record that a client names, by an external one if X-EXTERNAL says so."""
    header = context.headers.get("x-external")
    if header is None:
        return given
    owner, _, name = header.partition(".")
    field = context.organisation.records.fields(module).get(name)
    if owner != module or field is None or not field.get("external"):
        raise ZohoError("INVALID_DATA", header_name="X-EXTERNAL")
    found = context.organisation.records.holding(module, name, given)
    if not found:
        raise ZohoError("INVALID_DATA", "the id given seems to be invalid", id=given)
    return str(found[0].id)
