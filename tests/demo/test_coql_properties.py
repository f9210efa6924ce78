"""The sample organisation's COQL, by made-up queries against a plain filter of its records."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sample import awkward_sample

from zohocrm_demo import Organisation
from zohocrm_demo.families.coql import answer_query
from zohocrm_demo.families.coql_grammar import parse
from zohocrm_demo.organisation.records.store import RecordStore

from .conftest import Client, assert_refused
from .records_calls import ask, rows


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return awkward_sample()


def select(sample: Organisation, query: str) -> list[dict[str, Any]]:
    return answer_query(sample, parse(query))[0]


_TEXTS = st.text(
    st.characters(exclude_categories=("Cs", "Cn"), exclude_characters="\ufdd0"), min_size=1
).filter(lambda text: bool(text.strip()))


@given(text=_TEXTS, quote=st.sampled_from("'\""))
def test_any_text_can_be_quoted(sample: Organisation, text: str, quote: str) -> None:
    records = sample.records
    new = records.insert("Ideas", {"Name": text})
    literal = f"{quote}{text.replace(quote, quote * 2)}{quote}"
    try:
        found = select(sample, f"select Name from Ideas where (Name = {literal} and id >= {new})")
        assert found == [{"Name": text, "id": new}]
        either = f"select id from Ideas where (Name in ({literal}, 'x') and id >= {new})"
        assert select(sample, either) == [{"id": new}]
        assert (
            select(sample, f"select id from Ideas where (Name != {literal} and id >= {new})") == []
        )
    finally:
        records.delete("Ideas", new, permanent=True)


@given(number=st.decimals(-(10**12), 10**12, places=4))
def test_any_number_can_be_compared(sample: Organisation, number: Decimal) -> None:
    records = sample.records
    new = records.insert("Calibrations", {"Drift": number})
    try:
        for operator, holds in (("=", True), ("<=", True), (">", False), ("!=", False)):
            condition = f"(Drift {operator} {number:f} and id >= {new})"
            found = select(sample, f"select Drift from Calibrations where {condition}")
            assert bool(found) is holds
    finally:
        records.delete("Calibrations", new, permanent=True)


_LEAVES = st.sampled_from(
    [
        ("Passed = true", lambda row: row["Passed"]),
        ("Drift > 1000", lambda row: row["Drift"] is not None and row["Drift"] > 1000),
        ("Drift is null", lambda row: row["Drift"] is None),
        ("Name like '%weir%'", lambda row: "weir" in row["Name"].lower()),
        ("Name not like '%a%'", lambda row: "a" not in row["Name"].lower()),
        (
            "Done_On between '2018-01-01' and '2024-12-31'",
            lambda row: row["Done_On"] and "2018-01-01" <= row["Done_On"] <= "2024-12-31",
        ),
    ]
)


def _pairs(children: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    def join(left: Any, word: str, right: Any) -> Any:
        test = all if word == "and" else any
        return (
            f"({left[0]} {word} {right[0]})",
            lambda row: test(bool(part[1](row)) for part in (left, right)),
        )

    return st.builds(join, children, st.sampled_from(["and", "or"]), children)


@pytest.fixture(scope="module")
def small() -> Organisation:
    organisation = awkward_sample()
    organisation.records.resize("Calibrations", 150)
    return organisation


@given(st.recursive(_LEAVES, _pairs, max_leaves=8))
def test_any_criteria_in_pairs_mean_what_they_say(small: Organisation, criteria: Any) -> None:
    text, test = criteria
    expected = [row["id"] for row in small.records.read("Calibrations") if test(row)]

    found = select(small, f"select id from Calibrations where {text} limit 2000")
    assert [row["id"] for row in found] == expected


@pytest.mark.parametrize("module", ["Leads", "Deals", "Sensors", "Water_Samples", "Quoted_Items"])
def test_every_supported_column_at_once(client: Client, module: str) -> None:
    fields = client.demo.organisation.fields[module]
    good = []
    for field in fields:
        name = field["api_name"]
        query = f"select '{name}' from {module} where id is not null limit 1"
        answer = ask(client, query)
        if answer.status_code == 200:
            good.append(name)
        else:
            assert assert_refused(answer, 400, "INVALID_QUERY")["column_name"] == name
    refused = {field["data_type"] for field in fields if field["api_name"] not in good}
    used = refused - {"text"}
    assert used <= {"subform", "multiselectlookup", "imageupload", "linetax", "address"}
    listed = ", ".join(f"'{name}'" for name in good)
    found = rows(client, f"select {listed} from {module} where id is not null limit 1")
    assert found[0].keys() == set(good) | {"id"}


def test_keyset_queries_through_a_tied_second(client: Client, store: RecordStore) -> None:
    """The pattern of readers that page by change: nothing lost, nothing twice."""
    truth = {row["id"] for row in store.read("Sensors", "id")}
    seen: list[str] = []
    stamp, last = "2020-01-01T00:00:00Z", 0
    while True:
        found = rows(
            client,
            "select Modified_Time from Sensors where (Modified_Time >= '"
            f"{stamp}' and (Modified_Time > '{stamp}' or id > {last})) "
            "order by Modified_Time asc, id asc limit 200",
        )
        seen += [row["id"] for row in found]
        if len(found) < 200:
            break
        stamp, last = found[-1]["Modified_Time"], found[-1]["id"]
    assert len(seen) == len(set(seen)) == len(truth)
    assert set(seen) == truth
