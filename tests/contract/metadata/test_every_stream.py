"""All metadata of the demo organisation, read as a user reads it."""

from __future__ import annotations

import collections
import itertools
import json
import re
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import duckdb
import pytest
import yaml
from jsonschema import Draft7Validator
from support import demo as support
from support.records import records_catalog
from support.run import Run
from support.sample import awkward_sample

from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.streams.sync_report import SYNC_REPORT
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, MODULES
from zohocrm_demo import Call, DemoOrganisation

STREAMS = ENDPOINTS.keys()
REASONS = yaml.safe_load(Path(__file__).with_name("unfilled_columns.yaml").read_text("utf-8"))
PAGE = (Path(__file__).parents[3] / "docs" / "streams" / "README.md").read_text("utf-8")
COSTS = dict(re.findall(r"^\| \[`(\w+)`\].* \| (.+) \| \w* \|$", PAGE, re.MULTILINE))
Rows = dict[str, list[dict[str, Any]]]
REFERENCES = yaml.safe_load(Path(__file__).with_name("references.yaml").read_text("utf-8"))
LISTED = [
    ("modules", "profiles", "profiles"),
    ("layouts", "profiles", "profiles"),
]


@pytest.fixture(scope="module")
def whole_run() -> Iterator[tuple[Run, tuple[Call, ...]]]:
    catalog = support.metadata_catalog(**{name: {} for name in STREAMS})
    catalog["streams"] += records_catalog(SYNC_REPORT)["streams"]
    with DemoOrganisation(awkward_sample) as demo:
        run = support.read(demo, catalog=catalog, record_modules=[])
        assert run.code == 0, run.stderr
        yield run, demo.calls


@pytest.fixture(scope="module")
def rows(whole_run: tuple[Run, tuple[Call, ...]]) -> Rows:
    found: Rows = collections.defaultdict(list)
    for message in whole_run[0].of_type("RECORD"):
        found[message["stream"]].append(message["record"])
    return found


@pytest.fixture(scope="module")
def tables(rows: Rows, tmp_path_factory: pytest.TempPathFactory) -> duckdb.DuckDBPyConnection:
    """A table a stream; columns as JSON, but for those that hold texts."""
    folder = tmp_path_factory.mktemp("tables")
    database = duckdb.connect()
    for stream, records in rows.items():
        file = folder / f"{stream}.jsonl"
        Path(file).write_text("\n".join(map(json.dumps, records)), "utf-8")
        texts = {key: type(value) for record in records for key, value in record.items() if value}
        kinds = {key: "VARCHAR" if kind is str else "JSON" for key, kind in texts.items()}
        database.execute(
            f"create table {stream} as select * from"
            f" read_json('{file}', format='newline_delimited', columns={kinds})"
        )
    return database


def test_every_stream_is_read_and_has_rows(whole_run: tuple[Run, tuple[Call, ...]]) -> None:
    run, _ = whole_run
    read_streams = {message["stream"] for message in run.of_type("SCHEMA")}
    assert read_streams == {*STREAMS, SYNC_REPORT}
    with_rows = {message["stream"] for message in run.of_type("RECORD")}
    assert read_streams - with_rows == set(), "the demo organisation has rows of every kind"


def test_every_row_is_as_its_schema_says(whole_run: tuple[Run, tuple[Call, ...]]) -> None:
    run, _ = whole_run
    validators = {
        message["stream"]: Draft7Validator(message["schema"]) for message in run.of_type("SCHEMA")
    }
    for message in run.of_type("RECORD"):
        validators[message["stream"]].validate(message["record"])


def test_keys_are_unique(whole_run: tuple[Run, tuple[Call, ...]]) -> None:
    run, _ = whole_run
    keys = {message["stream"]: message["key_properties"] for message in run.of_type("SCHEMA")}
    seen = collections.Counter(
        (message["stream"], *(message["record"][key] for key in keys[message["stream"]]))
        for message in run.of_type("RECORD")
    )
    assert [key for key, times in seen.items() if times > 1] == []


def test_no_call_is_made_twice_but_for_empty_lists_and_pages_with_others_behind(
    whole_run: tuple[Run, tuple[Call, ...]],
) -> None:
    _, calls = whole_run
    made = collections.Counter(
        (call.method, call.path, tuple(sorted(call.params.items())))
        for call in calls
        if call.status != 204 and "page" not in call.params
    )
    assert [call for call, times in made.items() if times > 1] == []


