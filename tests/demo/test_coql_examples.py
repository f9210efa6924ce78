"""Zoho's own examples of queries: each has its answer here; and subqueries, which some are of.

https://github.com/zoho/crm-oas, https://www.zoho.com/crm/developer/docs/api/v8/COQL-subquery.html
"""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

from .conftest import Client, assert_refused
from .records_calls import COQL, ask

EXAMPLES = yaml.safe_load(Path(__file__).with_name("coql_examples.yaml").read_text("utf-8"))


@pytest.fixture(scope="module")
def client() -> Iterator[Client]:
    with DemoOrganisation(awkward_sample) as demo:
        store = demo.organisation.records
        store.insert("Leads", {"Last_Name": "Smith", "First_Name": "John"})
        store.insert("Leads", {"Last_Name": "TestLead"})
        yield Client(demo)


def refused(client: Client, example: dict[str, Any]) -> None:
    body = example.get("body", {"select_query": example.get("query")})
    answer = client.get(COQL, "POST", json=body)
    assert assert_refused(answer, 400, example["code"]) == example["details"]


def test_all_of_them_are_here() -> None:
    assert [len(EXAMPLES[kind]) for kind in ("answered", "refused", "in_the_wild")] == [2, 25, 1]


@pytest.mark.parametrize("name", EXAMPLES["answered"])
def test_an_example_is_answered(client: Client, name: str) -> None:
    example = EXAMPLES["answered"][name]
    answer = client.get(COQL, "POST", json=example["body"])
    assert answer.status_code == 200, answer.text
    body = answer.json()
    (row,) = body["data"]
    assert row == {**example["row"], "id": row["id"]}
    assert body["info"] == example["info"]
    fields = body.get("fields", {})
    assert fields.keys() == example.get("fields", {}).keys()
    for field, expected in example.get("fields", {}).items():
        assert {key: fields[field][key] for key in expected} == expected


@pytest.mark.parametrize("name", EXAMPLES["refused"])
def test_an_example_is_refused(client: Client, name: str) -> None:
    refused(client, EXAMPLES["refused"][name])


@pytest.mark.parametrize("name", EXAMPLES["in_the_wild"])
def test_an_example_is_refused_in_the_wild(name: str) -> None:
    with DemoOrganisation(awkward_sample, profile="wild") as demo:
        refused(Client(demo), EXAMPLES["in_the_wild"][name])


def ids(client: Client, query: str) -> set[str]:
    answer = ask(client, query)
    assert answer.status_code in {200, 204}, answer.text
    return {row["id"] for row in answer.json()["data"]} if answer.content else set()


@pytest.fixture(scope="module")
def accounts(client: Client) -> dict[str, str]:
    """Two accounts of a kind and one of another, each with one contact."""
    store, found = client.demo.organisation.records, {}
    for name, kind in (("One", "Press"), ("Two", "Press"), ("Three", "Other")):
        values = {"Account_Name": name, "Account_Site": "subqueries", "Account_Type": kind}
        account = store.insert("Accounts", values)
        found[name] = store.insert("Contacts", {"Last_Name": name, "Account_Name": account})
    return found


OURS = "Account_Site = 'subqueries'"


@pytest.mark.parametrize(
    ("criteria", "expected"),
    [
        (f"Account_Name in (select id from Accounts where {OURS})", {"One", "Two", "Three"}),
        (
            f"Account_Name in (select id from Accounts where {OURS} and Account_Type = 'Press')",
            {"One", "Two"},
        ),
        (
            (
                f"(Account_Name in (select id from Accounts where {OURS})) and (Account_Name not in"
                " (select id from Accounts where Account_Type = 'Press'))"
            ),
            {"Three"},
        ),
        ("Account_Name = (select id from Accounts where Account_Name = 'Two')", {"Two"}),
        ("Account_Name in (select id from Accounts where Account_Name = 'Nobody')", set()),
        ("Account_Name = (select id from Accounts where Account_Name = 'Nobody')", set()),
        (
            (
                "Account_Name in (select id from Accounts where Account_Name in"
                f" (select Account_Name from Accounts where {OURS} limit 2))"
            ),
            {"One", "Two"},
        ),
    ],
)
def test_a_subquery_stands_for_its_values(
    client: Client, accounts: dict[str, str], criteria: str, expected: set[str]
) -> None:
    found = ids(client, f"select id from Contacts where {criteria}")
    assert found == {accounts[name] for name in expected}


def test_nothing_is_not_in_what_a_subquery_lacks(client: Client) -> None:
    every = ids(client, "select id from Contacts where Account_Name is not null limit 2000")
    none = "(select id from Accounts where Account_Name = 'Nobody')"
    assert (
        ids(client, f"select id from Contacts where Account_Name not in {none} limit 2000") == every
    )


def test_a_subquery_needs_the_scope_of_its_module() -> None:
    scopes = ["ZohoCRM.coql.READ", "ZohoCRM.modules.contacts.READ"]
    with DemoOrganisation(awkward_sample, scopes=scopes) as demo:
        query = (
            "select id from Contacts where Account_Name in (select id from Accounts where id > 0)"
        )
        assert_refused(ask(Client(demo), query), 401, "OAUTH_SCOPE_MISMATCH")


def test_a_query_has_five_subqueries_at_most(client: Client) -> None:
    one = "Account_Name in (select id from Accounts where id = 1)"
    five = f"((({one} or {one}) or ({one} or {one})) or {one})"
    assert ids(client, f"select id from Contacts where {five}") == set()
    answer = ask(client, f"select id from Contacts where {five} or {one}")
    assert assert_refused(answer, 400, "LIMIT_EXCEEDED")["limit"] == 5


@pytest.mark.parametrize("alias", ["id", "State"])
def test_no_answer_loses_a_column(client: Client, alias: str) -> None:
    answer = ask(client, f"select State, City as {alias} from Leads where id > 0")
    details = assert_refused(answer, 400, "INVALID_QUERY")
    assert details == {"column_name": "City", "alias": alias}
