"""Plays a fact back: a few answers of Zoho's, served as an organisation that has nothing else.

What a fact gives as modules, fields and records is answered on every read path; what it gives as
answers comes first. It knows no rule of Zoho's: what a fact does not say, it does not answer.
"""

from __future__ import annotations

import contextlib
import csv
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator, Mapping
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, TypeAlias
from urllib.parse import parse_qsl, unquote, urlsplit

from typing_extensions import override

Given: TypeAlias = Mapping[str, Any]
Reply: TypeAlias = tuple[int, Any]

_SCOPES = (
    "ZohoCRM.modules.ALL ZohoCRM.settings.ALL ZohoCRM.users.READ ZohoCRM.org.READ"
    " ZohoCRM.coql.READ ZohoCRM.bulk.READ ZohoSearch.securesearch.READ"
)
_TIME = "2026-09-01T09:00:00Z"
_MODULE = {"api_supported": True, "viewable": True, "status": "visible", "visibility": 1}
_FIELD = {"type": "used", "visible": True, "read_only": False, "field_read_only": False}
_TERM = re.compile(r"(\w+) (is not null|>=|<=|>|<)(?: '?([\w:+-]+)'?)?")


class Replay:
    """What one fact gives, as calls ask for it."""

    def __init__(self, given: Given) -> None:
        self._given = given
        self._answers = [dict(one) for one in given.get("answers", ())]
        self._jobs: list[Mapping[str, Any]] = []
        self.calls: list[str] = []
        """Every call of the API so far."""

    def spend(self) -> None:
        """Forget the answers that are given only so many times."""
        self._answers = [one for one in self._answers if "times" not in one]

    def reply(self, method: str, target: str, body: str) -> Reply:
        """Return status and body; bytes are a file, None means no body."""
        path, params = unquote(urlsplit(target).path), dict(parse_qsl(urlsplit(target).query))
        path = re.sub(r"^/crm(/bulk)?/v8", "", path)
        self.calls.append(f"{method} {path} {body or params}")
        for answer in self._answers:
            if _matches(answer, method, path, params, body) and answer.get("times", 1) > 0:
                if "times" in answer:
                    answer["times"] -= 1
                return answer.get("status", 200), answer.get("body")
        if path.startswith(("/settings", "/org", "/oauth")):
            return self._about(path, params)
        if path == "/coql":
            return _list(self._queried(json.loads(body)["select_query"]))
        return self._bulk(path, body) if path.startswith("/read") else self._records(path, params)

    def _about(self, path: str, params: Mapping[str, str]) -> Reply:
        if path == "/settings/modules":
            rows = [{**_MODULE, "id": str(at), **m} for at, m in enumerate(self._modules, 500)]
            return 200, {"modules": rows}
        if path == "/settings/fields":
            rows = self._fields(params["module"])
            rows = [{**_FIELD, "id": str(at), **row} for at, row in enumerate(rows, 100)]
            return (200, {"fields": rows}) if rows else (204, None)
        if path == "/oauth/v2/token":
            return 200, {"access_token": "1000.fact", "expires_in": 3600, "scope": _SCOPES}
        return 200, {"org": [{"id": "1", "company_name": "Facts"}]}

    @property
    def _modules(self) -> list[dict[str, Any]]:
        named: list[dict[str, Any]] = self._given.get("modules") or []
        return named or [{"api_name": name} for name in self._given.get("fields", {})]

    def _fields(self, module: str) -> list[dict[str, Any]]:
        return [
            {**row, "api_name": row["api_name"].format(number)}
            for row in self._given.get("fields", {}).get(module, [])
            for number in range(row.get("repeat", 1))
        ]

    def _rows(self, module: str) -> list[dict[str, Any]]:
        known = self._fields(module)
        empty = {"id": None, **{field["api_name"]: None for field in known}}
        has_time = "Modified_Time" in empty
        rows = self._given.get("records", {}).get(module, [])
        return [{**empty, **({"Modified_Time": _TIME} if has_time else {}), **row} for row in rows]

    def _records(self, path: str, params: Mapping[str, str]) -> Reply:
        module, _, action = path[1:].partition("/")
        rows = self._rows(module)
        if action == "actions/count":
            return 200, {"count": len(rows)}
        if action == "deleted" or not action:
            if "ids" in params:
                rows = [row for row in rows if row["id"] in params["ids"].split(",")]
            names = ("id", *params.get("fields", "").split(","))
            lacks = self._given.get("leaves_out", ())
            kept = [{n: row[n] for n in names if n in row and n not in lacks} for row in rows]
            return (204, None) if action else _list(kept)
        return 404, {"code": "INVALID_URL_PATTERN", "status": "error", "message": path}

    def _queried(self, query: str) -> list[dict[str, Any]]:
        columns, _, rest = query.removeprefix("select ").partition(" from ")
        rows = self._rows(rest.split()[0])
        for name, sign, value in _TERM.findall(rest):
            rows = [row for row in rows if _holds(row.get(name), sign, value)]
        if columns == "COUNT(id)":
            return [{"COUNT(id)": len(rows)}]
        names = [name.strip("' ") for name in columns.split(",")]
        return [{"id": row["id"], **{name: _bare(row[name]) for name in names}} for row in rows]

    def _bulk(self, path: str, body: str) -> Reply:
        if path == "/read":
            self._jobs.append(json.loads(body)["query"])
            return 201, {"data": [{"status": "success", "details": {"id": str(len(self._jobs))}}]}
        number, _, is_result = path.removeprefix("/read/").partition("/")
        query = self._jobs[int(number) - 1]
        module = query["module"]["api_name"]
        if is_result:
            return 200, _zipped(self._csv(module, ["Id", *query["fields"]]))
        url = f"/crm/bulk/v8/read/{number}/result"
        result = {"count": len(self._rows(module)), "more_records": False, "download_url": url}
        return 200, {"data": [{"id": number, "state": "COMPLETED", "result": result}]}

    def _csv(self, module: str, header: list[str]) -> str:
        exports = self._given.get("exports", {}).get(module, {})
        file = io.StringIO()
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(header)
        for row in self._rows(module):
            cells = {"Id": row["id"], **{n: _bare(v) for n, v in row.items()}}
            cells |= exports.get(row["id"], {})
            writer.writerow(["" if cells[name] is None else cells[name] for name in header])
        return file.getvalue()


