"""Rules, and the actions that they set off."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation, sample_organisation

from .conftest import Client

SAMPLE = sample_organisation()
AUTOMATION = "/crm/v8/settings/automation"
RULES = f"{AUTOMATION}/workflow_rules"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with DemoOrganisation(SAMPLE) as demo:
        speaker = Client(demo)
        with speaker.session:
            yield speaker


def whole_rules(client: Client) -> list[Row]:
    listed = client.rows(RULES, "workflow_rules")
    return [client.rows(f"{RULES}/{row['id']}", "workflow_rules")[0] for row in listed]


def test_rules_set_off_actions_that_exist(shared: Client) -> None:
    known = {
        kind: {row["id"]: row for row in shared.rows(f"{AUTOMATION}/{kind}", kind)}
        for kind in ("field_updates", "tasks", "webhooks")
    }
    seen = set()
    for rule in whole_rules(shared):
        for condition in rule["conditions"]:
            for action in condition["instant_actions"]["actions"]:
                target = known[action["type"]][action["id"]]
                assert action["name"] == target["name"]
                assert target["module"]["id"] == rule["module"]["id"]
                seen.add(action["id"])
    assert seen == {row for rows in known.values() for row in rows}


def test_conditions_come_one_by_one(shared: Client) -> None:
    for listed in shared.rows(RULES, "workflow_rules"):
        (rule,) = shared.rows(f"{RULES}/{listed['id']}", "workflow_rules")
        assert "conditions" not in listed
        assert listed.items() <= rule.items()


def test_rules_by_module_state_and_trigger(shared: Client) -> None:
    every = shared.rows(RULES, "workflow_rules")
    asleep = [row["id"] for row in every if not row["status"]["active"]]

    of_leads = shared.rows(RULES, "workflow_rules", module="Leads")
    inactive = shared.rows(RULES, "workflow_rules", status_active="false")
    created = shared.rows(RULES, "workflow_rules", execute_on="create")

    assert {row["module"]["api_name"] for row in of_leads} == {"Leads"}
    assert [row["id"] for row in inactive] == asleep
    assert {row["execute_when"]["type"] for row in created} == {"create"}
    assert shared.get(RULES, params={"module": "Vendors"}).status_code == 204
    for order in ("asc", "desc"):
        rows = shared.rows(RULES, "workflow_rules", sort_by="modified_time", sort_order=order)
        times = [row["modified_time"] for row in rows]
        assert times == sorted(times, reverse=order == "desc")


def test_counts_of_rules(shared: Client) -> None:
    every = shared.rows(RULES, "workflow_rules")
    counts = shared.get(f"{RULES}/actions/rules_count").json()["rules_count"]
    by_module = shared.rows(f"{RULES}/actions/module_specific_count", "module_specific_count")

    assert counts["total_rules_configured"] == len(every)
    assert counts["active_rules_configured"] == sum(row["status"]["active"] for row in every)
    assert {row["module"]["api_name"]: row["total_rules_configured"] for row in by_module} == (
        Counter(row["module"]["api_name"] for row in every)
    )


def test_counts_of_actions(shared: Client) -> None:
    rules = whole_rules(shared)
    ids = ",".join(rule["id"] for rule in rules)

    rows = shared.rows(f"{RULES}/actions/actions_count", "workflow_rules", ids=ids)

    for rule, row in zip(rules, rows, strict=True):
        assert row["id"] == rule["id"]
        (condition,) = row["conditions"]
        counted = condition["instant_actions"]["actions_count"]
        actions = rule["conditions"][0]["instant_actions"]["actions"]
        assert {count["type"]: count["value"] for count in counted} == (
            Counter(action["type"] for action in actions)
        )


def test_entries_of_assignment_rules_come_one_by_one(shared: Client) -> None:
    path = f"{AUTOMATION}/assignment_rules"
    users = {user["id"] for user in SAMPLE.users}
    roles = {role["id"] for role in SAMPLE.roles}
    for listed in shared.rows(path, "assignment_rules"):
        module = listed["module"]["api_name"]
        assert "rule_entries" not in listed
        assert listed["default_assignee"]["id"] in users
        (rule,) = shared.rows(f"{path}/{listed['id']}", "assignment_rules", module=module)
        fields = {field["id"] for field in SAMPLE.fields[module]}
        for entry in rule["rule_entries"]:
            assert entry["criteria"]["field"]["id"] in fields
            whom = entry["assign_to"]
            chosen = whom.get("resources") or [whom["resource"]]
            assert {row["id"] for row in chosen} <= (users if whom["type"] == "users" else roles)
        other = "Deals" if module != "Deals" else "Leads"
        wrong = shared.get(f"{path}/{listed['id']}", params={"module": other})
        assert wrong.status_code == 204
    (only,) = shared.rows(path, "assignment_rules", module="Cases")
    assert only["module"]["api_name"] == "Cases"


def test_scoring_rules_by_hand_and_by_zia(shared: Client) -> None:
    path = f"{AUTOMATION}/scoring_rules"
    rows = shared.rows(path, "scoring_rules")

    for listed in rows:
        (rule,) = shared.rows(f"{path}/{listed['id']}", "scoring_rules")
        by_hand = rule["scoring_type"] == "manual_scoring"
        assert (rule["manual_scoring_rule"] is not None) is by_hand
        assert (rule["zia_scoring_rule"] is None) is by_hand
        layout = rule["layout"]["id"]
        assert shared.rows(path, "scoring_rules", layout_id=layout) == [listed]
        assert shared.rows(path, "scoring_rules", name=rule["name"]) == [listed]
    assert {row["scoring_type"] for row in rows} == {"manual_scoring", "zia_scoring"}
    assert shared.get(path, params={"module": "Vendors"}).status_code == 204


def test_cadences(shared: Client) -> None:
    path = f"{AUTOMATION}/cadences"
    rows = shared.rows(path, "cadences")

    views = {view["id"] for own in SAMPLE.customization.custom_views.values() for view in own}
    followed = [row["custom_view"]["id"] for row in rows if row["custom_view"]]
    assert followed
    assert set(followed) <= views
    assert [row["modified_time"] is None for row in rows] == [False, False, True]
    active = shared.rows(path, "cadences", active="true")
    assert {row["status"] for row in active} == {"active"}
    assert shared.rows(path, "cadences", fields="name")[0].keys() == {"id", "name"}
    assert shared.rows(path, "cadences", name=rows[1]["name"]) == [rows[1]]


def test_field_updates_and_their_fields(shared: Client) -> None:
    path = f"{AUTOMATION}/field_updates"
    kinds = set()
    for row in shared.rows(path, "field_updates"):
        fields = {field["id"]: field for field in SAMPLE.fields[row["module"]["api_name"]]}
        field = fields[row["field"]["id"]]
        kinds.add(type(row["value"]))
        params = {"include_inner_details": "field_label,data_type"}
        (one,) = shared.rows(f"{path}/{row['id']}", "field_updates", **params)
        assert one["field"]["field_label"] == field["field_label"]
        assert one["field"]["data_type"] == field["data_type"]
    assert kinds == {str, dict}


def test_tasks_fill_fields_of_tasks(shared: Client) -> None:
    fields = {field["id"] for field in SAMPLE.fields["Tasks"]}
    rows = shared.rows(f"{AUTOMATION}/tasks", "tasks")

    for row in rows:
        assert {mapping["field"]["id"] for mapping in row["field_mappings"]} <= fields
        assert shared.rows(f"{AUTOMATION}/tasks/{row['id']}", "tasks") == [row]
    cases = shared.rows(f"{AUTOMATION}/tasks", "tasks", module="Cases", feature_type="workflow")
    assert {row["module"]["api_name"] for row in cases} == {"Cases"}


def test_webhooks_and_their_failures(shared: Client) -> None:
    hooks = shared.rows(f"{AUTOMATION}/webhooks", "webhooks")
    rules = {row["id"] for row in shared.rows(RULES, "workflow_rules")}
    failures = f"{AUTOMATION}/webhook_failures"
    every = shared.rows(failures, "webhook_failures")

    known = {hook["id"]: hook for hook in hooks}
    for row in every:
        assert known[row["webhook"]["id"]]["module"] == row["entity_details"]["module"]
        assert row["workflow_rule"]["id"] in rules
    first = every[0]
    of_one = shared.rows(failures, "webhook_failures", webhook_id=first["webhook"]["id"])
    assert {row["webhook"]["id"] for row in of_one} == {first["webhook"]["id"]}
    day = every[1]["failure_time"][:10]
    assert shared.rows(failures, "webhook_failures", **{"from": day, "to": day}) == [every[1]]
    modules = shared.rows(f"{AUTOMATION}/webhooks/actions/associated_modules", "associated_modules")
    assert modules == [hook["module"] for hook in hooks]
    notes = shared.rows(f"{AUTOMATION}/webhooks", "webhooks", related_module="Notes")
    assert [row["id"] for row in notes] == [hooks[1]["id"]]
    latest = shared.rows(f"{AUTOMATION}/webhooks", "webhooks", sort_by="Modified_Time")
    times = [row["modified_time"] for row in latest]
    assert times == sorted(times, reverse=True)


def test_a_module_offers_actions_for_its_triggers(shared: Client) -> None:
    answer = shared.get("/crm/v8/workflow_configurations", params={"module": "Leads"})

    offered = answer.json()["workflow_configurations"]
    actions = {action["api_name"] for action in offered["actions"]}
    for trigger in offered["triggers"]:
        assert set(trigger["actions"]) <= actions
