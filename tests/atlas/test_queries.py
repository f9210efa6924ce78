"""The queries on the pages run on what is loaded, and return what they say."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import duckdb
import pytest

from atlas.messages import Rows, messages, organisation, record_schema, run

pytestmark = pytest.mark.thorough

CHILD = {
    "type": "object",
    "properties": {"parent_id": {"type": "string"}, "id": {"type": "string"}},
}
LOADED: dict[str, Any] = {
    "Boats": record_schema("Name", "State"),
    "Ships": record_schema("Name"),
    "Crews": record_schema("Name", "Boat", "Home", "Home_module"),
    "Signatures": record_schema("Parent_Id", "Ink"),
}


def _rows() -> Rows:
    rows = organisation()
    crews = rows["modules"][1]
    way = rows["relationships"][0]
    rows["modules"] += [
        {**crews, "id": "m3", "api_name": "Ships"},
        {**crews, "id": "m4", "api_name": "Signatures", "generated_type": "subform"},
    ]
    rows["relationships"] += [
        {**way, "field_id": "f4", "field_api_name": "Home"},
        {**way, "field_id": "f4", "field_api_name": "Home", "to_module": "Ships"},
        {**way, "field_id": "f5", "kind": "subform", "to_module": "Signatures"},
    ]
    return rows


def _queries(atlas: Path, module: str) -> dict[str, str]:
    page = (atlas / "modules" / f"{module}.html").read_text("utf-8")
    pattern = r"<summary>([^<]*)</summary>\s*<div class=.code.>.*?<pre[^>]*>(.*?)</pre>"
    found = re.findall(pattern, page, re.DOTALL)
    return {title: html.unescape(sql) for title, sql in found}


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    lines = messages(_rows(), loaded=LOADED)
    child = {"type": "SCHEMA", "stream": "Boats_Notes", "schema": CHILD}
    lines.insert(0, json.dumps({**child, "key_properties": ["parent_id", "id"]}))
    run(tmp_path / "atlas", lines)
    return tmp_path / "atlas"


@pytest.fixture
def database() -> Any:
    with duckdb.connect() as connection:
        for name, schema in {**LOADED, "Boats_Notes": CHILD}.items():
            columns = ", ".join(f'"{column}" VARCHAR' for column in schema["properties"])
            connection.execute(f'CREATE TABLE "{name}" ({columns})')
        connection.execute("""
            INSERT INTO Boats VALUES ('b1', 'Tern', 'Afloat', NULL), ('b2', 'Gone', NULL, '2026');
            INSERT INTO Ships VALUES ('b1', 'Same id, other module', NULL), ('s1', 'Gull', NULL);
            INSERT INTO Crews VALUES
                ('c1', 'Red', 'b1', 'b1', 'Boats', NULL), ('c2', 'Blue', NULL, 's1', 'Ships', NULL);
            INSERT INTO Signatures VALUES ('x1', 'c1', 'blue', NULL), ('x2', 'c2', 'red', '2026');
            INSERT INTO Boats_Notes VALUES ('b1', 'n1'), ('b2', 'n2');
        """)
        yield connection


def test_every_query_of_every_module_runs(atlas: Path, database: Any) -> None:
    counts = {name: len(_queries(atlas, name)) for name in LOADED}
    assert counts == {"Boats": 2, "Ships": 1, "Crews": 5, "Signatures": 1}
    for name in LOADED:
        for sql in _queries(atlas, name).values():
            database.execute(sql)


def test_queries_leave_out_what_is_deleted_and_follow_the_companion(
    atlas: Path, database: Any
) -> None:
    boats, crews = _queries(atlas, "Boats"), _queries(atlas, "Crews")

    def rows(sql: str) -> list[Any]:
        return sorted(database.execute(sql).fetchall())

    assert rows(boats["Its rows"]) == [("b1", "Tern", "Afloat")]
    assert rows(boats["With its Notes"]) == [("b1", "n1")]
    assert rows(crews["With the names of what it leads to"]) == [
        ("c1", "b1", "Tern"),
        ("c2", None, None),
    ]
    assert rows(crews["By Home, to several modules"]) == [
        ("c1", "b1", "Boats", "Tern"),
        ("c2", "s1", "Ships", "Gull"),
    ]
    assert rows(crews["How often Home leads to which module"]) == [("Boats", 1), ("Ships", 1)]
    assert rows(crews["With the rows of Crews"]) == [("c1", "x1", "blue")]


@pytest.mark.parametrize(
    ("loader", "start"),
    [
        ("postgres", 'SELECT\n  r."id",\n  r."Name",\n  r."State"\nFROM "Boats" AS r'),
        ("snowflake", 'SELECT\n  r."ID",\n  r."NAME",\n  r."STATE"\nFROM "BOATS" AS r'),
        ("bigquery", "SELECT\n  r.`id`,\n  r.`Name`,\n  r.`State`\nFROM `Boats` AS r"),
    ],
)
def test_names_are_spelt_as_the_loader_has_them(tmp_path: Path, loader: str, start: str) -> None:
    run(tmp_path / "atlas", messages(_rows(), loaded=LOADED), loader=loader)
    assert _queries(tmp_path / "atlas", "Boats")["Its rows"].startswith(start)


def test_a_module_that_is_not_loaded_has_no_query_and_says_so(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(organisation()))
    page = (tmp_path / "atlas" / "modules" / "Boats.html").read_text("utf-8")
    assert "<pre" not in page
    assert "it is in the map only" in page
