from __future__ import annotations

from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation

from .conftest import Client, assert_refused

pytestmark = pytest.mark.thorough

MODULES = "/crm/v8/settings/modules"
STATUSES = ["visible", "user_hidden", "system_hidden", "scheduled_for_deletion"]

# The keys of each module in the sample of Zoho's page, v8.
SAMPLE_KEYS = (
    "has_more_profiles access_type private_profile global_search_supported deletable description "
    "creatable recycle_bin_on_delete modified_time plural_label presence_sub_menu "
    "actual_plural_label lookupable id isBlueprintSupported visibility convertable "
    "sub_menu_available editable actual_singular_label profiles show_as_tab web_link "
    "sequence_number singular_label viewable api_supported api_name quick_create modified_by "
    "generated_type feeds_required public_fields_configured arguments module_name profile_count "
    "business_card_field_limit parent_module status"
)
# Those that only one module's own sample has.
MORE_KEYS = (
    "custom_view business_card_fields search_layout_fields display_field per_page $properties "
    "$on_demand_properties $field_states lookup_field_properties related_list_properties "
    "kanban_view kanban_view_supported chart_view chart_view_supported filter_status "
    "filter_supported triggers_supported emailTemplate_support inventory_template_supported "
    "webform_supported scoring_supported territory source"
)


def by_name(client: Client, **params: str) -> dict[str, dict[str, Any]]:
    return {row["api_name"]: row for row in client.rows(MODULES, "modules", **params)}


def test_all_modules_in_one_answer(client: Client) -> None:
    answer = client.get(MODULES)

    assert answer.headers["content-type"] == "application/json;charset=utf-8"
    assert answer.json().keys() == {"modules"}
    assert answer.json()["modules"] == client.demo.organisation.modules
    keys = set(SAMPLE_KEYS.split())
    assert len(keys) == 39
    assert all(row.keys() >= keys for row in answer.json()["modules"])
    assert by_name(client)["Home"].keys() == keys


@pytest.mark.parametrize("status", [*STATUSES, "user_hidden,system_hidden", ",".join(STATUSES)])
def test_status_filters(client: Client, status: str) -> None:
    rows = by_name(client, status=status).values()

    assert {row["status"] for row in rows} == set(status.split(","))
    everything = by_name(client).values()
    assert len(rows) == sum(row["status"] in status.split(",") for row in everything)


def test_one_module_has_more_keys(client: Client) -> None:
    listed = by_name(client)["Leads"]

    (one,) = client.rows(f"{MODULES}/Leads", "modules")

    assert {**one, **listed} == one
    assert one["custom_view"]["name"] == "All Leads"
    assert one.keys() >= set(MORE_KEYS.split())
    assert client.rows(f"{MODULES}/{listed['id']}", "modules") == [one]


def test_one_module_of_every_kind_is_answered(client: Client) -> None:
    for row in by_name(client).values():
        answer = client.get(f"{MODULES}/{row['api_name']}")
        if row["generated_type"] in {"web", "webtab_link"}:
            assert (answer.status_code, answer.content) == (204, b"")
        elif row["api_supported"]:
            assert answer.json()["modules"][0]["id"] == row["id"]
        else:
            assert assert_refused(answer, 400, "NOT_SUPPORTED") == {"resource_path_index": 2}


def test_names_in_paths_are_decoded(client: Client) -> None:
    assert client.get(f"{MODULES}/%4ceads").status_code == 200


def test_the_organisation_may_be_edited_between_calls(demo: DemoOrganisation) -> None:
    client = Client(demo)
    with client.session:
        demo.organisation.modules[0]["plural_label"] = "Start"
        assert by_name(client)["Home"]["plural_label"] == "Start"
        demo.organisation.modules.clear()
        assert client.get(MODULES).status_code == 204


FIELDS = "/crm/v8/settings/fields"


def fields(client: Client, module: str, **params: str) -> dict[str, dict[str, Any]]:
    rows = client.rows(FIELDS, "fields", module=module, **params)
    return {row["api_name"]: row for row in rows}


def test_the_fields_in_use_are_the_default(client: Client) -> None:
    everything = fields(client, "Leads", type="all")
    unused = fields(client, "Leads", type="unused")

    assert unused.keys() == {"Fax", "Skype_ID", "Twitter"}
    assert fields(client, "Leads") == fields(client, "Leads", type="used")
    assert fields(client, "Leads").keys() == everything.keys() - unused.keys()


def test_every_module_answers(client: Client) -> None:
    without = set()
    for module in client.demo.organisation.modules:
        answer = client.get(FIELDS, params={"module": module["api_name"]})
        if answer.status_code == 204:
            assert answer.content == b""
            without.add(module["api_name"])
        elif module["api_supported"]:
            assert answer.status_code == 200
        else:
            assert assert_refused(answer, 400, "INVALID_MODULE") == {"param_name": "module"}
    assert without == {"Visits", "Actions_Performed"}


def test_the_oddities_that_break_clients(client: Client) -> None:
    deals = fields(client, "Deals")
    assert "json_type" not in deals["Reason_For_Loss__s"]
    assert "length" not in deals["Reason_For_Loss__s"]
    assert deals["Sales_Cycle_Duration"]["json_type"] is None
    assert "length" not in fields(client, "Contacts")["Reporting_To"]
    assert "Remind Participants" in fields(client, "Events")
    lying = {
        ("Leads", "Tag"): "text",
        ("Events", "Participants"): "bigint",
        ("Cases", "Comments"): "text",
        ("Solutions", "Comments"): "text",
        ("Price_Books", "Pricing_Details"): "text",
    }
    for (module, name), data_type in lying.items():
        field = fields(client, module)[name]
        assert (field["data_type"], field["json_type"]) == (data_type, "jsonarray")
    names = fields(client, "Leads")
    assert names["Last_Name"]["view_type"]["view"] is False
    assert isinstance(names["Last_Name"]["quick_sequence_number"], str)


def test_parts_of_their_own(client: Client) -> None:
    deals = fields(client, "Deals")
    assert deals["Account_Name"]["lookup"]["module"]["api_name"] == "Accounts"
    assert deals["Deal_Name"]["lookup"] == {}
    assert [value["actual_value"] for value in deals["Type"]["pick_list_values"]] == [
        "-None-",
        "Existing Business",
        "New Business",
    ]
    assert deals["Stage"]["history_tracking"]["module"]["api_name"] == "DealHistory"
    assert deals["Days_Open"]["formula"]["return_type"] == "double"
    assert deals["Is_Late"]["json_type"] == "boolean"
    quotes = fields(client, "Quotes")
    assert quotes["Quoted_Items"]["associated_module"]["module"] == "Quoted_Items"
    assert fields(client, "Cases")["Description"]["textarea"] == {"type": "rich_text"}
    linked = fields(client, "Sensors")["Partners"]["multiselectlookup"]
    assert linked["linking_details"]["module"]["api_name"] == "Sensors_X_Partners"
    assert len(fields(client, "Water_Samples")) == 130
