from __future__ import annotations

from typing import Any

import pytest

from .conftest import Client, assert_refused
from .records_calls import (
    ask,
)

ALL = "where id is not null"


def refused(client: Client, query: str, code: str) -> dict[str, Any]:
    return assert_refused(ask(client, query), 400, code)


@pytest.mark.parametrize(
    ("criteria", "good"),
    [
        ("a and b", True),
        ("a or b", True),
        ("(a and b)", True),
        ("(a and b) and c", True),
        ("a and (b or c)", True),
        ("((a and b) and c)", True),
        ("((a and b) and (c or d))", True),
        ("(((a)))", True),
        ("a and b and c", False),
        ("a and b or c", False),
        ("a and b and (c or d)", False),
        ("(a and b) and c and d", False),
        ("((a and b and c))", False),
        ("(a or b) or (c or d) or e", False),
    ],
)
def test_no_more_than_two_side_by_side(client: Client, criteria: str, good: bool) -> None:
    parts = {
        "a": "City is not null",
        "b": "Company is not null",
        "c": "Email like '%e%'",
        "d": "No_of_Employees between 1 and 5",
        "e": "id > 5",
    }
    text = "".join(
        parts.get(letter, letter) for letter in criteria.replace("and", "&").replace("or", "|")
    )
    query = f"select id from Leads where {text.replace('&', 'and').replace('|', 'or')}"

    if good:
        assert ask(client, query).status_code in {200, 204}
    else:
        refused(client, query, "SYNTAX_ERROR")


@pytest.mark.parametrize(
    ("module", "condition"),
    [
        ("Leads", "Last_Name > 'a'"),
        ("Leads", "City between 'a' and 'b'"),
        ("Leads", "No_of_Employees = 'many'"),
        ("Leads", "No_of_Employees = 1.5"),
        ("Leads", "No_of_Employees like '1%'"),
        ("Leads", "Email_Opt_Out = 'yes'"),
        ("Leads", "Email_Opt_Out != true"),
        ("Leads", "Modified_Time > '2025-01-01'"),
        ("Leads", "Modified_Time > '2025-01-01T00:00:00'"),
        ("Leads", "Modified_Time > '2025-01-01T00:00:00.5Z'"),
        ("Leads", "Modified_Time > '2025-13-01T00:00:00Z'"),
        ("Leads", "Modified_Time like '2025%'"),
        ("Deals", "Closing_Date = '2025-02-30'"),
        ("Deals", "Account_Name > 1"),
        ("Deals", "Account_Name = 'Brightwater'"),
        ("Leads", "City like 'Oslo'"),
        ("Leads", "City like 'O%o'"),
        ("Leads", "City like '%'"),
        ("Leads", "City not like 'O%'"),
        ("Leads", "Territories is not null"),
        ("Leads", "Data_Processing_Basis_Details = 1"),
        ("Contacts", "Passport_Number like 'A%'"),
        ("Contacts", "Passport_Number in ('A', 'B')"),
        ("Leads", "Nope = 1"),
    ],
)
def test_criteria_without_sense(client: Client, module: str, condition: str) -> None:
    details = refused(client, f"select id from {module} where {condition}", "INVALID_QUERY")

    assert details["column_name"] == condition.partition(" ")[0]


@pytest.mark.parametrize(
    ("module", "condition"),
    [
        ("Leads", "Modified_Time > '2025-01-01T00:00:00Z'"),
        (
            "Leads",
            "Modified_Time not between '2025-01-01T00:00:00Z' and '2025-01-02T00:00:00-08:00'",
        ),
        ("Leads", "No_of_Employees NOT IN (1, '2')"),
        ("Leads", "City LIKE '%o'"),
        ("Leads", "City not like '%o%'"),
        ("Leads", "Data_Processing_Basis_Details is not null"),
        ("Contacts", "Passport_Number = 'A'"),
        ("Contacts", "Passport_Number is null"),
        ("Deals", "Account_Name in (1, 2)"),
        ("Deals", "Amount between -1.5 and 100"),
        ("Deals", "Is_Late = false"),
        ("Accounts", "Open_Deals >= 0"),
        ("Sensors", "'Measures' = 'pH;Oxygen'"),
    ],
)
def test_criteria_with_sense(client: Client, module: str, condition: str) -> None:
    assert ask(client, f"select id from {module} where {condition}").status_code in {200, 204}


def test_no_more_than_25_criteria(client: Client) -> None:
    def nested(count: int) -> str:
        text = "id > 0"
        for number in range(1, count):
            text = f"({text} and id > {number})"
        return f"select id from Leads where {text}"

    assert ask(client, nested(25)).status_code == 200
    assert refused(client, nested(26), "LIMIT_EXCEEDED")["limit"] == 25
