"""The table of types in docs/arrow.md: what the tap does, and what BigQuery makes of it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow as pa
import pytest
from pipelines.conftest import ROOT

from destinations.discovered import discovered
from destinations.messages import kind
from destinations.plugins import GOOGLE_BIGQUERY, run
from tap_zohocrm_modules.zoho.records.arrow.values import arrow_type

PROBE = Path(__file__).with_name("bigquery_arrow_probe.py")
# As the table names them.
ALIASES = {
    "timestamp[us, UTC]": pa.timestamp("us", "UTC"),
    "date32": pa.date32(),
    "decimal128(38, 20)": pa.decimal128(38, 20),
    "list<string>": pa.list_(pa.string()),
}
ROWS = {
    "string": "`string`; ids and long integers",
    "date-time": "`string`, format `date-time`",
    "date": "`string`, format `date`",
    "integer": "`integer`",
    "number": "`number`",
    "boolean": "`boolean`",
    "array of string": "`array` of `string`",
}
JSON_TEXT = "`object`, any other `array`"


def table() -> dict[str, tuple[pa.DataType, str]]:
    """The type in the file, and BigQuery's, by what is in the SCHEMA."""
    page = (ROOT / "docs" / "arrow.md").read_text("utf-8")
    lines = re.findall(r"^\| (.+?) \| `([^`]+)`[^|]* \| `([^`]+)`[^|]* \|$", page, re.MULTILINE)
    return {
        schema: (ALIASES[file] if file in ALIASES else pa.type_for_alias(file), bigquery)
        for schema, file, bigquery in lines
        if schema in {*ROWS.values(), JSON_TEXT}
    }


def test_each_column_has_the_type_in_files_that_the_docs_say() -> None:
    types = table()
    assert types.keys() == {*ROWS.values(), JSON_TEXT}
    for stream, schema in discovered().items():
        for name, spec in schema["properties"].items():
            expected, _ = types[ROWS.get(kind(spec), JSON_TEXT)]
            assert arrow_type(spec) == expected, f"{stream}.{name}"


@pytest.mark.heavy
def test_bigquery_has_a_type_for_each_type_in_files(environment: Callable[..., Path]) -> None:
    programs = environment(GOOGLE_BIGQUERY, "pyarrow")
    googles: dict[str, Any] = json.loads(run([programs / "python", PROBE]).stdout)
    for file, bigquery in table().values():
        name = re.sub(r"ARRAY<(.+)>", r"\1", bigquery)
        value = file.value_type if bigquery != name else file
        if pa.types.is_decimal(value):
            # Google's has more digits on both sides of the point.
            digits, places = map(int, re.findall(r"\((\d+), (\d+)\)", googles[name])[0])
            assert digits - places >= value.precision - value.scale
            assert places >= value.scale
        else:
            assert googles[name].replace("tz=", "") == str(value).replace("tz=", "")