@pytest.mark.parametrize("reference", REFERENCES, ids=lambda ref: f"{ref[0]}.{ref[1]}")
def test_references_lead_to_rows(
    tables: duckdb.DuckDBPyConnection, reference: tuple[str, str, str, str]
) -> None:
    stream, column, other, key = reference
    total, orphans = tables.execute(
        f"select count(value), count(*) filter (value not in (select {key} from {other}))"
        f" from (select {column} as value from {stream}) where value is not null"
    ).fetchone()  # type: ignore[misc]
    assert total > 0
    assert orphans == 0


@pytest.mark.parametrize("listed", LISTED, ids=lambda ref: f"{ref[0]}.{ref[1]}")
def test_lists_of_references_lead_to_rows(
    tables: duckdb.DuckDBPyConnection, listed: tuple[str, str, str]
) -> None:
    stream, column, other = listed
    orphans = tables.execute(
        f"select item->>'id' from (select unnest(cast({column} as json[])) as item from {stream})"
        f" where item->>'id' not in (select id from {other})"
    ).fetchall()
    assert orphans == []


def test_layouts_hold_fields_of_their_module(tables: duckdb.DuckDBPyConnection) -> None:
    orphans = tables.execute(
        "with sections as (select module_api_name, unnest(cast(sections as json[])) as section"
        " from layouts), placed as (select module_api_name,"
        " unnest(cast(section->'fields' as json[]))->>'id' as field_id from sections)"
        " select * from placed where (module_api_name, field_id) not in"
        " (select (module_api_name, id) from fields)"
    ).fetchall()
    assert orphans == []


def test_relationships_lead_to_modules_or_users(tables: duckdb.DuckDBPyConnection) -> None:
    kinds = dict(tables.execute("select kind, count(*) from relationships group by 1").fetchall())
    assert kinds.keys() >= {
        "lookup", "owner", "user", "multi_module_lookup", "multi_select_lookup",
        "multi_user_lookup", "linking", "subform",
    }  # fmt: skip
    orphans = tables.execute(
        "select * from relationships where to_module <> 'users'"
        " and to_module not in (select api_name from modules)"
    ).fetchall()
    assert orphans == []


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
        # All but the last are read twice.
        calls += 2 * ((len(rows[name]) - 1) // int(page[1]))
    if each := re.search(r"1 per element of `(\w+)`", text):
        calls += sum(len(row[each[1]]) for row in rows[name])
    return calls + (len(rows[name]) if "1 per row" in text else 0)


@pytest.mark.parametrize("name", sorted(STREAMS))
def test_a_stream_costs_what_its_page_says(
    name: str, rows: Rows, whole_run: tuple[Run, tuple[Call, ...]]
) -> None:
    (found,) = [row["credits"] for row in rows[SYNC_REPORT] if row["stream"] == name]
    path = re.sub(r"\\{\w+\\}", "[^/]+", re.escape(f"/crm/v8{ENDPOINTS[name].path}"))
    empty = collections.Counter(
        (call.path, tuple(call.params.items()))
        for call in whole_run[1]
        if call.status == 204 and re.fullmatch(path, call.path)
    )
    found -= sum(times - 1 for times in empty.values())
    assert abs(credits_of_page(name, rows) - found) <= found * 0.05


def test_each_stream_reports_its_records_calls_and_credits(
    whole_run: tuple[Run, tuple[Call, ...]], rows: Rows
) -> None:
    run, calls = whole_run
    reported = {row["stream"]: row for row in rows[SYNC_REPORT]}
    assert reported.keys() == {*STREAMS}
    assert {name: row["records"] for name, row in reported.items()} == {
        name: len(rows[name]) for name in STREAMS
    }
    for name, call_count in {"picklist_values": 0, "relationships": 0, "org": 1}.items():
        assert (reported[name]["calls"], reported[name]["credits"]) == (call_count, call_count)
    spent = {name: sum(row[name] for row in reported.values()) for name in ("calls", "credits")}
    assert f"API calls: {spent['calls']}, credits: {spent['credits']}, retries: 0" in run.stderr
    assert spent["calls"] == sum(call.path.startswith("/crm/") for call in calls)
    assert "Read besides" not in run.stderr
