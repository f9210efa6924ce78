"""The models for other tools say what the streams hold, in each tool's own form."""

from __future__ import annotations

import csv
import io
import json
import re
import shutil
import subprocess
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from atlas.messages import Rows, files, messages, organisation, record_schema, run

ODD = 'O\'Neill "the boat" {{ 7*7 }} {% set x %} \\N\n[x] # 船 \u2028 %% <b>'

# What tbls reads, in our own words: https://github.com/k1LoW/tbls#data-source.
_TEXTS = {"type": "array", "items": {"type": "string"}}
_CARDINALITY = {"enum": ["zero_or_one", "exactly_one", "zero_or_more", "one_or_more", ""]}


def _strict(required: str, **optional: Any) -> dict[str, Any]:
    names = {name: {"type": "string"} for name in required.split()}
    return {
        "type": "object",
        "required": required.split(),
        "properties": {**names, **optional},
        "additionalProperties": False,
    }


_LABELS = {"type": "array", "items": _strict("name", virtual={"type": "boolean"})}
_COLUMN = _strict("name type", nullable={"type": "boolean"}, comment={"type": "string"})
_CONSTRAINT = _strict(
    "name type def table",
    columns=_TEXTS,
    referenced_table={"type": "string"},
    referenced_columns=_TEXTS,
)
_TABLE = _strict(
    "name type comment",
    columns={"type": "array", "items": _COLUMN},
    constraints={"type": "array", "items": _CONSTRAINT},
    labels=_LABELS,
    referenced_tables=_TEXTS,
)
_RELATION = _strict(
    "table parent_table def",
    columns=_TEXTS,
    parent_columns=_TEXTS,
    cardinality=_CARDINALITY,
    parent_cardinality=_CARDINALITY,
    virtual={"type": "boolean"},
)
TBLS = _strict(
    "name desc",
    tables={"type": "array", "items": _TABLE},
    relations={"type": "array", "items": _RELATION},
    driver=_strict("name database_version"),
    labels=_LABELS,
)

LOADED = {"Boats": record_schema("Name", "State"), "Crews": record_schema("Boat")}

PARSE = """
import fs from 'fs';
import { Parser } from '@dbml/core';
import { JSDOM } from 'jsdom';
globalThis.window = new JSDOM('').window;
globalThis.document = window.document;
const mermaid = (await import('mermaid')).default;
const read = (name) => fs.readFileSync(`${process.argv[2]}/${name}`, 'utf8');
const { tables, refs } = new Parser().parse(read('model.dbml'), 'dbmlv2').schemas[0];
const { diagramType } = await mermaid.parse(read('model.mmd'));
console.log(JSON.stringify([tables.map((table) => table.name), refs.length, diagramType]));
process.exit(0);
"""


def _odd() -> Rows:
    rows = organisation()
    rows["org"][0]["company_name"] = ODD
    rows["modules"][0] |= {"plural_label": ODD, "description": ODD}
    rows["fields"][0]["display_label"] = ODD
    rows["picklist_values"][0]["display_value"] = ODD
    rows["relationships"][0]["field_label"] = ODD
    return rows


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    run(tmp_path / "atlas", messages(_odd(), loaded=LOADED))
    return tmp_path / "atlas"


def test_tbls_can_read_the_schema(atlas: Path) -> None:
    schema = json.loads((atlas / "schema.json").read_bytes())
    jsonschema.Draft202012Validator(TBLS).validate(schema)
    assert [table["name"] for table in schema["tables"]] == ["Crews", "Boats"]
    assert [
        (each["table"], each["columns"], each["parent_table"]) for each in schema["relations"]
    ] == [("Crews", ["Boat"], "Boats")]


def test_the_data_package_describes_its_tables(atlas: Path) -> None:
    package = json.loads((atlas / "datapackage.json").read_bytes())
    for resource in package["resources"]:
        rows = list(csv.reader(io.StringIO((atlas / resource["path"]).read_text("utf-8-sig"))))
        assert rows[0] == [field["name"] for field in resource["schema"]["fields"]]
        assert {len(row) for row in rows} == {len(rows[0])}
    assert ODD in (atlas / "fields.csv").read_text("utf-8-sig").replace('""', '"')


def test_a_spreadsheet_runs_no_name_as_a_formula(tmp_path: Path) -> None:
    rows = organisation()
    rows["fields"][0]["display_label"] = '=HYPERLINK("https://evil.example")'
    run(tmp_path / "atlas", messages(rows))
    table = csv.DictReader(io.StringIO((tmp_path / "atlas" / "fields.csv").read_text("utf-8-sig")))
    assert next(table)["label"].startswith("'=")


def test_dbt_runs_no_name_as_a_template(atlas: Path) -> None:
    for name, content in files(atlas / "dbt" / "models").items():
        if name.endswith(".yml"):
            document = yaml.safe_load(content)
            texts = re.findall(r"\{\{ 7|\{% set", json.dumps(document, ensure_ascii=False))
            assert texts == [], name
            assert "船" in content.decode() or "metadata" in name


def test_the_dbt_models_name_each_column_once(tmp_path: Path) -> None:
    rows = organisation()
    first = rows["fields"][0]
    for number, name in enumerate(("order", "Order_", "isOpen", "Is_Open")):
        rows["fields"].append({**first, "id": f"x{number}", "api_name": name})
    boats = record_schema("Name", "State", "order", "Order_", "isOpen", "Is_Open")
    run(tmp_path / "atlas", messages(rows, loaded={"Boats": boats}))
    document = yaml.safe_load((tmp_path / "atlas/dbt/models/records/records.yml").read_bytes())
    boats = next(each for each in document["models"] if each["name"] == "stg_zohocrm__boats")
    assert [column["name"] for column in boats["columns"]] == [
        "id",
        "name",
        "state",
        "order_",
        "order__2",
        "is_open",
        "is_open_2",
    ]


@pytest.mark.nightly
@pytest.mark.timeout(600)
@pytest.mark.skipif(shutil.which("npm") is None, reason="npm brings the parsers")
def test_dbml_and_mermaid_are_read_by_their_own_parsers(tmp_path: Path) -> None:
    rows = _odd()
    keywords = ["AccTitle", "Class", "End", "Many", "One", "Style", "Subgraph", "Table", "To"]
    rows["modules"] += [{**rows["modules"][0], "id": name, "api_name": name} for name in keywords]
    rows["fields"] += [{**rows["fields"][2], "id": "k", "api_name": "FK"}]
    rows["relationships"] += [{**rows["relationships"][0], "field_id": "k", "field_api_name": "FK"}]
    atlas = tmp_path / "atlas"
    loaded = {**LOADED, **{name: record_schema() for name in keywords}}
    loaded["Crews"] = record_schema("Boat", "FK")
    run(atlas, messages(rows, loaded=loaded))
    parsers = tmp_path / "parsers"
    parsers.mkdir()
    (parsers / "parse.mjs").write_text(PARSE)
    packages = ["@dbml/core@10", "mermaid@11", "jsdom@26"]
    install = ["npm", "install", "--no-audit", "--no-fund", "--silent", *packages]
    subprocess.run(install, cwd=parsers, check=True, timeout=500)
    parse = ["node", "parse.mjs", str(atlas)]
    done = subprocess.run(parse, cwd=parsers, check=False, capture_output=True, timeout=120)
    assert done.returncode == 0, done.stderr.decode()
    names, links, kind = json.loads(done.stdout)
    assert (sorted(names), links, kind) == (sorted(["Boats", "Crews", *keywords]), 2, "er")
