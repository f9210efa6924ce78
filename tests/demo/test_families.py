"""What holds of permissions, views, rules and the recycle bin as wholes."""

from __future__ import annotations

from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation

from .conftest import Client

pytestmark = pytest.mark.thorough

SETTINGS = "/crm/v8/settings"
PROFILES = f"{SETTINGS}/profiles"
BIN = f"{SETTINGS}/recycle_bin"
AUTOMATION = f"{SETTINGS}/automation"
RULES = f"{AUTOMATION}/workflow_rules"
Row = dict[str, Any]


def test_one_profile_has_its_permissions(client: Client, demo: DemoOrganisation) -> None:
    modules = {module["id"]: module["api_name"] for module in demo.organisation.modules}
    listed = client.rows(PROFILES, "profiles")
    refused = []
    for row in (listed[0], listed[20]):
        profile = client.rows(f"{PROFILES}/{row['id']}", "profiles")[0]
        details = profile.pop("permissions_details")
        sections = profile.pop("sections")
        assert profile == row
        ids = [detail["id"] for detail in details]
        enabled = {detail["id"]: detail["enabled"] for detail in details}
        assert len(ids) == len(set(ids)) > 100
        in_sections = [
            permission
            for section in sections
            for category in section["categories"]
            for permission in category["permissions_details"]
        ]
        assert sorted(in_sections) == sorted(ids)
        for detail in details:
            if detail["module"] is not None:
                assert modules[detail["module"]["id"]] == detail["module"]["api_name"]
            if detail["enabled"]:
                assert all(enabled[parent] for parent in detail["parent_permissions"] or [])
        refused.append(sum(not detail["enabled"] for detail in details))
    assert refused[0] == 0 < refused[1]


def test_views_of_a_module(shared: Client) -> None:
    path = f"{SETTINGS}/custom_views"
    body = shared.get(path, params={"module": "Leads"}).json()
    organisation = shared.demo.organisation
    fields = {row["id"] for row in organisation.fields["Leads"]}
    roles = {row["id"] for row in organisation.roles}
    shared_views = 0
    for listed in body["custom_views"]:
        (view,) = shared.rows(f"{path}/{listed['id']}", "custom_views", module="Leads")
        assert listed.items() <= view.items()
        assert {field["id"] for field in view["fields"]} <= fields
        criteria = view["criteria"] or {"group": []}
        for criterion in criteria.get("group", [criteria]):
            assert criterion["field"]["id"] in fields
        if view["access_type"] == "shared":
            shared_views += 1
            assert {row["id"] for row in view["shared_to"]} <= roles
        assert (view["modified_time"] is None) is view["system_defined"]
    assert shared_views == 1


def test_more_than_200_in_the_recycle_bin(client: Client, demo: DemoOrganisation) -> None:
    row = demo.organisation.recycle_bin[0]
    demo.organisation.recycle_bin = [{**row, "id": str(number)} for number in range(401)]

    infos = [client.get(BIN, params={"page": str(page)}).json()["info"] for page in (1, 2, 3)]

    assert [info["count"] for info in infos] == [200, 200, 1]
    assert [info["more_records"] for info in infos] == [True, True, False]
    assert client.get(BIN, params={"page": "4"}).status_code == 204


def test_rules_set_off_actions_that_exist(shared: Client) -> None:
    known = {
        kind: {row["id"]: row for row in shared.rows(f"{AUTOMATION}/{kind}", kind)}
        for kind in ("field_updates", "tasks", "webhooks")
    }
    seen = set()
    for listed in shared.rows(RULES, "workflow_rules"):
        (rule,) = shared.rows(f"{RULES}/{listed['id']}", "workflow_rules")
        for condition in rule["conditions"]:
            for action in condition["instant_actions"]["actions"]:
                target = known[action["type"]][action["id"]]
                assert action["name"] == target["name"]
                assert target["module"]["id"] == rule["module"]["id"]
                seen.add(action["id"])
    assert seen == {row for rows in known.values() for row in rows}
