"""Modules, layouts and ids that a family doesn't serve, and how it says so."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation

from .conftest import Client, assert_refused

SAMPLE = sample_organisation()
MADE = SAMPLE.customization
RUN = SAMPLE.automation
SETTINGS = "/crm/v8/settings"
AUTOMATION = f"{SETTINGS}/automation"
LAYOUT = MADE.layouts["Leads"][0]["id"]
UNKNOWN = "5937104999999999999"
OF_MODULE = (
    f"{SETTINGS}/layouts",
    f"{SETTINGS}/related_lists",
    f"{SETTINGS}/custom_views",
    f"{SETTINGS}/tags",
    f"{SETTINGS}/record_locking_configurations",
    f"{SETTINGS}/duplicate_check_preference",
    f"{SETTINGS}/wizards",
    f"{SETTINGS}/email_templates",
    f"{SETTINGS}/inventory_templates",
    f"{SETTINGS}/fields/{SAMPLE.fields['Leads'][0]['id']}/pick_list_values",
    f"{SETTINGS}/layouts/{LAYOUT}/map_dependency",
    f"{AUTOMATION}/assignment_rules",
    f"{AUTOMATION}/workflow_rules",
    f"{AUTOMATION}/workflow_rules/actions/module_specific_count",
    f"{AUTOMATION}/webhooks",
    f"{AUTOMATION}/webhook_failures",
    f"{AUTOMATION}/tasks",
    "/crm/v8/workflow_configurations",
)
NOT_SERVED = ("Nowhere", "leads", "Home", "Water_Portal", "Weather_Map", "Legacy_Tickets")


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with DemoOrganisation(SAMPLE) as demo:
        speaker = Client(demo)
        with speaker.session:
            yield speaker


@pytest.mark.parametrize("path", OF_MODULE)
@pytest.mark.parametrize("module", [*NOT_SERVED, SAMPLE.modules[1]["id"], ""])
def test_modules_that_are_not_served(shared: Client, path: str, module: str) -> None:
    details = assert_refused(shared.get(path, params={"module": module}), 400, "INVALID_MODULE")

    assert details == {"param_name": "module"}


@pytest.mark.parametrize("path", [f"{AUTOMATION}/scoring_rules", f"{AUTOMATION}/cadences"])
def test_two_families_call_a_wrong_module_invalid_data(shared: Client, path: str) -> None:
    for module in NOT_SERVED:
        details = assert_refused(shared.get(path, params={"module": module}), 400, "INVALID_DATA")
        assert details == {"param_name": "module"}


@pytest.mark.parametrize(
    "module",
    [
        "Quoted_Items",
        "Site_Contacts",
        "Order_Milestones",
        "Sensors_X_Partners",
        "DealHistory",
        "Status_History_Cases",
    ],
)
def test_subforms_linking_modules_and_histories(shared: Client, module: str) -> None:
    for path in ("layouts", "custom_views", f"layouts/{LAYOUT}/map_dependency"):
        answer = shared.get(f"{SETTINGS}/{path}", params={"module": module})
        assert assert_refused(answer, 400, "NOT_SUPPORTED") == {"param_name": "module"}
    assert shared.get(f"{SETTINGS}/related_lists", params={"module": module}).status_code == 204
    # Their fields are served all the same.
    assert shared.get(f"{SETTINGS}/fields", params={"module": module}).status_code == 200


@pytest.mark.parametrize("module", ["Visits", "Actions_Performed", "Notes", "Emails"])
def test_modules_without_layouts_and_views(shared: Client, module: str) -> None:
    for path in ("layouts", "custom_views", "related_lists"):
        answer = shared.get(f"{SETTINGS}/{path}", params={"module": module})
        assert (answer.status_code, answer.content) == (204, b"")


def test_modules_without_a_tab_have_no_tags_and_locks(shared: Client) -> None:
    for module in ("Notes", "Quoted_Items", "Visits"):
        params = {"module": module}
        assert_refused(shared.get(f"{SETTINGS}/tags", params=params), 400, "INVALID_MODULE")
        answer = shared.get(f"{SETTINGS}/record_locking_configurations", params=params)
        assert_refused(answer, 400, "FEATURE_NOT_SUPPORTED")
        answer = shared.get("/crm/v8/workflow_configurations", params=params)
        assert_refused(answer, 400, "INVALID_MODULE")


def test_assignment_rules_not_for_every_module(shared: Client) -> None:
    path = f"{AUTOMATION}/assignment_rules"

    for module in ("Tasks", "Notes", "Quoted_Items"):
        answer = shared.get(path, params={"module": module})
        assert assert_refused(answer, 400, "NOT_SUPPORTED") == {"param_name": "module"}
    assert shared.get(path, params={"module": "Vendors"}).status_code == 204


@pytest.mark.parametrize(
    ("path", "module"),
    [
        ("layouts/{id}", "Leads"),
        ("custom_views/{id}", "Leads"),
        (f"layouts/{LAYOUT}/map_dependency/{{id}}", "Leads"),
        ("record_locking_configurations/{id}", "Quotes"),
        ("global_picklists/{id}", ""),
        ("unsubscribe_links/{id}", ""),
        ("email_templates/{id}", ""),
        ("inventory_templates/{id}", ""),
        ("automation/assignment_rules/{id}", "Leads"),
        ("automation/scoring_rules/{id}", ""),
        ("automation/webhooks/{id}", ""),
    ],
)
def test_unknown_ids_are_204(shared: Client, path: str, module: str) -> None:
    params = {"module": module} if module else {}

    answer = shared.get(f"{SETTINGS}/{path.format(id=UNKNOWN)}", params=params)

    assert (answer.status_code, answer.content) == (204, b"")


@pytest.mark.parametrize(
    ("path", "params", "index"),
    [
        ("fields/{id}/pick_list_values", {"module": "Leads"}, 2),
        ("layouts/{id}/map_dependency", {"module": "Leads"}, 2),
        ("global_picklists/{id}/actions/associations", {}, 2),
        ("global_picklists/{id}/actions/replaced_values", {}, 2),
        ("tags/{id}/actions/records_count", {"module": "Leads"}, 2),
        ("wizards/{id}", {"layout_id": LAYOUT}, 2),
        ("automation/workflow_rules/{id}", {}, 3),
        ("automation/tasks/{id}", {}, 3),
    ],
)
def test_unknown_ids_are_invalid_data(
    shared: Client, path: str, params: dict[str, str], index: int
) -> None:
    answer = shared.get(f"{SETTINGS}/{path.format(id=UNKNOWN)}", params=params)

    assert assert_refused(answer, 400, "INVALID_DATA") == {"resource_path_index": index}


def test_another_modules_layout(shared: Client) -> None:
    params = {"module": "Contacts"}

    assert shared.get(f"{SETTINGS}/layouts/{LAYOUT}", params=params).status_code == 204
    answer = shared.get(f"{SETTINGS}/layouts/{LAYOUT}/map_dependency", params=params)
    assert_refused(answer, 400, "INVALID_DATA")
    answer = shared.get(f"{SETTINGS}/related_lists", params={**params, "layout_id": LAYOUT})
    assert assert_refused(answer, 400, "INVALID_DATA") == {"param_name": "layout_id"}
    answer = shared.get(f"{SETTINGS}/pipeline", params={"layout_id": LAYOUT})
    assert assert_refused(answer, 400, "INVALID_DATA") == {"param_name": "layout_id"}
    wizard = f"{SETTINGS}/wizards/{MADE.wizards[0]['id']}"
    answer = shared.get(wizard, params={"layout_id": UNKNOWN})
    assert assert_refused(answer, 400, "INVALID_DATA") == {"param_name": "layout_id"}


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("layouts?module=Leads", "mode", "every"),
        ("layouts?module=Leads", "include", "fields"),
        ("related_lists?module=Leads", "status", "hidden"),
        ("global_picklists", "include", "used_in_modules,pick_list_value"),
        ("email_templates", "category", "normal"),
        ("inventory_templates", "category", "favorite"),
        ("email_templates", "sort_by", "subject"),
        ("automation/cadences", "active", "yes"),
        ("automation/workflow_rules", "status_active", "1"),
        ("automation/workflow_rules", "sort_order", "up"),
        ("automation/field_updates", "sort_by", "Modified_Time"),
        ("automation/field_updates", "include_inner_details", "label"),
        ("automation/webhooks", "sort_by", "modified_time"),
        ("automation/webhooks", "feature_type", "blueprint"),
        ("automation/webhook_failures", "from", "2025-02-30"),
        ("automation/webhook_failures", "to", "01-02-2025"),
        ("automation/webhook_failures", "webhook_id", "1"),
        ("automation/webhook_failures", "webhook_id", "first"),
    ],
)
def test_wrong_values(shared: Client, path: str, name: str, value: str) -> None:
    answer = shared.get(f"{SETTINGS}/{path}", params={name: value})

    assert assert_refused(answer, 400, "INVALID_DATA")["param_name"] == name


@pytest.mark.parametrize(
    ("path", "name", "value"),
    [
        ("layouts?module=Leads", "mode", "quick_create"),
        ("layouts?module=Leads", "include_inner_details", "sections.fields"),
        ("custom_views?module=Leads", "filters", "{}"),
        ("tags?module=Leads", "include", "type"),
        ("automation/field_updates", "include_inner_details", "display_value"),
        ("automation/workflow_rules", "filter", "{}"),
    ],
)
def test_what_the_demo_cannot_honour_is_not_ignored(
    shared: Client, path: str, name: str, value: str
) -> None:
    answer = shared.get(f"{SETTINGS}/{path}", params={name: value})

    assert assert_refused(answer, 400, "NOT_SUPPORTED") == {"param_name": name}


def test_ten_rules_at_most(shared: Client) -> None:
    path = f"{AUTOMATION}/workflow_rules/actions/actions_count"

    answer = shared.get(path, params={"ids": ",".join([UNKNOWN] * 11)})

    assert assert_refused(answer, 400, "LIMIT_EXCEEDED") == {"limit": 10, "param_name": "ids"}
    assert shared.get(path, params={"ids": UNKNOWN}).status_code == 204


@pytest.mark.parametrize(
    ("path", "params"),
    [
        ("layouts", {"module": "Leads"}),
        ("related_lists", {"module": "Leads"}),
        ("pipeline", {"layout_id": MADE.layouts["Deals"][1]["id"]}),
        (f"layouts/{LAYOUT}/map_dependency", {"module": "Leads"}),
        (f"global_picklists/{MADE.global_picklists[0]['id']}/actions/associations", {}),
        (f"global_picklists/{MADE.global_picklists[0]['id']}/actions/replaced_values", {}),
    ],
)
def test_what_has_been_taken_away(path: str, params: dict[str, str]) -> None:
    own: Organisation = sample_organisation()
    made = own.customization
    made.related_lists.clear()
    made.pipelines.clear()
    made.map_dependencies.clear()
    made.replaced_values.clear()
    for fields in own.fields.values():
        for field in fields:
            field["global_picklist"] = None
    if path == "layouts":
        made.layouts.clear()

    with DemoOrganisation(own) as demo:
        answer = Client(demo).get(f"{SETTINGS}/{path}", params=params)

    assert (answer.status_code, answer.content) == (204, b"")
