"""What holds of every family about modules: scopes, strictness, pages, emptiness."""

from __future__ import annotations

import time
from collections.abc import Iterator
from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation, Organisation, sample_organisation

from .conftest import Client, assert_refused

SAMPLE = sample_organisation()
MADE = SAMPLE.customization
RUN = SAMPLE.automation
SETTINGS = "/crm/v8/settings"
AUTOMATION = f"{SETTINGS}/automation"
LAYOUT = MADE.layouts["Leads"][0]["id"]
DEALS_LAYOUT = MADE.layouts["Deals"][0]["id"]
PICKLIST = MADE.global_picklists[0]["id"]
FIELD = next(field["id"] for field in SAMPLE.fields["Leads"] if field["data_type"] == "picklist")
DEPENDENCY = MADE.map_dependencies[LAYOUT][0]["id"]
LOCKS = "record_locking_configurations"
ORG, PEOPLE = "__zia_org_enrichment", "__zia_people_enrichment"


def first(rows: list[dict[str, Any]]) -> str:
    return str(rows[0]["id"])


# Path below /crm/v8, response key, scope, parameters without which the call is refused.
TABLE = f"""
settings/layouts | layouts | settings.layouts | module=Leads
settings/layouts/{LAYOUT} | layouts | settings.layouts | module=Leads
settings/layouts/{LAYOUT}/map_dependency | map_dependency | settings.map_dependency | module=Leads
settings/layouts/{LAYOUT}/map_dependency/{DEPENDENCY} | map_dependency | settings.map_dependency \
    | module=Leads
settings/related_lists | related_lists | settings.related_lists | module=Leads
settings/custom_views | custom_views | settings.custom_views | module=Leads
settings/custom_views/{first(MADE.custom_views["Leads"])} | custom_views | settings.custom_views \
    | module=Leads
settings/pipeline | pipeline | settings.pipeline | layout_id={DEALS_LAYOUT}
settings/pipeline/{first(MADE.pipelines[DEALS_LAYOUT])} | pipeline | settings.pipeline \
    | layout_id={DEALS_LAYOUT}
settings/fields/{FIELD}/pick_list_values | pick_list_values | settings.fields | module=Leads
settings/global_picklists | global_picklists | settings.global_picklist |
settings/global_picklists/{PICKLIST} | global_picklists | settings.global_picklist |
settings/global_picklists/{PICKLIST}/actions/associations | associations \
    | settings.global_picklist |
settings/global_picklists/{PICKLIST}/actions/replaced_values | replaced_values \
    | settings.global_picklist |
settings/tags | tags | settings.tags | module=Leads
settings/tags/{first(MADE.tags["Leads"])}/actions/records_count | count | settings.tags \
    | module=Leads
settings/{LOCKS} | {LOCKS} | settings.{LOCKS} | module=Quotes
settings/{LOCKS}/{first(MADE.record_locking_configurations["Quotes"])} | {LOCKS} \
    | settings.{LOCKS} | module=Quotes
settings/duplicate_check_preference | duplicate_check_preference \
    | settings.duplicate_check_preference | module=Leads
settings/wizards | wizards | settings.wizards |
settings/wizards/{first(MADE.wizards)} | wizards | settings.wizards | layout_id={LAYOUT}
settings/data_sharing | data_sharing | settings.data_sharing |
settings/unsubscribe_links | unsubscribe_links | settings.unsubscribe |
settings/unsubscribe_links/{first(MADE.unsubscribe_links)} | unsubscribe_links \
    | settings.unsubscribe |
settings/unsubscribe_link/actions/associations | associations | settings.unsubscribe |
settings/signals | signals | settings.signals |
settings/zia/data_enrichment | data_enrichment | zia.enrichment |
{ORG} | {ORG} | settings.intelligence |
{ORG}/{first(MADE.zia_org_enrichments)} | {ORG} | settings.intelligence |
{PEOPLE} | {PEOPLE} | settings.intelligence |
{PEOPLE}/{first(MADE.zia_people_enrichments)} | {PEOPLE} | settings.intelligence |
settings/email_templates | email_templates | templates.email |
settings/email_templates/{first(MADE.email_templates)} | email_templates | templates.email |
settings/inventory_templates | inventory_templates | templates.inventory |
settings/inventory_templates/{first(MADE.inventory_templates)} | inventory_templates \
    | templates.inventory |
settings/automation/assignment_rules | assignment_rules | settings.assignment_rules |
settings/automation/assignment_rules/{first(RUN.assignment_rules)} | assignment_rules \
    | settings.assignment_rules | module=Leads
settings/automation/scoring_rules | scoring_rules | settings.scoring_rules |
settings/automation/scoring_rules/{first(RUN.scoring_rules)} | scoring_rules \
    | settings.scoring_rules |
settings/automation/cadences | cadences | settings.cadences |
settings/automation/workflow_rules | workflow_rules | settings.workflow_rules |
settings/automation/workflow_rules/{first(RUN.workflow_rules)} | workflow_rules \
    | settings.workflow_rules |
settings/automation/workflow_rules/actions/rules_count | rules_count | settings.workflow_rules |
settings/automation/workflow_rules/actions/module_specific_count | module_specific_count \
    | settings.workflow_rules |
settings/automation/workflow_rules/actions/actions_count | workflow_rules \
    | settings.workflow_rules | ids={first(RUN.workflow_rules)}
workflow_configurations | workflow_configurations | settings.workflow_rules | module=Leads
settings/automation/field_updates | field_updates | settings.automation_actions |
settings/automation/field_updates/{first(RUN.field_updates)} | field_updates \
    | settings.automation_actions | include_inner_details=field_label
settings/automation/tasks | tasks | settings.automation_actions |
settings/automation/tasks/{first(RUN.workflow_tasks)} | tasks | settings.automation_actions |
settings/automation/webhooks | webhooks | settings.automation_actions |
settings/automation/webhooks/{first(RUN.webhooks)} | webhooks | settings.automation_actions |
settings/automation/webhooks/actions/associated_modules | associated_modules \
    | settings.automation_actions |
settings/automation/webhook_failures | webhook_failures | settings.automation_actions |
"""


