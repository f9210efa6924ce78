"""What is chosen is read, at no more calls than it takes, and no faster than is allowed."""

from __future__ import annotations

import collections
import json
from collections.abc import Iterator
from typing import Any

import pytest
from support.demo import MODULES, metadata_catalog, read, small_organisation
from support.records import records_catalog
from support.sample import awkward_sample

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from zohocrm_demo import DemoOrganisation, Fault

Row = dict[str, Any]

CRM = "/crm/v8"
FIELDS = f"{CRM}/settings/fields"
ORG = f"{CRM}/org"
UNCHOSEN = [name for name, endpoint in ENDPOINTS.items() if not endpoint.selected]
KEPT_BY_API = {"Leads", "Accounts", "Deals"}
KEPT = {*KEPT_BY_API, "Home", "Water_Portal"}


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(small_organisation(*KEPT)) as running:
        yield running


def catalog(*streams: str) -> Row:
    return metadata_catalog(**{stream: {} for stream in streams})


def api_calls(demo: DemoOrganisation) -> list[tuple[str, str]]:
    """The paths called, and the modules asked for."""
    # Looks at the host, which are not API calls and cost nothing, have the path `/`.
    return [(c.path, c.params.get("module", "")) for c in demo.calls if c.path.startswith(CRM)]


# Streams that are only read when chosen.


def test_streams_of_doubtful_use_are_not_chosen_by_default(demo: DemoOrganisation) -> None:
    assert set(UNCHOSEN) == {
        "assignment_threshold_users", "associated_groups", "blueprint_configurations",
        "blueprint_states", "blueprint_transitions", "blueprints",
        "connected_workflow_configurations", "connected_workflow_connections",
        "connected_workflow_modules", "connected_workflow_nodes", "connected_workflow_rules",
        "connected_workflows", "data_sharing_rules", "global_picklist_features",
        "global_picklist_values", "kiosk_associations", "kiosk_executions", "kiosks",
        "module_details", "record_counts", "tag_counts", "user_territories",
        "workflow_configurations",
    }  # fmt: skip
    found = json.loads(read(demo, "--discover", catalog=None, record_modules=[]).stdout)
    selected = {
        entry["tap_stream_id"]: item["metadata"]["selected"]
        for entry in found["streams"]
        for item in entry["metadata"]
        if not item["breadcrumb"] and entry["tap_stream_id"] in ENDPOINTS
    }
    assert {name for name, chosen in selected.items() if not chosen} == set(UNCHOSEN)
    run = read(demo, catalog=None, record_modules=[])
    assert run.code == 0, run.stderr
    assert {message["stream"] for message in run.of_type("SCHEMA")}.isdisjoint(UNCHOSEN)
    assert not [path for path, _ in api_calls(demo) if path.startswith(f"{CRM}/users/")]


@pytest.mark.thorough
def test_the_territories_of_each_user_when_chosen(demo: DemoOrganisation) -> None:
    run = read(demo, catalog=catalog("user_territories"))
    assert run.code == 0, run.stderr
    expected = {
        (user, territory)
        for territory, users in demo.organisation.territory_users.items()
        for user in users
    }
    rows = run.rows_of("user_territories")
    assert {(row["user_id"], row["id"]) for row in rows} == expected
    assert len(rows) == len(expected) > 0
    names = {row["id"]: row["name"] for row in demo.organisation.territories}
    assert all(row["Name"] == names[row["id"]] for row in rows)
    assert {row["additional_properties"] for row in rows} == {None}


def test_the_groups_of_each_user_when_chosen(demo: DemoOrganisation) -> None:
    run = read(demo, catalog=catalog("associated_groups", "user_groups", "user_group_sources"))
    assert run.code == 0, run.stderr
    member = {(row["user_id"], row["id"]) for row in run.rows_of("associated_groups")}
    direct = {
        (row["source_id"], row["user_group_id"])
        for row in run.rows_of("user_group_sources")
        if row["type"] == "users"
    }
    assert direct
    assert direct <= member
    assert {group for _, group in member} <= {row["id"] for row in run.rows_of("user_groups")}
    users = [path for path, _ in api_calls(demo) if path.endswith("/actions/associated_groups")]
    assert len(set(users)) == len(users) == len(demo.organisation.users)


