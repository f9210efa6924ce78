from __future__ import annotations

from typing import Any

import pytest

from .conftest import Client

BULK = "/crm/bulk/v8/read"


def leads(**more: Any) -> dict[str, Any]:
    return {"query": {"module": {"api_name": "Leads"}, **more}}


def condition(name: str, comparator: str, value: Any, **more: Any) -> dict[str, Any]:
    return {"field": {"api_name": name}, "comparator": comparator, "value": value, **more}


GOOD = condition("City", "equal", "Oslo")
INSTANT = "2025-01-01T00:00:00+00:00"


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