def read_calls() -> dict[str, tuple[str, str, dict[str, str]]]:
    calls = {}
    for line in TABLE.strip().splitlines():
        path, key, scope, needed = (part.strip() for part in line.split("|"))
        params = dict([needed.split("=")]) if needed else {}
        calls[f"/crm/v8/{path}"] = (key, scope, params)
    return calls


CALLS = read_calls()
MANDATORY = [(path, name) for path, (_, _, needed) in CALLS.items() for name in needed]
PAGED = {
    f"{SETTINGS}/layouts/{LAYOUT}/map_dependency": 200,
    f"{SETTINGS}/custom_views": 200,
    f"{SETTINGS}/global_picklists/{PICKLIST}/actions/associations": 200,
    f"{SETTINGS}/email_templates": 100,
    f"{SETTINGS}/inventory_templates": 100,
    "/crm/v8/__zia_org_enrichment": 100,
    "/crm/v8/__zia_people_enrichment": 100,
    f"{AUTOMATION}/scoring_rules": 200,
    f"{AUTOMATION}/cadences": 200,
    f"{AUTOMATION}/workflow_rules": 200,
    f"{AUTOMATION}/field_updates": 200,
    f"{AUTOMATION}/tasks": 200,
    f"{AUTOMATION}/webhooks": 200,
    f"{AUTOMATION}/webhook_failures": 200,
}
ALWAYS_THERE = {
    "/crm/v8/workflow_configurations",
    f"{AUTOMATION}/workflow_rules/actions/rules_count",
}


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with DemoOrganisation(SAMPLE) as demo:
        speaker = Client(demo)
        with speaker.session:
            yield speaker


def ask(client: Client, path: str, **more: str) -> Any:
    return client.get(path, params={**CALLS[path][2], **more})


@pytest.mark.parametrize("path", CALLS)
def test_there_is_something(shared: Client, path: str) -> None:
    answer = ask(shared, path)

    assert answer.status_code == 200, answer.text
    assert answer.json()[CALLS[path][0]]


@pytest.mark.parametrize("path", CALLS)
def test_unknown_parameters_are_refused(shared: Client, path: str) -> None:
    assert_refused(ask(shared, path, updated_since="x"), 400, "INVALID_REQUEST")


@pytest.mark.parametrize(("path", "name"), MANDATORY)
def test_mandatory_parameters(shared: Client, path: str, name: str) -> None:
    params = {key: value for key, value in CALLS[path][2].items() if key != name}

    details = assert_refused(shared.get(path, params=params), 400, "REQUIRED_PARAM_MISSING")

    assert details == {"param_name": name}


