"""Uploads, and jobs of Bulk Write."""

from __future__ import annotations

import csv
import io
import zipfile
from typing import Any

from .conftest import Client

WRITE = "/crm/bulk/v8/write"
LEADS = "Last_Name,Company,Email,No_of_Employees\nAda,Engines,ada@example.org,7\nEve,,,many\n,x,,\n"
NAMES = ("Last_Name", "Company", "Email", "No_of_Employees")


def upload(client: Client, text: str, **headers: str) -> Any:
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w") as box:
        box.writestr("rows.csv", text)
    zgid = client.demo.organisation.company["zgid"]
    sent = {"feature": "bulk-write", "X-CRM-ORG": zgid, **headers}
    files = {"file": ("rows.zip", packed.getvalue(), "application/zip")}
    return client.get("/crm/v8/upload", "POST", headers=sent, files=files)


def job(
    client: Client, text: str, names: tuple[str, ...], operation: str = "insert", **more: Any
) -> Any:
    file_id = upload(client, text).json()["details"]["file_id"]
    mappings = [{"api_name": name, "index": index} for index, name in enumerate(names)]
    resource = {"type": "data", "module": {"api_name": "Leads"}, "file_id": file_id}
    resource |= {"field_mappings": mappings, **more}
    body = {"operation": operation, "resource": [resource]}
    return client.get(WRITE, "POST", json=body)


def ended(client: Client, text: str, names: tuple[str, ...], **more: Any) -> tuple[Any, list[Any]]:
    """What a job says of its file when it has ended, and the rows of its result."""
    made = job(client, text, names, **more)
    assert made.status_code == 201, made.text
    path = f"{WRITE}/{made.json()['details']['id']}"
    states = []
    while (shown := client.get(path).json())["status"] not in states:
        states.append(shown["status"])
    assert states == ["IN PROGRESS", "COMPLETED"]
    packed = client.get(shown["result"]["download_url"]).content
    with zipfile.ZipFile(io.BytesIO(packed)) as box:
        text = box.read(box.namelist()[0]).decode()
    return shown["resource"][0]["file"], list(csv.DictReader(io.StringIO(text)))
