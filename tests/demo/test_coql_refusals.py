from __future__ import annotations

from typing import Any

import pytest

from .conftest import Client, assert_refused
from .records_calls import (
    COQL,
    ask,
)

ALL = "where id is not null"


def refused(client: Client, query: str, code: str) -> dict[str, Any]:
    return assert_refused(ask(client, query), 400, code)


@pytest.mark.parametrize(
    ("body", "code", "details"),
    [
        ({}, "MANDATORY_NOT_FOUND", {"api_name": "select_query"}),
        ({"select_query": 1}, "INVALID_DATA", None),
        ({"select_query": None}, "INVALID_DATA", None),
        ([], "INVALID_DATA", None),
        (
            {"select_query": f"select id from Leads {ALL}", "include_meta": "fields"},
            "INVALID_DATA",
            None,
        ),
        (
            {"select_query": f"select id from Leads {ALL}", "include_meta": ["x"]},
            "INVALID_DATA",
            None,
        ),
    ],
)
def test_wrong_bodies(client: Client, body: Any, code: str, details: Any) -> None:
    found = assert_refused(client.get(COQL, "POST", json=body), 400, code)

    if details is not None:
        assert found == details


def test_no_json_and_no_post(client: Client) -> None:
    assert_refused(client.get(COQL, "POST", data=b"select"), 400, "INVALID_DATA")
    assert_refused(client.get(COQL), 400, "INVALID_REQUEST_METHOD")


@pytest.mark.parametrize(
    ("query", "details"),
    [
        ("", {"line": 1, "column": 1, "near": ""}),
        ("update Leads set City = 'x'", {"line": 1, "column": 1, "near": "update Leads set Cit"}),
        ("select id", {"clause": "from"}),
        ("select id from", None),
        ("select id from Leads", {"clause": "where"}),
        ("select id from Leads limit 5", {"clause": "where"}),
        ("select id from Leads where", {"clause": "where"}),
        ("select id from Leads where limit 5", {"clause": "where"}),
        (
            "select * from Leads where id > 0",
            {"line": 1, "column": 8, "near": "* from Leads where i"},
        ),
        ("select id\nfrom Leads\nwhere id ~ 1", {"line": 3, "column": 10, "near": "~ 1"}),
        ("select id from Leads where City = Oslo", None),
        ("select id from Leads where City = 'O'slo'", None),
        ("select id from Leads where City = 'Oslo", None),
        ("select id from Leads where City == 'Oslo'", None),
        ("select id from Leads where (City = 'Oslo'", None),
        ("select id from Leads where City = 'Oslo')", None),
        ("select id from Leads where City is empty", None),
        ("select id from Leads where City in ()", None),
        ("select id from Leads where City in 'Oslo'", None),
        ("select id from Leads where No_of_Employees between 1", None),
        ("select id, from Leads where id > 0", None),
        ("select id from Leads where id > 0 order City", None),
        ("select id from Leads where id > 0 limit x", None),
        ("select id from Leads where id > 0 limit -1", None),
        ("select id from Leads where id > 0 limit 5 5", None),
        ("select id from Leads, Deals where id > 0", None),
        ("select count(id) from Leads where id > 0", None),
        ("select Count(id) from Leads where id > 0", None),
        ("select FIRST(id) from Leads where id > 0", None),
        (f"select Remind Participants from Events {ALL}", None),
        ("select id from Events where Remind Participants is null", None),
        ("select id from Leads where (City, Country) = ('a', 'b')", None),
    ],
)
def test_syntax(client: Client, query: str, details: dict[str, Any] | None) -> None:
    found = refused(client, query, "SYNTAX_ERROR")

    if details is not None:
        assert found == details
    assert found.keys() in ({"clause"}, {"line", "column", "near"})


@pytest.mark.parametrize("word", ["External", "lead", "Value", "MEASURES", "group", "User"])
def test_reserved_words_need_quotes(client: Client, word: str) -> None:
    assert refused(client, f"select {word} from Sensors {ALL}", "SYNTAX_ERROR")["column"] == 8
    assert refused(client, f"select id from Sensors where {word} = 1", "SYNTAX_ERROR")


def test_quotes_help(client: Client) -> None:
    for quote in "'\"":
        for column, module in (
            ("Lead", "Water_Samples"),
            ("Value", "Sample_Readings"),
            ("Measures", "Sensors"),
            ("Remind Participants", "Events"),
        ):
            name = f"{quote}{column}{quote}"
            assert ask(client, f"select {name} from {module} {ALL} limit 1").status_code == 200
    assert ask(client, "select id from Sample_Readings where 'Value' > 1").status_code == 200


