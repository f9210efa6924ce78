"""An organisation of one's own, out of a file."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from zohocrm_demo.organisation.own import made_up, own_organisation

from .conftest import speaking

YAML = """
company: {company_name: Ours}
modules:
  Wells:
    label: Well/Wells
    fields: |
      Name|Name|text:120|mandatory display
      Depth|Depth|double:8
      Owner_Account|Account|lookup:Accounts
    records:
      - {Name: First, Depth: 3.5, Owner_Account: "77"}
      - {Name: Second}
  Accounts:
    records: [{id: "77", Account_Name: Waterworks, Created_Time: 2020-01-02T03:04:05Z}]
"""


def asked(path: Path, call: str, *, anonymous: bool = False) -> list[dict[str, Any]]:
    with speaking(own_organisation(path, anonymous=anonymous)) as client:
        return client.rows(f"/crm/v8/{call}", "data")


def test_yaml_adds_modules_and_records(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(YAML, "utf-8")

    wells = asked(path, "Wells?fields=Name,Depth,Owner_Account&sort_by=id&sort_order=asc")
    accounts = asked(path, "Accounts?fields=Account_Name,Created_Time")

    assert [(row["Name"], row["Depth"]) for row in wells] == [("First", 3.5), ("Second", None)]
    assert wells[0]["Owner_Account"] == {"name": "Waterworks", "id": "77"}
    assert accounts == [
        {"Account_Name": "Waterworks", "Created_Time": "2020-01-01T19:04:05-08:00", "id": "77"}
    ]


def test_what_the_file_does_not_have_is_empty(tmp_path: Path) -> None:
    path = tmp_path / "ours.yaml"
    path.write_text(YAML, "utf-8")
    with speaking(own_organisation(path)) as client:
        assert client.get("/crm/v8/Leads?fields=id").status_code == 204
        assert client.get("/crm/v8/settings/recycle_bin").status_code == 204


def test_a_csv_fills_one_module(tmp_path: Path) -> None:
    path = tmp_path / "Leads.csv"
    path.write_text("id,Last_Name,Company,Email_Opt_Out\n5,Ada,Engines,true\n6,Eve,,false\n")

    rows = asked(path, "Leads?fields=Last_Name,Company,Email_Opt_Out&sort_order=asc&sort_by=id")

    assert [tuple(row.values()) for row in rows] == [
        ("Ada", "Engines", True, "5"),
        ("Eve", None, False, "6"),
    ]


def test_a_csv_makes_its_module(tmp_path: Path) -> None:
    path = tmp_path / "Old_Wells.csv"
    path.write_text("Title,Depth\nNorth,3\n")

    assert asked(path, "Old_Wells?fields=Title,Depth")[0]["Depth"] == "3"


def messages(*records: tuple[str, dict[str, Any]]) -> str:
    lines = ({"type": "RECORD", "stream": name, "record": record} for name, record in records)
    schema = {"type": "SCHEMA", "stream": "modules", "schema": {}, "key_properties": ["id"]}
    return "\n".join(map(json.dumps, (schema, *lines, {"type": "STATE", "value": {}})))


SINGER = messages(
    ("fields", {"module": "Wells", "id": "11", "api_name": "Name", "data_type": "text"}),
    ("fields", {"module": "Wells", "id": "12", "api_name": "Depth", "data_type": "double"}),
    ("fields", {"module": "Wells", "id": "13", "api_name": "Mail", "data_type": "email"}),
    (
        "modules",
        {"id": "1", "api_name": "Wells", "singular_label": "Well", "plural_label": "Wells"},
    ),
    (
        "Wells",
        {
            "id": "99",
            "Name": "Secret Name of a Person",
            "Mail": "ada@example.org",
            "Depth": 2.5,
            "Modified_Time": "2024-05-06T07:08:09Z",
        },
    ),
)


def test_the_messages_of_a_run_become_the_organisation(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(SINGER)
    with speaking(own_organisation(path)) as client:
        fields = client.rows("/crm/v8/settings/fields", "fields", module="Wells")
        assert {field["api_name"]: field["id"] for field in fields} == {
            "Name": "11",
            "Depth": "12",
            "Mail": "13",
        }
        (row,) = client.rows("/crm/v8/Wells", "data", fields="Name,Depth,Mail")
    assert row == {
        "Name": "Secret Name of a Person",
        "Depth": 2.5,
        "Mail": "ada@example.org",
        "id": "99",
    }


def test_anonymous_texts_say_nothing(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"
    path.write_text(SINGER)

    (row,) = asked(path, "Wells?fields=Name,Depth,Mail", anonymous=True)

    assert (row["Depth"], row["id"]) == (2.5, "99")
    assert row["Name"] == made_up("text", "Secret Name of a Person")
    assert not {"Secret", "Person"} & set(row["Name"].split())
    assert row["Mail"].endswith("@made-up.example")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.yaml", "modules: ["),
        ("a.yaml", "modules: {Wells: {fields: 'x|y|nope'}}"),
        ("a.jsonl", "{"),
    ],
)
def test_a_file_that_cannot_be_read_is_named(tmp_path: Path, name: str, text: str) -> None:
    path = tmp_path / name
    path.write_text(text)
    with pytest.raises(ValueError, match=r"a\.(yaml|jsonl)"):
        own_organisation(path)
