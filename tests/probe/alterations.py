"""Organisations that each break one of the tap's assumptions about Zoho."""

from __future__ import annotations

import codecs
import re
from collections.abc import Callable
from typing import Any

from support.altered import Alter, answer, refusal, rows_of, with_cells, with_rows

from tap_zohocrm_modules.zoho.transport.instants import parse
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

_MODULE = re.compile(r"/crm/v8/[A-Z]\w+")


def params(request: Request) -> dict[str, str]:
    return dict(request.pairs)


def lists(change: Callable[[dict[str, Any]], dict[str, Any]]) -> Alter:
    """Change each row of lists of records."""

    def alter(request: Request, real: Answer) -> Answer:
        if not _MODULE.fullmatch(request.path) or not rows_of(real):
            return real
        return with_rows(real, [change(row) for row in rows_of(real)])

    return alter


def queries(holding: str, change: Callable[[Answer], Answer]) -> Alter:
    """Change the answers of queries that hold a text."""
    return lambda request, real: (
        change(real)
        if request.path.endswith("/coql") and holding.encode() in request.body
        else real
    )


def exports(change: Callable[[str], str], before: bytes = b"") -> Alter:
    """Change the cells of exports, and what is before them."""
    return lambda request, real: (
        with_cells(real, change, before) if request.path.endswith("/result") else real
    )


def exclusive(request: Request, real: Answer) -> Answer:
    since = request.headers.get("if-modified-since")
    if since is None or not rows_of(real):
        return real
    rows = [row for row in rows_of(real) if parse(row["Modified_Time"]) != parse(since)]
    return with_rows(real, rows) if rows else Answer(304)


def token_refused(request: Request, real: Answer) -> Answer:
    is_both = "page_token" in params(request) and "if-modified-since" in request.headers
    return refusal("TOKEN_BOUND_DATA_MISMATCH") if is_both else real


def reversed_page(request: Request, real: Answer) -> Answer:
    asked = params(request)
    if asked.get("sort_order") != "asc" or asked.get("per_page") != "5":
        return real
    return with_rows(real, rows_of(real)[::-1])


def unknown_ignored(request: Request, real: Answer) -> Answer:
    if "No_Such" not in params(request).get("fields", ""):
        return real
    return answer({"data": [{"id": "1"}], "info": {"more_records": False, "count": 1}})


def plain_layout(request: Request, real: Answer) -> Answer:
    if request.path.endswith("/settings/fields"):
        rows = [
            {**row, "data_type": "bigint", "json_type": "string"}
            if row["api_name"] == "Layout"
            else row
            for row in rows_of(real, "fields")
        ]
        return with_rows(real, rows, "fields")
    return lists(lambda row: {**row, **({"Layout": "7"} if row.get("Layout") else {})})(
        request, real
    )


def renamed(request: Request, real: Answer) -> Answer:
    """Show every value of picklists by another name, which records do not hold."""
    rows = rows_of(real, "fields") if request.path.endswith("/settings/fields") else []
    for row in rows:
        for item in row["pick_list_values"]:
            item["display_value"] += " (new)"
    return with_rows(real, rows, "fields") if rows else real


def deep_deletions(request: Request, real: Answer) -> Answer:
    if not request.path.endswith("/deleted") or params(request).get("page") != "11":
        return real
    return answer({"data": [{"id": "1"}], "info": {"more_records": False}})


def silent_deletions(request: Request, real: Answer) -> Answer:
    if not request.path.endswith("/deleted") or not rows_of(real):
        return real
    return answer({"data": rows_of(real), "info": {}})


def refusing(request: Request, real: Answer) -> Answer:
    return refusal("INVALID_MODULE") if request.path == "/crm/v8/Vendors" else real


def odd_header(_: Request, real: Answer) -> Answer:
    headers = {**real.headers, "X-API-CREDITS-REMAINING": "plenty"}
    return Answer(real.status, real.body, real.content_type, headers)


def filled(row: dict[str, Any]) -> dict[str, Any]:
    return {name: "1;2" if name.endswith("Coordinates") else row[name] for name in row}


def without_a_key(row: dict[str, Any]) -> dict[str, Any]:
    return {name: row[name] for name in row if name != "Created_Time"}


def unzoned(cell: str) -> str:
    return re.sub(r"(\d\d:\d\d:\d\d)(Z|[+-]\d\d:\d\d)$", r"\1", cell)


ALTERED: dict[str, Alter] = {
    "since_is_inclusive": exclusive,
    "since_with_token": token_refused,
    "sorted_by_time": reversed_page,
    "keys_of_rows": lists(without_a_key),
    "unknown_field": unknown_ignored,
    "layout_type": plain_layout,
    "composite_fields": lists(filled),
    "display_values": renamed,
    "query_limit": queries("limit 2000", lambda _: refusal("LIMIT_EXCEEDED")),
    "query_keys": queries(
        "limit 200",
        lambda real: (
            with_rows(real, [{"id": row["id"]} for row in rows_of(real)]) if rows_of(real) else real
        ),
    ),
    "converted_leads": queries(
        "Converted__s", lambda _: answer({"data": [{"COUNT(id)": 0}], "info": {"count": 1}})
    ),
    "deleted_pages": silent_deletions,
    "deleted_cap": deep_deletions,
    "export_file": exports(str, codecs.BOM_UTF8),
    "export_separator": exports(lambda cell: cell.replace(";", ",")),
    "export_booleans": exports(lambda cell: {"true": "1", "false": "0"}.get(cell, cell)),
    "export_zone": exports(unzoned),
    "refusing_modules": refusing,
    "headers": odd_header,
}