@pytest.mark.parametrize("path", CALLS)
def test_other_verbs_are_refused(shared: Client, path: str) -> None:
    assert_refused(shared.get(path, method="PATCH"), 400, "INVALID_REQUEST_METHOD")


@pytest.mark.parametrize("family", sorted({row[1] for row in CALLS.values()}))
def test_exactly_the_documented_scope(family: str) -> None:
    others = ["ZohoCRM.settings.modules.READ", "ZohoCRM.modules.ALL", "ZohoCRM.settings.READ"]
    with DemoOrganisation(SAMPLE, scopes=[f"ZohoCRM.{family}.READ", *others]) as demo:
        client = Client(demo)
        for path, (_, own, _) in CALLS.items():
            if own == family:
                assert ask(client, path).status_code == 200
            else:
                assert_refused(ask(client, path), 401, "OAUTH_SCOPE_MISMATCH")
        client.session.close()


@pytest.mark.parametrize("path", PAGED)
def test_pages_of_one_add_up_to_the_whole(shared: Client, path: str) -> None:
    key = CALLS[path][0]
    whole: list[Any] = ask(shared, path).json()[key]
    seen: list[Any] = []
    for number in range(1, len(whole) + 1):
        page = ask(shared, path, page=str(number), per_page="1").json()
        seen += page[key]
        if number < len(whole):
            assert page["info"]["more_records"] is True
        assert page["info"]["page"] == number
        assert page["info"]["per_page"] == page["info"]["count"] == 1

    # Templates come 20 a page unless told otherwise.
    assert seen == whole
    if len(whole) != 20:
        beyond = ask(shared, path, page=str(len(whole) + 1), per_page="1")
        assert (beyond.status_code, beyond.content) == (204, b"")


@pytest.mark.parametrize("path", PAGED)
@pytest.mark.parametrize(
    ("param", "value", "code"),
    [
        ("per_page", "", "LIMIT_EXCEEDED"),
        ("per_page", "0", "INVALID_DATA"),
        ("page", "0", "INVALID_DATA"),
        ("page", "two", "INVALID_DATA"),
    ],
)
def test_limits_of_pages(shared: Client, path: str, param: str, value: str, code: str) -> None:
    given = value or str(PAGED[path] + 1)

    details = assert_refused(ask(shared, path, **{param: given}), 400, code)

    assert details["param_name"] == param


@pytest.mark.parametrize("path", [path for path in CALLS if path not in PAGED])
def test_families_without_pages_take_none(shared: Client, path: str) -> None:
    assert_refused(ask(shared, path, page="1"), 400, "INVALID_REQUEST")


@pytest.mark.parametrize(
    "path",
    [
        path
        for path in CALLS
        if path not in ALWAYS_THERE
        and "pick_list_values" not in path
        and "layout" not in str(CALLS[path][2]) + path
        and not path.endswith(("replaced_values", "associations", "records_count"))
        and not path.endswith((RUN.workflow_rules[0]["id"], RUN.workflow_tasks[0]["id"]))
    ],
)
def test_nothing_is_204(path: str) -> None:
    bare = Organisation(company=SAMPLE.company, modules=SAMPLE.modules, fields=SAMPLE.fields)
    with DemoOrganisation(bare) as demo:
        answer = ask(Client(demo), path)

    assert (answer.status_code, answer.content) == (204, b"")


def test_the_sample_is_the_same_every_time_and_nobody_elses() -> None:
    again = sample_organisation()

    assert again.customization == MADE
    assert again.automation == RUN
    again.customization.layouts["Leads"][0]["sections"].clear()
    again.customization.tags["Leads"][0]["created_by"]["name"] = "Nobody"
    again.automation.webhooks.clear()
    assert MADE.layouts["Leads"][0]["sections"]
    assert MADE.tags["Leads"][0]["created_by"]["name"] == "Amara Okonkwo"
    assert sample_organisation().automation == RUN


def test_the_same_bytes_every_time(shared: Client) -> None:
    for path in CALLS:
        assert ask(shared, path).content == ask(shared, path).content


def test_the_sample_is_quickly_made() -> None:
    best = 9.0
    for _ in range(3):
        begin = time.process_time()
        sample_organisation()
        best = min(best, time.process_time() - begin)

    assert best < 0.3
