"""The whole catalogue of the demo organisation, read as a user reads it."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pytest
from jsonschema import Draft7Validator
from support.demo import read
from support.run import Run

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from zohocrm_demo import Call, DemoOrganisation

REFERENCES = [
    ("fields", "module_api_name", "modules", "api_name"),
    ("picklist_values", "field_id", "fields", "id"),
    ("relationships", "from_module", "modules", "api_name"),
    ("relationships", "field_id", "fields", "id"),
    ("layouts", "module_api_name", "modules", "api_name"),
    ("related_lists", "module_api_name", "modules", "api_name"),
    ("custom_views", "module_api_name", "modules", "api_name"),
    ("tags", "module_api_name", "modules", "api_name"),
    ("record_locking_configurations", "module_api_name", "modules", "api_name"),
    ("map_dependencies", "layout_id", "layouts", "id"),
    ("pipelines", "layout_id", "layouts", "id"),
    ("global_picklist_associations", "global_picklist_id", "global_picklists", "id"),
    ("global_picklist_associations", "field_id", "fields", "id"),
    ("assignment_rules", "module->>'id'", "modules", "id"),
    ("scoring_rules", "module->>'id'", "modules", "id"),
    ("workflow_rules", "module->>'id'", "modules", "id"),
    ("workflow_rule_counts", "module_api_name", "modules", "api_name"),
    ("webhooks", "module->>'id'", "modules", "id"),
    ("field_updates", "module->>'id'", "modules", "id"),
    ("workflow_tasks", "module->>'id'", "modules", "id"),
    ("email_templates", "module->>'id'", "modules", "id"),
    ("inventory_templates", "module->>'id'", "modules", "id"),
    ("data_sharing", "module_api_name", "modules", "api_name"),
    ("users", "role->>'id'", "roles", "id"),
    ("users", "profile->>'id'", "profiles", "id"),
    ("users", "Reporting_To->>'id'", "users", "id"),
    ("roles", "reporting_to->>'id'", "roles", "id"),
    ("modules", "modified_by->>'id'", "users", "id"),
    ("layouts", "modified_by->>'id'", "users", "id"),
    ("territory_users", "id", "users", "id"),
    ("territory_users", "territory_id", "territories", "id"),
    ("territories", "reporting_to->>'id'", "territories", "id"),
    ("user_group_sources", "user_group_id", "user_groups", "id"),
    ("user_group_associations", "user_group_id", "user_groups", "id"),
    ("user_group_user_counts", "user_group_id", "user_groups", "id"),
    ("territory_user_counts", "territory_id", "territories", "id"),
    ("global_picklist_replaced_values", "global_picklist_id", "global_picklists", "id"),
    ("portal_user_types", "portal_name", "portals", "name"),
    ("portal_users", "user_type_id", "portal_user_types", "id"),
    ("variables", "variable_group->>'id'", "variable_groups", "id"),
    ("recycle_bin", "module->>'api_name'", "modules", "api_name"),
    ("unsubscribe_link_associations", "id", "unsubscribe_links", "id"),
]
LISTED = [
    ("modules", "profiles", "profiles"),
    ("layouts", "profiles", "profiles"),
]


@pytest.fixture(scope="module")
def catalogue() -> Iterator[tuple[Run, tuple[Call, ...]]]:
    with DemoOrganisation() as demo:
        run = read(demo, catalog=None, record_modules=[])
        yield run, demo.calls


@pytest.fixture(scope="module")
def tables(
    catalogue: tuple[Run, tuple[Call, ...]], tmp_path_factory: pytest.TempPathFactory
) -> duckdb.DuckDBPyConnection:
    """A table a stream; columns as JSON, but for those that hold texts."""
    folder = tmp_path_factory.mktemp("tables")
    rows = collections.defaultdict[str, list[dict[str, Any]]](list)
    for message in catalogue[0].of_type("RECORD"):
        rows[message["stream"]].append(message["record"])
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


def test_every_stream_is_read_and_the_run_is_whole(
    catalogue: tuple[Run, tuple[Call, ...]],
) -> None:
    run, _ = catalogue
    assert run.code == 0, run.stderr
    read_streams = {message["stream"] for message in run.of_type("SCHEMA")}
    assert read_streams == {name for name, endpoint in ENDPOINTS.items() if endpoint.selected}
    with_rows = {message["stream"] for message in run.of_type("RECORD")}
    assert read_streams - with_rows == set(), "the demo organisation has rows of every kind"


def test_every_row_is_as_its_schema_says(catalogue: tuple[Run, tuple[Call, ...]]) -> None:
    run, _ = catalogue
    validators = {
        message["stream"]: Draft7Validator(message["schema"]) for message in run.of_type("SCHEMA")
    }
    for message in run.of_type("RECORD"):
        validators[message["stream"]].validate(message["record"])


def test_keys_are_unique(catalogue: tuple[Run, tuple[Call, ...]]) -> None:
    run, _ = catalogue
    keys = {message["stream"]: message["key_properties"] for message in run.of_type("SCHEMA")}
    seen = collections.Counter(
        (message["stream"], *(message["record"][key] for key in keys[message["stream"]]))
        for message in run.of_type("RECORD")
    )
    assert [key for key, times in seen.items() if times > 1] == []


def test_no_call_is_made_twice(catalogue: tuple[Run, tuple[Call, ...]]) -> None:
    _, calls = catalogue
    made = collections.Counter(
        (call.method, call.path, tuple(sorted(call.params.items()))) for call in calls
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
