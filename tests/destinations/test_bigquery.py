"""BigQuery: the columns that z3-target-bigquery would make. No table was made: there is no service.

docs/destinations.md says what this does not prove.
"""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from pipelines.conftest import ROOT

from destinations.discovered import discovered
from destinations.messages import kind
from destinations.plugins import TARGET_BIGQUERY, run

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]

SETUPTOOLS = "setuptools<81"
PROBE = Path(__file__).with_name("bigquery_probe.py")
# With `denormalized: true`, whose columns these are.
TYPES = {
    "string": ("STRING", "NULLABLE"),
    "date-time": ("TIMESTAMP", "NULLABLE"),
    "date": ("DATE", "NULLABLE"),
    "integer": ("INTEGER", "NULLABLE"),
    "number": ("FLOAT", "NULLABLE"),
    "boolean": ("BOOLEAN", "NULLABLE"),
    "array of object": ("RECORD", "REPEATED"),
    "array of string": ("STRING", "REPEATED"),
}

Columns = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def programs(environment: Callable[..., Path]) -> Path:
    # It imports pkg_resources, which setuptools 81 no longer has.
    return environment(TARGET_BIGQUERY, SETUPTOOLS)


@pytest.fixture(scope="module")
def translated(programs: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Columns]:
    """The columns of every stream, by the version of the target's `schema_resolver_version`."""
    schemas = tmp_path_factory.mktemp("target-bigquery") / "schemas.json"
    schemas.write_text(json.dumps(discovered()), "utf-8")
    columns: dict[str, Columns] = json.loads(
        run([programs / "python", PROBE], stdin=schemas).stdout
    )
    return columns


def expected(spec: dict[str, Any]) -> tuple[str, str]:
    name = kind(spec)
    if name in TYPES:
        return TYPES[name]
    items = spec.get("items", spec)
    return "RECORD" if items.get("properties") else "JSON", "NULLABLE"


@pytest.mark.parametrize("version", ["V1", "V2"])
def test_each_property_becomes_the_column_that_the_docs_say(
    translated: dict[str, Columns], version: str
) -> None:
    assert translated[version].keys() == discovered().keys()
    for stream, schema in discovered().items():
        check(stream, translated[version][stream], schema["properties"])


def check(path: str, columns: list[dict[str, Any]], properties: dict[str, Any]) -> None:
    assert [column["name"] for column in columns] == list(properties), path
    for column in columns:
        spec = properties[column["name"]]
        where = f"{path}.{column['name']}"
        assert (column["type"].upper(), column["mode"]) == expected(spec), where
        inner = spec.get("items", spec).get("properties", {})
        assert inner or column["type"].upper() != "RECORD", f"{where}: no record without columns"
        check(where, column["columns"], inner)


def test_what_the_docs_say_of_its_settings_is_what_it_says(programs: Path) -> None:
    about = json.loads(run([programs / "target-bigquery", "--about", "--format=json"]).stdout)
    settings = about["settings"]["properties"]
    page = (ROOT / "docs" / "destinations.md").read_text("utf-8")
    for name in ("upsert", "dedupe_before_upsert", "denormalized"):
        assert settings[name]["default"] is False
        assert f"`{name}: true`" in page
    assert "append" in settings["upsert"]["description"]
    assert "activate-version" not in about["capabilities"]
    assert f"`pip_url: {TARGET_BIGQUERY} {SETUPTOOLS}`" in page
