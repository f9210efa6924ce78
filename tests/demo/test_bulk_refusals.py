from __future__ import annotations

from typing import Any

import pytest

from .conftest import Client, assert_refused

BULK = "/crm/bulk/v8/read"


def refused(client: Client, body: Any, code: str) -> dict[str, Any]:
    return assert_refused(client.get(BULK, "POST", json=body), 400, code)


def leads(**more: Any) -> dict[str, Any]:
    return {"query": {"module": {"api_name": "Leads"}, **more}}


@pytest.mark.parametrize("media_type", [None, "text/plain", "application/x-www-form-urlencoded"])
def test_only_json_will_do(client: Client, media_type: str | None) -> None:
    headers = {} if media_type is None else {"Content-Type": media_type}
    answer = client.get(BULK, "POST", data=b'{"query":{}}', headers=headers)

    assert_refused(answer, 415, "MEDIA_TYPE_NOT_SUPPORTED")


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (b"", "REQUEST_BODY_IS_EMPTY"),
        (b" \n", "REQUEST_BODY_IS_EMPTY"),
        (b"{", "REQUEST_BODY_NOT_READABLE"),
        (b"[]", "REQUEST_BODY_NOT_SUPPORTED"),
        (b"{}", "REQUEST_BODY_NOT_SUPPORTED"),
        (b'{"query":{},"more":1}', "REQUEST_BODY_NOT_SUPPORTED"),
        (b'{"query":[]}', "QUERY_NOT_SUPPORTED"),
        (b'{"query":{}}', "QUERY_NOT_SUPPORTED"),
        (b'{"query":{"module":"Leads"}}', "QUERY_NOT_SUPPORTED"),
        (b'{"query":{"module":{"api_name":"Leads"},"sort_by":"id"}}', "QUERY_NOT_SUPPORTED"),
        (b'{"query":{"module":{"api_name":"Leads"},"fields":"City"}}', "QUERY_NOT_SUPPORTED"),
        (b'{"query":{"module":{"api_name":"Leads"},"fields":[]}}', "QUERY_NOT_SUPPORTED"),
    ],
)
def test_bodies(client: Client, body: bytes, code: str) -> None:
    headers = {"Content-Type": "application/json; charset=utf-8"}

    assert_refused(client.get(BULK, "POST", data=body, headers=headers), 400, code)


@pytest.mark.parametrize("name", ["Nowhere", "leads", "Home", "Old_Surveys", None, 5])
def test_modules_that_are_not_there(client: Client, name: Any) -> None:
    body = {"query": {"module": {"api_name": name}}}

    assert refused(client, body, "MODULE_NOT_AVAILABLE") == {"api_name": name}


@pytest.mark.parametrize(
    "name",
    ["Notes", "Attachments", "Emails", "CTI_Entry", "Sensors_X_Partners", "Actions_Performed"],
)
def test_modules_without_export(client: Client, name: str) -> None:
    body = {"query": {"module": {"api_name": name}}}

    assert refused(client, body, "MODULE_NOT_SUPPORTED") == {"api_name": name}