def test_sharing_rules_when_chosen(demo: DemoOrganisation) -> None:
    """The answer is as Zoho's own SDK expects it."""
    rule = {
        "id": "111113000000036001",
        "name": "Leads to Sales",
        "type": "Record_Owner_Based",
        "permission_type": "read_only",
        "superiors_allowed": True,
        "status": "active",
        "match_limit_exceeded": False,
        "module": {"id": "5937104000000002175", "api_name": "Leads", "name": "Leads"},
    }
    body = {"sharing_rules": [rule], "info": {"more_records": False}}
    answer = Fault(status=200, body=json.dumps(body), content_type="application/json")
    demo.inject(f"{CRM}/settings/data_sharing/rules", answer)
    demo.inject(f"{CRM}/settings/data_sharing/rules/{rule['id']}", answer)
    run = read(demo, catalog=catalog("data_sharing_rules"))
    assert run.code == 0, run.stderr
    (row,) = run.rows_of("data_sharing_rules")
    assert row.pop("module")["api_name"] == "Leads"
    assert row == dict.fromkeys(row) | {key: rule[key] for key in rule if key != "module"}


def test_what_rules_of_each_module_can_do_when_chosen(demo: DemoOrganisation) -> None:
    run = read(demo, catalog=catalog("workflow_configurations"))
    assert run.code == 0, run.stderr
    rows = {row["module_api_name"]: row for row in run.rows_of("workflow_configurations")}
    assert rows.keys() == KEPT_BY_API
    assert [trigger["api_name"] for trigger in rows["Leads"]["triggers"]]
    assert {row["additional_properties"] for row in rows.values()} == {None}


# Rows that Zoho lists only if asked to.


def test_profiles_of_light_users_are_read(demo: DemoOrganisation) -> None:
    light = {**demo.organisation.profiles[0], "id": "5937104000000099001", "type": "lite_profile"}
    demo.organisation.profiles.append(light)
    run = read(demo, catalog=catalog("profiles"))
    assert run.code == 0, run.stderr
    assert [row["id"] for row in run.rows_of("profiles")][-1] == light["id"]


# No call that is not needed.


@pytest.mark.parametrize(
    "chosen",
    [("picklist_values",), ("relationships",), ("fields", "picklist_values", "relationships")],
)
def test_what_fields_tell_takes_one_call_a_module(
    demo: DemoOrganisation, chosen: tuple[str, ...]
) -> None:
    run = read(demo, catalog=catalog(*chosen))
    assert run.code == 0, run.stderr
    calls = collections.Counter(api_calls(demo))
    assert calls.pop((ORG, ""), 1) == 1
    expected = {(MODULES, ""): 1, **{(FIELDS, module): 1 for module in KEPT_BY_API}}
    assert calls == expected
    assert set(chosen) == {message["stream"] for message in run.of_type("RECORD")}


def test_picklist_values_alone_are_those_of_the_fields(demo: DemoOrganisation) -> None:
    run = read(demo, catalog=catalog("picklist_values"))
    expected = [
        (module, field["id"], value["actual_value"])
        for module in (row["api_name"] for row in demo.organisation.modules)
        if module in KEPT_BY_API
        for field in demo.organisation.fields.get(module, [])
        for value in field["pick_list_values"]
    ]
    found = [
        (row["module_api_name"], row["field_id"], row["actual_value"])
        for row in run.rows_of("picklist_values")
    ]
    assert found == expected
    assert len(expected) > 20


