"""Zoho's own client reads the demo organisation's records by each of the three ways."""

from __future__ import annotations

import csv
import io
import json
import subprocess
import zipfile
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation

from .test_demo_zoho_sdk import python

__all__ = ["python"]
pytestmark = [pytest.mark.heavy, pytest.mark.timeout(600)]

PROBE = Path(__file__).with_name("zoho_sdk_records_probe.py")
FIELDS = ["Name", "Site", "Uptime", "Measures", "Last_Seen", "Owner", "Firmware_Hash"]


def test_zohos_sdk_reads_records(demo: DemoOrganisation, python: Path, tmp_path: Path) -> None:
    store = demo.organisation.records
    store.resize("Sensors", 430)
    site = next(store.read("Sites"))["id"]
    quoted = ", ".join(f"'{name}'" for name in FIELDS)
    order = {
        "api_url": demo.api_url,
        "accounts_url": demo.accounts_url,
        "client_id": demo.client_id,
        "client_secret": demo.client_secret,
        "refresh_token": demo.refresh_token,
        "folder": str(tmp_path),
        "module": "Sensors",
        "fields": FIELDS,
        "query": f"select {quoted} from Sensors where (id is not null and Uptime >= 0) "
        "order by Modified_Time, id limit 2000",
        "site": site,
    }
    run = subprocess.run(
        [str(python), str(PROBE)],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    found: dict[str, Any] = json.loads(run.stdout)

    truth = {row["id"]: row for row in store.read("Sensors", *FIELDS)}
    assert len(found["records"]) == found["count"] == len(truth) == 430
    for row in found["records"]:
        check(row, truth[str(row["id"])])
    wanted = {record for record, row in truth.items() if row["Uptime"] is not None}
    assert {str(row["id"]) for row in found["query"]} == wanted
    for row in found["query"]:
        # Without metadata at hand, the SDK takes this field for a property that all records have.
        check({**row, "Name": row["name"]}, truth[str(row["id"])])
    assert found["bulk"]["states"] == ["ADDED", "ADDED", "QUEUED", "IN PROGRESS", "COMPLETED"]
    with zipfile.ZipFile(found["bulk"]["file"]) as box:
        text = io.TextIOWrapper(box.open(box.namelist()[0]), "utf-8", newline="")
        assert {row["Id"] for row in csv.DictReader(text)} == truth.keys()
    children = [row["id"] for row in store.read("Site_Contacts") if row["Parent_Id"] == site]
    assert [str(row) for row in found["single"]] == children
    assert len(found["deleted"]) == 200
    assert found["unknown"] == [400, "INVALID_DATA"]


def check(row: dict[str, Any], true: dict[str, Any]) -> None:
    assert row["Name"] == true["Name"]
    for lookup in ("Site", "Owner"):
        assert true[lookup] == (None if row[lookup] is None else str(row[lookup]))
    assert row["Uptime"] == (None if true["Uptime"] is None else float(true["Uptime"]))
    assert row["Measures"] == true["Measures"]
    seen = None if row["Last_Seen"] is None else datetime.fromisoformat(row["Last_Seen"])
    assert seen == true["Last_Seen"]
    assert str(row["Firmware_Hash"]) == str(true["Firmware_Hash"])


def test_zohos_sdk_makes_25_calls_that_read_and_write(
    demo: DemoOrganisation, python: Path, tmp_path: Path
) -> None:
    order = {
        "api_url": demo.api_url,
        "accounts_url": demo.accounts_url,
        "client_id": demo.client_id,
        "client_secret": demo.client_secret,
        "refresh_token": demo.refresh_token,
        "folder": str(tmp_path),
    }
    run = subprocess.run(
        [str(python), str(PROBE.with_name("zoho_sdk_writes_probe.py"))],
        input=json.dumps(order),
        capture_output=True,
        text=True,
        check=False,
    )
    assert run.returncode == 0, run.stderr
    said = json.loads(run.stdout)
    read, seen = said["read"], said["written"]

    assert len(read) + len(seen) == 25
    organisation = demo.organisation
    for name in ("modules", "roles", "profiles", "currencies"):
        assert read[name] == len(organisation.content(name)), name
    assert read["module"] == read["organization"] == 1
    assert (read["listed"], read["queried"]) == (3, 4)
    assert min(read.values()) > 0
    (_, ada), (_, eve), (refused, _) = seen["created"]
    assert refused == "MANDATORY_NOT_FOUND"
    for name in ("updated", "by criteria"):
        assert seen[name] in ([["SUCCESS", ada]], [ada]), name
    for name in ("updated one", "upserted", "by email", "deleted one"):
        assert seen[name] in ([["SUCCESS", eve]], [eve]), name
    assert seen["attached"][0][0] == "SUCCESS"
    assert [code for code, _ in seen["deleted"]] == ["SUCCESS", "INVALID_DATA"]
    assert seen["gone"] == []
    assert seen["one"] == "Engines & Sons"
    deletions = {one.id for one in demo.organisation.records.deletions("Leads")}
    assert {ada, eve} <= deletions
