"""Calls that are refused, and queries that aren't: the table is `refusals.yaml`."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
import yaml

from .conftest import Client, assert_refused
from .records_calls import ask

TABLE = yaml.safe_load(Path(__file__).with_name("refusals.yaml").read_text(encoding="utf-8"))
REFUSED = [
    pytest.param(row, id=f"{group}-{number}")
    for group, rows in TABLE["refused"].items()
    for number, row in enumerate(rows)
]


@pytest.mark.parametrize("row", REFUSED)
def test_refused(shared: Client, row: dict[str, Any]) -> None:
    method, path = row["call"].split(" ", 1)
    body, headers = row.get("body"), row.get("headers", {})
    if body is not None and not isinstance(body, str):
        body, headers = json.dumps(body), {"Content-Type": "application/json", **headers}

    answer = shared.get(path, method, data=body, headers=headers)

    found = assert_refused(answer, row.get("status", 400), row["code"])
    expected = dict(row.get("details", {"...": None}))
    if "..." in expected:
        del expected["..."]
        found = {key: found.get(key) for key in expected}
    assert found == expected


@pytest.mark.parametrize("query", TABLE["answered"])
def test_answered(shared: Client, query: str) -> None:
    assert ask(shared, query).status_code in {200, 204}
