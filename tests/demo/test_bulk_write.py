"""Bulk Write: https://www.zoho.com/crm/developer/docs/api/v8/bulk-write/overview.html."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import pytest

from .bulk_write_calls import LEADS, NAMES, ended, job, upload
from .conftest import Client, a_clock, assert_refused, speaking


@pytest.fixture
def client() -> Iterator[Client]:
    with speaking(clock=a_clock()) as found:
        yield found


def lead(client: Client, record_id: str) -> Mapping[str, Any]:
    found: dict[str, Any] = client.get(f"/crm/v8/Leads/{record_id}").json()["data"][0]
    return found


def test_rows_are_added_and_those_that_cannot_be_say_why(client: Client) -> None:
    file, rows = ended(client, LEADS, NAMES)

    assert [row["STATUS"] for row in rows] == ["ADDED", "SKIPPED", "SKIPPED"]
    assert [row["ERRORS"] for row in rows] == [
        *("", "INVALID_DATA:No_of_Employees", "MANDATORY_NOT_FOUND:Last_Name")
    ]
    assert (file["added_count"], file["skipped_count"], file["total_count"]) == (1, 2, 3)
    shown = lead(client, rows[0]["RECORD_ID"])
    assert (shown["Company"], shown["No_of_Employees"]) == ("Engines", 7)


def test_rows_are_changed_by_the_field_that_finds_them(client: Client) -> None:
    _, (ada, *_) = ended(client, LEADS, NAMES)
    text = "Email,Company\nada@example.org,\nnobody@example.org,x\n"

    file, rows = ended(
        client, text, ("Email", "Company"), operation="update", find_by="Email", ignore_empty=True
    )
    assert [row["STATUS"] for row in rows] == ["UPDATED", "SKIPPED"]
    assert (file["updated_count"], file["skipped_count"]) == (1, 1)
    assert lead(client, ada["RECORD_ID"])["Company"] == "Engines"

    names = ("Last_Name", "Email", "Company", "Phone")
    text = "Last_Name,Email,Company,Phone\nAda,ada@example.org,y,\nNew,new@example.org,z,1\n"
    _, rows = ended(client, text, names, operation="upsert", find_by="Email")
    assert [row["STATUS"] for row in rows] == ["UPDATED", "ADDED"]
    assert lead(client, ada["RECORD_ID"])["Company"] == "y"


@pytest.mark.parametrize(
    ("text", "names", "more", "code"),
    [
        (LEADS, (*NAMES[:3], "Nope"), {}, "INVALID_FIELD"),
        (LEADS, (*NAMES, "Phone"), {}, "COLUMN_INDEX_NOT_FOUND"),
        (LEADS, NAMES[:1], {}, "MANDATORY_FIELDS_NOT_MAPPED"),
        (LEADS, NAMES, {"file_id": "1"}, "INVALID_FILE_ID"),
        (LEADS, NAMES, {"module": {"api_name": "Nope"}}, "MODULE_NOT_AVAILABLE"),
        (LEADS, NAMES, {"operation": "delete"}, "INVALID_DATA"),
        (LEADS, NAMES, {"field_mappings": None}, "MISSING_REQUIRED_KEY"),
    ],
)
def test_a_job_that_cannot_be_understood_writes_nothing(
    client: Client, text: str, names: tuple[str, ...], more: dict[str, Any], code: str
) -> None:
    before = client.get("/crm/v8/Leads/actions/count").json()

    assert_refused(job(client, text, names, **more), 400, code)
    assert client.get("/crm/v8/Leads/actions/count").json() == before


def test_uploads_name_their_feature_and_are_zips(client: Client) -> None:
    assert "x-error" in upload(client, LEADS, feature="other").json()
    zgid = client.demo.organisation.company["zgid"]
    headers = {"feature": "bulk-write", "X-CRM-ORG": zgid}
    files = {"file": ("rows.csv", LEADS)}
    answer = client.get("/crm/v8/upload", "POST", headers=headers, files=files)
    assert_refused(answer, 400, "INVALID_FILE_FORMAT")
