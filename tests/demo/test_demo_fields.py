from __future__ import annotations

from typing import Any

import pytest

from .conftest import Client, assert_refused

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


@pytest.mark.parametrize("kind", ["Used", "", "used,unused"])
def test_wrong_types(client: Client, kind: str) -> None:
    answer = client.get(FIELDS, params={"module": "Leads", "type": kind})

    details = assert_refused(answer, 400, "INVALID_DATA")
    assert details["param_name"] == "type"
    assert details["supported_values"] == ["used", "unused", "all"]


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


def test_204_when_no_field_is_unused(client: Client) -> None:
    assert client.get(FIELDS, params={"module": "Notes", "type": "unused"}).status_code == 204


def test_only_exact_api_names_will_do(client: Client) -> None:
    leads = client.demo.organisation.module("Leads")
    assert leads is not None
    for name in ("leads", "Meetings", "Users", leads["id"], ""):
        answer = client.get(FIELDS, params={"module": name})
        assert assert_refused(answer, 400, "INVALID_MODULE") == {"param_name": "module"}


def test_allowed_permissions_on_demand(client: Client) -> None:
    key = "allowed_permissions_to_update"

    assert all(key in row for row in fields(client, "Deals", include=key).values())
    assert not any(key in row for row in fields(client, "Deals").values())
    wrong = client.get(FIELDS, params={"module": "Deals", "include": "everything"})
    assert_refused(wrong, 400, "INVALID_DATA")


def test_one_field(client: Client) -> None:
    stage = fields(client, "Deals")["Stage"]

    assert client.rows(f"{FIELDS}/{stage['id']}", "fields", module="Deals") == [stage]
    elsewhere = client.get(f"{FIELDS}/{stage['id']}", params={"module": "Leads"})
    assert assert_refused(elsewhere, 400, "INVALID_DATA") == {"resource_path_index": 2}
    assert_refused(client.get(f"{FIELDS}/{stage['id']}"), 400, "REQUIRED_PARAM_MISSING")


def test_changed_fields_only(client: Client) -> None:
    def ask(text: str) -> Any:
        return client.get(FIELDS, params={"module": "Deals"}, headers={"If-Modified-Since": text})

    recent = ask("2025-01-01T00:00:00+00:00").json()["fields"]
    assert {row["api_name"] for row in recent} == {
        "Tender_Deadline",
        "Days_Open",
        "Is_Late",
        "Review_On",
        "Headline",
    }
    assert ask("2025-12-01T00:00:00+00:00").status_code == 304


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