@pytest.mark.parametrize(
    ("module", "field", "code"),
    [
        ("Leads", "Nope", "FIELD_NOT_AVAILABLE"),
        ("Leads", "Fax", "FIELD_NOT_AVAILABLE"),
        ("Leads", "$approval", "FIELD_NOT_AVAILABLE"),
        ("Leads", "Converted_Account.Nope", "FIELD_NOT_AVAILABLE"),
        ("Leads", "City.Name", "FIELD_NOT_SUPPORTED"),
        ("Sensors", "Partners", "FIELD_NOT_SUPPORTED"),
        ("Sensors", "Pictures", "FIELD_NOT_SUPPORTED"),
        ("Sites", "Crew", "FIELD_NOT_SUPPORTED"),
        ("Sites", "Contacts", "FIELD_NOT_SUPPORTED"),
        ("Sites", "Documents", "FIELD_NOT_SUPPORTED"),
        ("Events", "Participants", "FIELD_NOT_SUPPORTED"),
        ("Cases", "Comments", "FIELD_NOT_SUPPORTED"),
        ("Calls", "CTI_Entry", "FIELD_NOT_SUPPORTED"),
        ("Quotes", "Quoted_Items", "FIELD_NOT_SUPPORTED"),
        ("Quoted_Items", "Line_Tax", "FIELD_NOT_SUPPORTED"),
        ("Price_Books", "Pricing_Details", "FIELD_NOT_SUPPORTED"),
        (
            "Contacts",
            "Account_Name.Parent_Account.Parent_Account.Account_Name",
            "JOIN_LIMIT_EXCEEDED",
        ),
    ],
)
def test_fields(client: Client, module: str, field: str, code: str) -> None:
    body = {"query": {"module": {"api_name": module}, "fields": ["id", field]}}

    assert refused(client, body, code)["api_name"] == field


def test_200_fields_at_most(client: Client) -> None:
    good = ["City"] * 200
    assert client.get(BULK, "POST", json=leads(fields=good)).status_code == 201
    assert refused(client, leads(fields=[*good, "City"]), "LIMIT_EXCEEDED")["limit"] == 200


@pytest.mark.parametrize(
    ("more", "code", "details"),
    [
        ({"page": 0}, "PAGE_RANGE_EXCEEDED", {"max_limit": 500}),
        ({"page": 501}, "PAGE_RANGE_EXCEEDED", {"max_limit": 500}),
        ({"page": "1"}, "PAGE_NOT_SUPPORTED", {}),
        ({"page": True}, "PAGE_NOT_SUPPORTED", {}),
        ({"cvid": "1"}, "CVID_NOT_SUPPORTED", {"cvid": "1"}),
        ({"file_type": "ics"}, "NOT_SUPPORTED_FEATURE", {}),
    ],
)
def test_other_parts(client: Client, more: Any, code: str, details: Any) -> None:
    assert refused(client, leads(**more), code) == details


@pytest.mark.parametrize(
    ("callback", "code"),
    [
        ({"url": "http://a.example", "method": "post"}, "INVALID_CALLBACK_URL"),
        ({"method": "post"}, "INVALID_CALLBACK_URL"),
        ("https://a.example", "INVALID_CALLBACK_URL"),
        ({"url": "https://a.example", "method": "get"}, "INVALID_CALLBACK_METHOD"),
        ({"url": "https://a.example", "method": "post"}, "CALLBACK_FAILURE"),
    ],
)
def test_callbacks(client: Client, callback: Any, code: str) -> None:
    refused(client, {**leads(), "callback": callback}, code)


def condition(name: str, comparator: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"field": {"api_name": name}, "comparator": comparator, "value": value, **more}


GOOD = condition("City", "equal", "Oslo")
INSTANT = "2025-01-01T00:00:00+00:00"


