"""What the families about modules say: global picklists, tags, wizards, templates."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zohocrm_demo import DemoOrganisation, sample_organisation

from .conftest import Client

SAMPLE = sample_organisation()
SETTINGS = "/crm/v8/settings"


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with DemoOrganisation(SAMPLE) as demo:
        speaker = Client(demo)
        with speaker.session:
            yield speaker


def test_global_picklists_and_their_fields(shared: Client) -> None:
    path = f"{SETTINGS}/global_picklists"
    by_field = {
        field["id"]: (module, field) for module, own in SAMPLE.fields.items() for field in own
    }
    included = "used_in_modules,pick_list_values,associated_fields_count"
    for row in shared.rows(path, "global_picklists", include=included):
        values = [value["actual_value"] for value in row["pick_list_values"]]
        (one,) = shared.rows(f"{path}/{row['id']}", "global_picklists")
        assert one["pick_list_values"] == row["pick_list_values"]
        assert "used_in_modules" not in one
        answer = shared.get(f"{path}/{row['id']}/actions/associations")
        uses = answer.json()["associations"] if answer.status_code == 200 else []
        assert len(uses) == row["associated_fields_count"]
        modules = {use["module"]["api_name"] for use in uses}
        assert modules == {module["api_name"] for module in row["used_in_modules"]}
        for use in uses:
            module, field = by_field[use["field"]["id"]]
            assert use["module"]["api_name"] == module
            assert field["global_picklist"] == {"api_name": row["api_name"], "id": row["id"]}
            assert [value["actual_value"] for value in field["pick_list_values"]] == values
            assert use["layouts"]
    assert "pick_list_values" not in shared.rows(path, "global_picklists")[0]


def test_tags_and_their_records(shared: Client) -> None:
    body = shared.get(f"{SETTINGS}/tags", params={"module": "Leads"}).json()

    assert body["info"]["count"] == len(body["tags"]) == 5
    for index, tag in enumerate(body["tags"]):
        answer = shared.get(
            f"{SETTINGS}/tags/{tag['id']}/actions/records_count", params={"module": "Leads"}
        )
        assert answer.json() == {"count": str(7 * index)}
    assert shared.get(f"{SETTINGS}/tags", params={"module": "Partners"}).status_code == 204


def test_one_lock_and_one_duplicate_check(shared: Client) -> None:
    path = f"{SETTINGS}/record_locking_configurations"
    (lock,) = shared.rows(path, "record_locking_configurations", module="Quotes")
    key = "record_locking_configurations"
    assert shared.rows(f"{path}/{lock['id']}", key, module="Quotes") == [lock]
    assert shared.get(path, params={"module": "Leads"}).status_code == 204

    path = f"{SETTINGS}/duplicate_check_preference"
    check = shared.get(path, params={"module": "Leads"}).json()["duplicate_check_preference"]
    leads = {field["id"] for field in SAMPLE.fields["Leads"]}
    contacts = {field["id"] for field in SAMPLE.fields["Contacts"]}
    (configuration,) = check["type_configurations"]
    assert configuration["mapped_module"]["api_name"] == "Contacts"
    for mapping in configuration["field_mappings"]:
        assert mapping["current_field"]["id"] in leads
        assert mapping["mapped_field"]["id"] in contacts
    assert shared.get(path, params={"module": "Contacts"}).status_code == 204


def test_wizards_and_their_screens(shared: Client) -> None:
    path = f"{SETTINGS}/wizards"
    rows = shared.rows(path, "wizards")

    assert shared.rows(path, "wizards", module="Leads") == rows[:1]
    for row in rows:
        layouts = {
            layout["id"]
            for layout in shared.rows(
                f"{SETTINGS}/layouts", "layouts", module=row["module"]["api_name"]
            )
        }
        assert {container["layout"]["id"] for container in row["containers"]} == layouts
        for container in row["containers"]:
            assert "chart_data" not in container
            params = {"layout_id": container["layout"]["id"]}
            (one,) = shared.rows(f"{path}/{row['id']}", "wizards", **params)
            (whole,) = one["containers"]
            assert whole["chart_data"]["nodes"]
            assert [screen["id"] for screen in whole["screens"]] == [
                screen["id"] for screen in container["screens"]
            ]


def test_templates_show_their_text_one_by_one(shared: Client) -> None:
    for kind in ("email_templates", "inventory_templates"):
        path = f"{SETTINGS}/{kind}"
        rows = shared.rows(path, kind, per_page="100")
        assert len(rows) > 20
        assert len(shared.rows(path, kind)) == 20
        assert not any({"content", "mail_content"} & row.keys() for row in rows)
        (one,) = shared.rows(f"{path}/{rows[0]['id']}", kind)
        assert rows[0].items() <= one.items()
        assert one["content"]
        drafts = shared.rows(path, kind, category="draft", per_page="100")
        assert 0 < len(drafts) < len(rows)
        used = shared.rows(path, kind, sort_by="last_usage_time", sort_order="asc", per_page="100")
        times = [row["last_usage_time"] for row in used if row["last_usage_time"]]
        assert times == sorted(times)
        assert used[-1]["last_usage_time"] is None
    assert {
        row["module"]["api_name"]
        for row in shared.rows(f"{SETTINGS}/email_templates", "email_templates", module="Cases")
    } == {"Cases"}


def test_what_zia_found_shows_one_by_one(shared: Client) -> None:
    for key in ("__zia_org_enrichment", "__zia_people_enrichment"):
        rows = shared.rows(f"/crm/v8/{key}", key)
        for row in rows:
            assert "enriched_data" not in row
            (one,) = shared.rows(f"/crm/v8/{key}/{row['id']}", key)
            assert (one["enriched_data"] is not None) is (one["status"] == "COMPLETED")
        failed = shared.rows(f"/crm/v8/{key}", key, status="FAILED")
        assert {row["status"] for row in failed} == {"FAILED"}
        assert shared.get(f"/crm/v8/{key}/1").status_code == 204
