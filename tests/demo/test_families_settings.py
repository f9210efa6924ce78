"""Shifts, features, portals, the recycle bin, and rules with what they set off."""

from __future__ import annotations

from collections import Counter
from typing import Any

from zohocrm_demo import DemoOrganisation, sample_organisation

from .conftest import Client

SAMPLE = sample_organisation()
SETTINGS = "/crm/v8/settings"
SHIFTS = f"{SETTINGS}/business_hours/shift_hours"
FEATURES = "/crm/v8/__features"
PORTALS = f"{SETTINGS}/portals"
BIN = f"{SETTINGS}/recycle_bin"
AUTOMATION = f"{SETTINGS}/automation"
RULES = f"{AUTOMATION}/workflow_rules"
Row = dict[str, Any]


def test_shifts_and_their_details(client: Client, demo: DemoOrganisation) -> None:
    body = client.get(SHIFTS).json()
    shifts = {}
    for listed in body["shift_hours"]:
        assert listed["users"] is listed["holidays"] is listed["break_hours"] is None
        shift = client.rows(f"{SHIFTS}/{listed['id']}", "shift_hours")[0]
        assert len(shift["users"] or []) == shift["users_count"] == listed["users_count"]
        shifts[shift["id"]] = shift
    staffed = [shift for shift in shifts.values() if shift["users"]]
    assert body["shift_count"] == {"total_shift_with_user": len(staffed)}
    for user in demo.organisation.users:
        if user["$current_shift"] is not None:
            workers = shifts[user["$current_shift"]["id"]]["users"]
            assert user["id"] in {worker["id"] for worker in workers}
    assert any(shift["holidays"] for shift in shifts.values())
    assert client.get(f"{SHIFTS}/1").status_code == 204


def test_features(client: Client) -> None:
    rows = client.rows(FEATURES, "__features")
    names = {row["api_name"] for row in rows}

    parents = {row["parent_feature"]["api_name"] for row in rows if row["parent_feature"]}
    assert parents < names
    assert any(row["details"] is None for row in rows)
    for row in rows:
        if row["details"] is not None:
            counts = {name: part["total"] for name, part in row["details"].items()}
            assert counts["available_count"] + counts["used_count"] == counts["limits"]
    assert client.rows(f"{FEATURES}/{rows[1]['api_name']}", "__features") == [rows[1]]
    two = client.rows(FEATURES, "__features", api_names="portals,custom_field")
    assert [row["api_name"] for row in two] == ["portals", "custom_field"]
    by_module = client.rows(FEATURES, "__features", module="Leads")
    assert by_module == [row for row in rows if row["module_supported"]]


def test_portals_their_kinds_and_users(client: Client, demo: DemoOrganisation) -> None:
    organisation = demo.organisation
    modules = {module["id"]: module["api_name"] for module in organisation.modules}
    portal = client.rows(PORTALS, "portals")[0]
    whole = client.rows(f"{PORTALS}/{portal['name']}", "portals")[0]

    assert "id" not in portal
    assert {key: whole[key] for key in portal} == portal
    assert "saml_configuration" in whole.keys() - portal.keys()
    path = f"{PORTALS}/{portal['name']}/user_type"
    kinds = client.rows(path, "user_type")
    assert [kind["default"] for kind in kinds] == [True, False]
    for kind in kinds:
        assert client.rows(f"{path}/{kind['id']}", "user_type") == [kind]
        for module in (kind["personality_module"], *kind["modules"]):
            assert modules[module["id"]] == module["api_name"]
        for module in kind["modules"]:
            fields = {field["id"] for field in organisation.fields[module["api_name"]]}
            assert {field["id"] for field in module["fields"]} <= fields
        answer = client.get(f"{path}/{kind['id']}/users")
        users = answer.json()["users"] if answer.status_code == 200 else []
        active = sum(user["active"] for user in users)
        assert (kind["active_user_count"], kind["deactive_user_count"]) == (
            active,
            len(users) - active,
        )
    assert client.get(f"{path}/{kinds[1]['id']}/users").status_code == 204


def test_portal_users_tell_the_total_only(client: Client, demo: DemoOrganisation) -> None:
    kind, everybody = next(iter(demo.organisation.portal_users.items()))
    path = f"{PORTALS}/brightwaterclients/user_type/{kind}/users"

    page = client.get(path, params={"page": "2", "per_page": "5"}).json()
    assert page["info"] == {"total_count": len(everybody)}
    assert page["users"] == everybody[5:]
    assert client.get(path, params={"Source__s": "elsewhere"}).status_code == 204


def test_more_than_200_in_the_recycle_bin(client: Client, demo: DemoOrganisation) -> None:
    row = demo.organisation.recycle_bin[0]
    demo.organisation.recycle_bin = [{**row, "id": str(number)} for number in range(401)]

    infos = [client.get(BIN, params={"page": str(page)}).json()["info"] for page in (1, 2, 3)]

    assert [info["count"] for info in infos] == [200, 200, 1]
    assert [info["more_records"] for info in infos] == [True, True, False]
    assert client.get(BIN, params={"page": "4"}).status_code == 204


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


def test_counts_of_rules(shared: Client) -> None:
    every = shared.rows(RULES, "workflow_rules")
    counts = shared.get(f"{RULES}/actions/rules_count").json()["rules_count"]
    by_module = shared.rows(f"{RULES}/actions/module_specific_count", "module_specific_count")

    assert counts["total_rules_configured"] == len(every)
    assert counts["active_rules_configured"] == sum(row["status"]["active"] for row in every)
    assert {row["module"]["api_name"]: row["total_rules_configured"] for row in by_module} == (
        Counter(row["module"]["api_name"] for row in every)
    )


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
    notes = shared.rows(f"{AUTOMATION}/webhooks", "webhooks", related_module="Notes")
    assert [row["id"] for row in notes] == [hooks[1]["id"]]
    latest = shared.rows(f"{AUTOMATION}/webhooks", "webhooks", sort_by="Modified_Time")
    times = [row["modified_time"] for row in latest]
    assert times == sorted(times, reverse=True)