def test_a_module_whose_fields_are_refused_is_not_asked_for_them_again() -> None:
    refusal = Fault.error(401, "OAUTH_SCOPE_MISMATCH", "invalid oauth scope")
    with DemoOrganisation(awkward_sample) as demo:
        demo.inject(FIELDS, refusal, times=None)
        run = read(demo, catalog=records_catalog("fields", "Leads", "Tasks"), max_concurrency=1)
        assert api_calls(demo).count((FIELDS, "Leads")) == 1
    assert [line.split(":")[0] for line in run.logged("ERROR")] == ["Leads", "Tasks", "fields"]


# Rows that cannot be asked on.


def answer_without(demo: DemoOrganisation, key: str, module: str) -> None:
    """Let Zoho leave a key of one module out."""
    rows = [
        {name: value for name, value in row.items() if (name, row["api_name"]) != (key, module)}
        for row in demo.organisation.modules
    ]
    answer = Fault(status=200, body=json.dumps({"modules": rows}), content_type="application/json")
    demo.inject(MODULES, answer)


def test_a_module_without_a_name_is_said_and_costs_no_other_its_rows(
    demo: DemoOrganisation,
) -> None:
    answer_without(demo, "api_name", "Accounts")
    run = read(demo, catalog=catalog("fields", "modules", "roles"))
    assert run.error.startswith("fields: ")
    assert "api_name" in run.error
    assert "defect" not in run.error
    assert len(run.rows_of("modules")) == len(demo.organisation.modules)
    assert len(run.rows_of("roles")) == len(demo.organisation.roles)
    assert {row["module_api_name"] for row in run.rows_of("fields")} == {"Leads", "Deals"}


@pytest.mark.parametrize("stream", ["related_lists", "recycle_bin"])
def test_a_module_that_comes_as_a_bare_name_has_the_documented_shape(
    demo: DemoOrganisation, stream: str
) -> None:
    body = json.dumps({stream: [{"id": "1", "module": "Leads"}]})
    answer = Fault(status=200, body=body, content_type="application/json")
    demo.inject(f"{CRM}/settings/{stream}", answer, times=None)
    rows = read(demo, catalog=catalog(stream)).rows_of(stream)
    assert {row["module"]["api_name"] for row in rows} == {"Leads"}
    assert {row["additional_properties"] for row in rows} == {None}


def test_a_module_without_an_id_costs_no_other_stream_a_row(demo: DemoOrganisation) -> None:
    answer_without(demo, "id", "Accounts")
    run = read(demo, catalog=catalog("fields", "modules", "roles"))
    assert run.error.startswith("modules: ")
    assert "without a valid id" in run.error
    assert len(run.rows_of("roles")) == len(demo.organisation.roles)
    assert {row["module_api_name"] for row in run.rows_of("fields")} == KEPT_BY_API


def test_a_module_that_does_not_tell_of_its_api_is_not_left_out_in_silence(
    demo: DemoOrganisation,
) -> None:
    answer_without(demo, "api_supported", "Accounts")
    run = read(demo, catalog=catalog("fields"))
    found = {row["module_api_name"] for row in run.rows_of("fields")}
    assert "Accounts" in found or "Accounts" in run.stderr


def test_a_module_that_does_not_tell_its_kind_is_read(demo: DemoOrganisation) -> None:
    answer_without(demo, "generated_type", "Accounts")
    run = read(demo, catalog=catalog("fields"))
    assert run.code == 0, run.stderr
    assert {row["module_api_name"] for row in run.rows_of("fields")} == KEPT_BY_API


@pytest.mark.parametrize("stream", ["picklist_values", "relationships"])
def test_a_field_without_an_id_is_said_with_the_stream_that_needs_it(
    demo: DemoOrganisation, stream: str
) -> None:
    owner = next(f for f in demo.organisation.fields["Leads"] if f["api_name"] == "Owner")
    del owner["id"]
    run = read(demo, catalog=catalog("modules", stream))
    assert run.error.startswith(f"{stream}: ")
    assert "without" in run.error
    assert ": :" not in run.error
    assert len(run.rows_of("modules")) == len(demo.organisation.modules)
