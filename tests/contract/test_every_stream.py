"""Every metadata stream of the sample organisation: what its rows fill, and what it costs."""

from __future__ import annotations

import collections
import itertools
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.demo import catalogue, read
from support.records import records_catalog
from support.run import Run

from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, MODULES
from zohocrm_demo import DemoOrganisation

STREAMS = ENDPOINTS.keys()
REASONS = yaml.safe_load(Path(__file__).with_name("unfilled_columns.yaml").read_text("utf-8"))
PAGE = (Path(__file__).parents[2] / "docs" / "streams" / "README.md").read_text("utf-8")
COSTS = dict(re.findall(r"^\| \[`(\w+)`\].* \| (.+) \| \w* \|$", PAGE, re.MULTILINE))
Rows = dict[str, list[dict[str, Any]]]


@pytest.fixture(scope="module")
def run() -> Iterator[Run]:
    with DemoOrganisation() as demo:
        catalog = catalogue(**{name: {} for name in STREAMS})
        catalog["streams"] += records_catalog("sync_report")["streams"]
        yield read(demo, catalog=catalog, record_modules=[])


@pytest.fixture(scope="module")
def rows(run: Run) -> Rows:
    assert run.code == 0, run.stderr
    found: Rows = collections.defaultdict(list)
    for message in run.of_type("RECORD"):
        found[message["stream"]].append(message["record"])
    return found


def unfilled(schema: Mapping[str, Any], values: Sequence[Any], path: str) -> Iterator[str]:
    """Yield the paths of the columns, nested ones too, that none of the objects has a value in."""
    if not values:
        yield path
        return
    for name, column in schema.get("properties", {}).items():
        found = [value[name] for value in values if value.get(name) is not None]
        if "items" in column:
            found = list(itertools.chain.from_iterable(found))
        yield from unfilled(column.get("items", column), found, f"{path}.{name}")


def test_a_column_that_no_row_fills_has_a_reason(rows: Rows) -> None:
    empty = {path for name in STREAMS for path in unfilled(load_schema(name), rows[name], name)}
    empty -= {f"{name}.additional_properties" for name in STREAMS}
    reasons = {
        f"{name}.{column}"
        for streams in REASONS.values()
        for name, columns in streams.items()
        for column in columns
    }
    assert sorted(empty - reasons) == []
    assert sorted(reasons - empty) == [], "filled now: remove the reason"


def credits_of_page(name: str, rows: Rows) -> int:
    """Work out what the page's words come to on these rows."""
    text = COSTS[name]
    if text.startswith("none"):
        return 0
    calls = int(lists[1]) if (lists := re.search(r"of each of (\d+) lists", text)) else 1
    if parents := re.search(r"for each row of `(\w+)`(?: with `(\w+)` (\w+))?", text):
        found = rows[parents[1]]
        if "that the API serves" in text:
            found = [row for row in found if MODULES.is_parent(row)]
        calls *= sum(not parents[2] or row[parents[2]] == parents[3] for row in found)
    elif page := re.search(r"1 per page of (\d+)", text):
        calls += (len(rows[name]) - 1) // int(page[1])
    if each := re.search(r"1 per element of `(\w+)`", text):
        calls += sum(len(row[each[1]]) for row in rows[name])
    return calls + (len(rows[name]) if "1 per row" in text else 0)


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_a_stream_costs_what_its_page_says(name: str, rows: Rows) -> None:
    (found,) = [row["credits"] for row in rows["sync_report"] if row["stream"] == name]
    assert abs(credits_of_page(name, rows) - found) <= found * 0.05
