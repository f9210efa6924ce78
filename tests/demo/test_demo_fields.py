from __future__ import annotations

from typing import Any

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