@pytest.mark.parametrize(
    ("criteria", "code"),
    [
        ([], "CRITERIA_NOT_SUPPORTED"),
        ({}, "CRITERIA_NOT_SUPPORTED"),
        ({"field": {"api_name": "City"}}, "AMBIGUOUS_CRITERIA"),
        ({**GOOD, "field": "City"}, "AMBIGUOUS_CRITERIA"),
        ({**GOOD, "more": 1}, "AMBIGUOUS_CRITERIA"),
        ({**GOOD, "group": [GOOD, GOOD]}, "AMBIGUOUS_GROUP_IN_CRITERIA"),
        ({"group_operator": "and", "group": []}, "AMBIGUOUS_GROUP_IN_CRITERIA"),
        ({"group_operator": "and", "group": [GOOD]}, "AMBIGUOUS_GROUP_IN_CRITERIA"),
        ({"group": [GOOD, GOOD]}, "AMBIGUOUS_GROUP_IN_CRITERIA"),
        ({"group_operator": "AND", "group": [GOOD, GOOD]}, "GROUP_OPERATOR_NOT_SUPPORTED"),
        ({"group_operator": "and", "group": [GOOD] * 26}, "CRITERIA_LIMIT_EXCEEDED"),
        (condition("Nope", "equal", 1), "FIELD_IN_CRITERIA_NOT_AVAILABLE"),
        (condition("Territories", "equal", "x"), "FIELD_IN_CRITERIA_NOT_SUPPORTED"),
        (condition("City", "like", "x"), "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED"),
        (condition("City", "greater_than", "x"), "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED"),
        (
            condition("No_of_Employees", "between", [1, 2]),
            "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED",
        ),
        (
            condition("Email_Opt_Out", "not_equal", value=True),
            "FIELD_COMPARATOR_IN_CRITERIA_NOT_SUPPORTED",
        ),
        (condition("City", "in", ["x"] * 21), "VALUE_LIMIT_EXCEEDED_IN_CRITERIA"),
        *(
            (condition(*parts), "COMPARATOR_AND_VALUE_IN_CRITERIA_NOT_COMPATIBLE")
            for parts in (
                ("City", "equal", 5),
                ("City", "in", "x"),
                ("City", "in", []),
                ("No_of_Employees", "equal", "many"),
                ("Email_Opt_Out", "equal", "yes"),
                ("Owner", "equal", "Ingrid"),
                ("Modified_Time", "greater_equal", "2025-01-01"),
                ("Modified_Time", "greater_equal", "2025-01-01T00:00:00Z"),
                ("Modified_Time", "greater_equal", "2025-01-01T00:00:00.000+00:00"),
                ("Modified_Time", "between", [INSTANT]),
                ("Modified_Time", "between", INSTANT),
            )
        ),
    ],
)
def test_criteria(client: Client, criteria: Any, code: str) -> None:
    refused(client, leads(criteria=criteria), code)


@pytest.mark.parametrize(
    "criteria",
    [
        condition("City", "contains", "ri", type="value"),
        condition("City", "not_in", ["Oslo"] * 20),
        condition("City", "equal", "${EMPTY}"),
        condition("City", "starts_with", "B"),
        condition("No_of_Employees", "less_equal", 1_000_000),
        condition("Annual_Revenue", "greater_than", "1.5"),
        condition("Email_Opt_Out", "equal", value=True),
        condition("Modified_Time", "between", [INSTANT, "2025-08-01T00:00:00-07:00"]),
        {
            "group_operator": "or",
            "group": [
                condition("City", "ends_with", "n"),
                {
                    "group_operator": "and",
                    "group": [
                        condition("State", "not_equal", "${EMPTY}"),
                        condition("Created_Time", "less_than", INSTANT),
                        condition("Country", "not_contains", "U"),
                    ],
                },
            ],
        },
    ],
)
def test_criteria_that_select(client: Client, criteria: Any) -> None:
    answer = client.get(BULK, "POST", json=leads(fields=["City"], criteria=criteria))
    job = answer.json()["data"][0]["details"]["id"]
    seen = [client.rows(f"{BULK}/{job}", "data")[0] for _ in range(4)][-1]

    assert 0 < seen["result"]["count"] < 1_778
    assert seen["query"]["criteria"] == criteria


def test_custom_views(client: Client) -> None:
    view = client.demo.organisation.customization.custom_views["Leads"][1]["id"]
    answer = client.get(BULK, "POST", json=leads(cvid=view))
    job = answer.json()["data"][0]["details"]["id"]
    seen = [client.rows(f"{BULK}/{job}", "data")[0] for _ in range(4)][-1]

    assert 0 < seen["result"]["count"] < 1_778
    assert seen["query"]["cvid"] == view


def test_wrong_verbs(client: Client) -> None:
    assert_refused(client.get(BULK), 400, "INVALID_REQUEST_METHOD")
    assert_refused(client.get(f"{BULK}/1", "DELETE"), 400, "INVALID_REQUEST_METHOD")