def _matches(answer: Given, method: str, path: str, params: Mapping[str, str], body: str) -> bool:
    wanted, _, target = str(answer["call"]).partition(" ")
    parts = urlsplit(target)
    named = dict(parse_qsl(parts.query))
    is_there = (wanted, parts.path) == (method, path) and named.items() <= params.items()
    width = len(params.get("fields", "").split(","))
    return (
        is_there
        and str(answer.get("holds", "")) in body
        and width > answer.get("more_fields_than", -1)
    )


def _holds(value: Any, sign: str, than: str) -> bool:
    if sign == "is not null":
        return value not in {None, ""} if not isinstance(value, (list, dict)) else True
    if value is None:
        return False
    key, other = str(value), than
    if than.isdecimal():
        key, other = key.zfill(len(than)), than.zfill(len(key))
    return {">=": key >= other, "<=": key <= other, ">": key > other, "<": key < other}[sign]


def _bare(value: Any) -> Any:
    """Return a value as queries and exports have it: of a lookup the id."""
    return {"id": value["id"]} if isinstance(value, dict) and "id" in value else value


def _list(rows: list[dict[str, Any]]) -> Reply:
    if not rows:
        return 204, None
    return 200, {"data": rows, "info": {"count": len(rows), "more_records": False}}


def _json(body: Any) -> bytes:
    return b"" if body is None else json.dumps(body).encode()


def _zipped(text: str) -> bytes:
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        archive.writestr("1.csv", text)
    return file.getvalue()


@contextlib.contextmanager
def replaying(given: Given) -> Iterator[tuple[dict[str, Any], Replay]]:
    """Serve a fact; yields the settings that read it, and what answers."""
    replay = Replay(given)

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"
        disable_nagle_algorithm = True

        def _answer(self) -> None:
            body = self.rfile.read(int(self.headers.get("Content-Length", 0))).decode()
            is_sign = self.command == "HEAD"
            status, found = (200, None) if is_sign else replay.reply(self.command, self.path, body)
            self.send_response(status)
            is_file = isinstance(found, bytes)
            sent: bytes = found if isinstance(found, bytes) else _json(found)
            kind = "application/octet-stream" if is_file else "application/json;charset=UTF-8"
            self.send_header("Content-Type", kind)
            self.send_header("Content-Length", str(len(sent)))
            self.end_headers()
            self.wfile.write(sent)

        do_GET = do_POST = do_HEAD = _answer  # noqa: N815 - as http.server calls them

        @override
        def log_message(self, format: str, *args: Any) -> None:
            """Say nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    url = f"http://127.0.0.1:{server.server_port}"
    threading.Thread(target=server.serve_forever, args=(0.02,), daemon=True).start()
    try:
        names = ("client_id", "client_secret", "refresh_token")
        yield {**dict.fromkeys(names, "a-fact"), "accounts_url": url, "api_url": url}, replay
    finally:
        server.shutdown()
        server.server_close()
