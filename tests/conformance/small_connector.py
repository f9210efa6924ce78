"""The least that reads leads, in each of the languages, with a flaw if one is wanted.

    small_connector.py LANGUAGE FLAW config.json [catalog.json|-] [state.json|-|output folder]

It knows Zoho by its documents alone, and nothing but Python.
"""

from __future__ import annotations

import json
import re
import sys
import urllib.error
import urllib.parse
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

PER_CALL = 40
LANGUAGE, FLAW = sys.argv[1:3]
PATHS = sys.argv[3:]
CONFIG = json.loads(Path(PATHS[0]).read_text("utf-8"))
MODULE = CONFIG["record_modules"][0]


def token() -> str:
    form = {name: CONFIG[name] for name in ("client_id", "client_secret", "refresh_token")}
    body = urllib.parse.urlencode({**form, "grant_type": "refresh_token"}).encode()
    url = f"{CONFIG['accounts_url']}/oauth/v2/token"
    with urllib.request.urlopen(url, body, timeout=30) as answer:
        return str(json.load(answer)["access_token"])


TOKEN = token()


def get(path: str, **params: Any) -> Any:
    url = f"{CONFIG['api_url']}/crm/v8/{path}?{urllib.parse.urlencode(params)}"
    headers = {"Authorization": f"Zoho-oauthtoken {TOKEN}"}
    try:
        with urllib.request.urlopen(
            urllib.request.Request(url, headers=headers), timeout=30
        ) as answer:
            return json.loads(answer.read() or b"{}")
    except urllib.error.HTTPError as error:
        if FLAW == "errors are ends":
            return {}
        sys.exit(f"HTTP {error.code}: {error.read().decode()}")


def pages(fields: list[str]) -> Iterator[list[dict[str, Any]]]:
    asked: dict[str, Any] = {"fields": ",".join(fields), "per_page": 200}
    if FLAW != "converted left out":
        asked["converted"] = "both"
    more: dict[str, Any] = {}
    while True:
        answer = get(MODULE, **asked, **more)
        yield answer.get("data", [])
        following = answer.get("info", {}).get("next_page_token")
        if not following or FLAW == "one page":
            return
        more = {"page_token": following}


def rows() -> list[dict[str, Any]]:
    known = [one["api_name"] for one in get("settings/fields", module=MODULE)["fields"]]
    slices = [known[at : at + PER_CALL] for at in range(0, len(known), PER_CALL)]
    if FLAW == "one slice":
        slices = slices[:1]
    by_id: dict[str, dict[str, Any]] = {}
    for names in slices:
        for page in pages(names):
            for row in page:
                by_id.setdefault(row["id"], {}).update(row)
    found = [{k: v for k, v in row.items() if not k.startswith("$")} for row in by_id.values()]
    if FLAW == "doubles":
        found += found[:3]
    if FLAW == "invents":
        found.append({**found[0], "id": "1"})
    if FLAW == "changes values":
        found = [{**row, "Account_Name": f"{row['Account_Name']}?"} for row in found]
    return found


def schema() -> dict[str, Any]:
    kind = "integer" if FLAW == "wrong types" else "string"
    return {"properties": {"id": {"type": "string"}, "Account_Name": {"type": [kind, "null"]}}}


def write(message: Any) -> None:
    sys.stdout.write(f"{json.dumps(message)}\n")


def lines() -> None:
    for row in rows():
        write({"stream": MODULE, "record": row})


def singer() -> None:
    stream = {"stream": MODULE, "schema": schema(), "key_properties": ["id"]}
    if "--discover" in PATHS:
        write({"streams": [{**stream, "tap_stream_id": MODULE, "metadata": []}]})
        return
    catalog = json.loads(Path(PATHS[1]).read_text("utf-8"))
    assert catalog["streams"][0]["selected"] is True
    write({"type": "SCHEMA", **stream})
    for row in rows():
        write({"type": "RECORD", "stream": MODULE, "record": row, "version": 2})
    write({"type": "ACTIVATE_VERSION", "stream": MODULE, "version": 2})
    write({"type": "STATE", "value": {"bookmarks": {}}})


def airbyte() -> None:
    stream = {
        "name": MODULE,
        "json_schema": schema(),
        "supported_sync_modes": ["full_refresh"],
        "source_defined_primary_key": [["id"]],
    }
    if PATHS[1] == "discover":
        write({"type": "CATALOG", "catalog": {"streams": [stream]}})
        return
    (chosen,) = json.loads(Path(PATHS[2]).read_text("utf-8"))["streams"]
    assert (chosen["stream"]["name"], chosen["sync_mode"]) == (MODULE, "full_refresh")
    write({"type": "LOG", "log": {"level": "INFO", "message": "begins"}})
    for row in rows():
        write({"type": "RECORD", "record": {"stream": MODULE, "data": row, "emitted_at": 1}})


def dlt() -> None:
    # As dlt's destination for files does: names in lower case, one file a load.
    folder = Path(PATHS[1]) / "crm" / MODULE.lower()
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.iterdir():
        old.unlink()
    texts = [
        json.dumps({**{name.lower(): value for name, value in row.items()}, "_dlt_load_id": "1"})
        for row in rows()
    ]
    texts = [
        re.sub(r'"owner": {[^}]*"id": "(\d+)"[^}]*}', r'"owner__id": "\1"', text) for text in texts
    ]
    texts[0] = texts[0].replace('"annual_revenue":', '"annual_revenue__v_double":')
    (folder / "1.0.jsonl").write_text("\n".join(texts), "utf-8")


{"lines": lines, "singer": singer, "airbyte": airbyte, "dlt": dlt}[LANGUAGE]()
