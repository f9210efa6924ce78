"""How the tests of records speak to the demo organisation."""

from __future__ import annotations

import csv
import io
import zipfile
from collections.abc import Iterator
from typing import Any

import requests

from .conftest import Client

LEADS = "/crm/v8/Leads"
COQL = "/crm/v8/coql"
BULK = "/crm/bulk/v8/read"


def page(client: Client, path: str, **params: Any) -> dict[str, Any]:
    answer = client.get(path, params={"fields": "Modified_Time", **params})
    assert answer.status_code == 200, answer.text
    body: dict[str, Any] = answer.json()
    return body


def walk(client: Client, path: str, **params: Any) -> Iterator[dict[str, Any]]:
    """All records by page tokens."""
    token: dict[str, str] = {}
    while True:
        body = page(client, path, **params, **token)
        yield from body["data"]
        if not body["info"]["more_records"]:
            return
        token = {"page_token": body["info"]["next_page_token"]}


def ask(client: Client, query: str, **more: Any) -> requests.Response:
    return client.get(COQL, "POST", json={"select_query": query, **more})


def rows(client: Client, query: str) -> list[dict[str, Any]]:
    answer = ask(client, query)
    if answer.status_code == 204:
        assert answer.content == b""
        return []
    assert answer.status_code == 200, answer.text
    found: list[dict[str, Any]] = answer.json()["data"]
    return found


def query_of(module: str, *fields: str, **more: Any) -> dict[str, Any]:
    named: dict[str, Any] = {"fields": list(fields)} if fields else {}
    return {"module": {"api_name": module}, **named, **more}


def create(client: Client, query: dict[str, Any], **more: Any) -> str:
    answer = client.get(BULK, "POST", json={"query": query, **more})
    assert answer.status_code == 201, answer.text
    record: str = answer.json()["data"][0]["details"]["id"]
    return record


def look(client: Client, job: str) -> dict[str, Any]:
    return client.rows(f"{BULK}/{job}", "data")[0]


def finish(client: Client, job: str) -> dict[str, Any]:
    seen = look(client, job)
    for _ in range(10):
        if seen["state"] in {"COMPLETED", "FAILURE"}:
            return seen
        seen = look(client, job)
    raise AssertionError(seen)


def fetch(client: Client, url: str) -> requests.Response:
    token = {"Authorization": f"Zoho-oauthtoken {client.token}"}
    return client.session.get(client.demo.api_url + url, headers=token, timeout=60)


def unpack(body: bytes, job: str) -> list[dict[str, str]]:
    with zipfile.ZipFile(io.BytesIO(body)) as box:
        assert box.namelist() == [f"{job}.csv"]
        text = io.TextIOWrapper(box.open(f"{job}.csv"), "utf-8", newline="")
        return list(csv.DictReader(text, strict=True))


def export(client: Client, query: dict[str, Any]) -> list[dict[str, str]]:
    job = create(client, query)
    seen = finish(client, job)
    assert seen["state"] == "COMPLETED", seen
    rows = unpack(fetch(client, seen["result"]["download_url"]).content, job)
    assert len(rows) == seen["result"]["count"]
    return rows