@pytest.mark.parametrize(
    ("query", "limit"),
    [
        (f"select id from Leads {ALL} limit 2001", 2000),
        (f"select id from Leads {ALL} limit 0", 2000),
        (f"select id from Leads {ALL} limit 2000 offset 98001", 100_000),
        (f"select id from Leads {ALL} limit 100000, 1", 100_000),
        (f"select {', '.join(f'a{n}' for n in range(501))} from Leads {ALL}", 500),
        (f"select id from Leads where City in ({', '.join(['1'] * 101)})", 100),
        (f"select id from Leads {ALL} order by {', '.join(f'a{n}' for n in range(11))}", 10),
        (f"select COUNT(id) from Leads {ALL} group by a, b, c, d, e", 4),
        (f"select {', '.join(f'SUM(a{n})' for n in range(6))} from Leads {ALL}", 5),
    ],
)
def test_limits(client: Client, query: str, limit: int) -> None:
    assert refused(client, query, "LIMIT_EXCEEDED")["limit"] == limit


def test_limits_are_reached(client: Client) -> None:
    for good in (
        f"select id from Ideas {ALL} limit 2000 offset 98000",
        f"select id from Leads where City in ({', '.join(['1'] * 100)})",
    ):
        assert ask(client, good).status_code == 204


@pytest.mark.parametrize(
    ("query", "code", "details"),
    [
        (f"select City, City from Leads {ALL}", "DUPLICATE_DATA", {"column_name": "City"}),
        (
            f"select SUM(Annual_Revenue), SUM(Annual_Revenue) from Leads {ALL}",
            "DUPLICATE_DATA",
            {"column_name": "Annual_Revenue", "aggregate": "SUM"},
        ),
        (f"select id from Leads {ALL} order by id, id", "DUPLICATE_DATA", {"column_name": "id"}),
        (
            f"select City as a, State as a from Leads {ALL}",
            "DUPLICATE_ALIAS",
            {"alias": "a", "referred_columns": ["City", "State"]},
        ),
        (
            f"select City as ' ' from Leads {ALL}",
            "INVALID_ALIAS",
            {"alias": " ", "column_name": "City"},
        ),
        (f"select id from Nowhere {ALL}", "INVALID_MODULE", {}),
        (f"select id from leads {ALL}", "INVALID_MODULE", {}),
        (f"select id from CTI_Entry {ALL}", "INVALID_MODULE", {}),
        *(
            (f"select id from {name} {ALL}", "INVALID_QUERY", {"module": name})
            for name in (
                "Notes",
                "Attachments",
                "Email_Analytics",
                "Email_Template_Analytics",
                "Functions__s",
                "Sensors_X_Partners",
                "Sites_X_Users",
                "Actions_Performed",
                "Visits",
                "Home",
            )
        ),
        *(
            (f"select '{name}' from {module} {ALL}", "INVALID_QUERY", {"column_name": name})
            for module, name in (
                ("Leads", "Nope"),
                ("Leads", "last_name"),
                ("Leads", "Fax"),
                ("Leads", "$approval"),
                ("Sensors", "Partners"),
                ("Sensors", "Pictures"),
                ("Sites", "Documents"),
                ("Sites", "Contacts"),
                ("Sites", "Crew"),
                ("Events", "Participants"),
                ("Cases", "Comments"),
                ("Price_Books", "Pricing_Details"),
                ("Quotes", "Quoted_Items"),
                ("Quoted_Items", "Line_Tax"),
                ("Calls", "CTI_Entry"),
                ("Accounts", "Billing_Address"),
                ("Accounts", "Billing_Coordinates"),
                ("Services__s", "Available_Timings"),
            )
        ),
    ],
)
def test_queries_without_an_answer(
    client: Client, query: str, code: str, details: dict[str, Any]
) -> None:
    assert refused(client, query, code) == details


@pytest.mark.parametrize(
    "query",
    [
        f"select SUM(City) from Leads {ALL}",
        f"select COUNT(City) from Leads {ALL}",
        f"select AVG(Modified_Time) from Leads {ALL}",
        f"select COUNT(id), City from Leads {ALL}",
        f"select City, State from Leads {ALL} group by City",
    ],
)
def test_aggregates_without_sense(client: Client, query: str) -> None:
    refused(client, query, "INVALID_QUERY")
