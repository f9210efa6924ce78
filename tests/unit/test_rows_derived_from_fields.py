"""What the metadata of a field says: the modules it leads to, and the values it may take."""

from __future__ import annotations

import re
from typing import Any

import pytest
from support.sample import awkward_sample

from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from tap_zohocrm_modules.zoho.metadata.derived import derived_rows, relationships_of

Row = dict[str, Any]

ABOUT = {
    "id": "7", "api_name": "Site", "field_label": "The site", "system_mandatory": True,
    "custom_field": True, "visible": False,
}  # fmt: skip
OF_FIELDS = {
    "field_id": "7", "field_api_name": "Site", "field_label": "The site", "required": True,
    "custom": True, "visible": False,
}  # fmt: skip
SITES = {"api_name": "Sites", "id": "70"}
LEADS = {"api_name": "Leads", "id": "71"}
LINKING = {
    "linking_details": {
        "module": {"api_name": "Sites_X_Leads", "id": "72"},
        "lookup_field": {"api_name": "Site", "id": "73"},
        "connected_lookup_field": {"api_name": "Lead", "id": "74"},
    },
    "connected_details": {"module": LEADS, "field": {"api_name": "Sites", "id": "75"}},
}
LINKED = {
    "linking_module": "Sites_X_Leads",
    "linking_module_id": "72",
    "linking_field": "Site",
    "connected_field": "Lead",
}


def edges(**field: Any) -> list[Row]:
    return list(relationships_of({**ABOUT, **field}))


def edge(data_type: str, kind: str, to: str, to_id: str | None = None, **more: Any) -> Row:
    return {
        **OF_FIELDS,
        "data_type": data_type,
        "kind": kind,
        "to_module": to,
        "to_module_id": to_id,
    } | more


@pytest.mark.parametrize(("data_type", "kind"), [("ownerlookup", "owner"), ("userlookup", "user")])
def test_owners_and_users_lead_to_users(data_type: str, kind: str) -> None:
    (row,) = edges(data_type=data_type, lookup={"module": SITES, "api_name": "Owned"})
    assert {**row, "to_module_id": None} == edge(data_type, kind, "users")


def test_a_lookup_leads_to_its_module_and_names_the_related_list() -> None:
    assert edges(data_type="lookup", lookup={"module": SITES, "api_name": "Samples"}) == [
        edge("lookup", "lookup", "Sites", "70", related_list="Samples")
    ]


def test_a_lookup_to_several_modules_has_an_edge_for_each() -> None:
    several = {"api_name": "What_Id", "modules": [SITES, {**LEADS, "module_name": "Leads"}]}
    assert edges(data_type="lookup", multi_module_lookup=several, lookup={}) == [
        edge("lookup", "multi_module_lookup", "Sites", "70"),
        edge("lookup", "multi_module_lookup", "Leads", "71"),
    ]


def test_a_multi_select_lookup_names_the_module_between() -> None:
    assert edges(data_type="multiselectlookup", multiselectlookup=LINKING, lookup={}) == [
        edge("multiselectlookup", "multi_select_lookup", "Leads", "71", **LINKED),
        edge("multiselectlookup", "linking", "Sites_X_Leads", "72", **LINKED),
    ]


def test_a_multi_user_lookup_leads_to_users_by_the_module_between() -> None:
    row, between = edges(data_type="multiuserlookup", multiuserlookup=LINKING, lookup={})
    assert {**row, "to_module_id": None} == edge(
        "multiuserlookup", "multi_user_lookup", "users", **LINKED
    )
    assert between == edge("multiuserlookup", "linking", "Sites_X_Leads", "72", **LINKED)


@pytest.mark.parametrize("key", ["subform", "associated_module"])
def test_a_subform_leads_to_the_module_of_its_rows(key: str) -> None:
    for name in ("api_name", "module", "module_name"):
        found = edges(data_type="subform", **{key: {name: "Readings", "id": "76"}})
        assert found == [edge("subform", "subform", "Readings", "76")]


@pytest.mark.parametrize(
    ("field", "to"),
    [
        ({"lookup": {"module": "Sites"}}, ["Sites"]),
        ({"lookup": {"module": {"api_name": "Sites"}}}, ["Sites"]),
        ({"multi_module_lookup": {"modules": ["Sites", "Leads"]}}, ["Sites", "Leads"]),
        ({"multi_module_lookup": {"modules": [{"module_name": "Sites"}]}}, ["Sites"]),
        ({"multi_module_lookup": {"modules": [{"id": "1"}, SITES]}}, ["Sites"]),
        ({"allowed_modules": [SITES, "Leads"], "lookup": {"module": "any"}}, ["Sites", "Leads"]),
        ({"multiselectlookup": {"connected_details": {"module": "Sites"}}}, ["Sites"]),
        (
            {"multiuserlookup": {"linking_details": {"module": "Sites_X_Users"}}},
            ["users", "Sites_X_Users"],
        ),
        ({"subform": "Readings"}, ["Readings"]),
        ({"associated_module": "Readings"}, ["Readings"]),
    ],
    ids=str,
)
def test_a_module_is_understood_in_any_shape(field: Row, to: list[str]) -> None:
    assert [row["to_module"] for row in edges(data_type="any", **field)] == to


def test_a_linking_module_by_its_bare_name_is_found() -> None:
    linked = {
        "linking_details": {"module": "Sites_X_Leads"},
        "connected_details": {"module": LEADS},
    }
    row, between = edges(data_type="multiselectlookup", multiselectlookup=linked)
    assert row["linking_module"] == between["to_module"] == "Sites_X_Leads"
    assert (row["linking_module_id"], row["linking_field"]) == (None, None)


@pytest.mark.parametrize("empty", [None, {}, [], "", {"module": None}, {"module": {}}, {"id": "1"}])
@pytest.mark.parametrize(
    "key", ["lookup", "multi_module_lookup", "multiselectlookup", "subform", "associated_module"]
)
def test_what_leads_nowhere_has_no_edge(key: str, empty: Any) -> None:
    assert edges(data_type="text", **{key: empty}) == []


@pytest.mark.parametrize("modules", [None, [], [None], [{}], [{"api_name": None}]])
def test_a_lookup_to_no_module_has_no_edge(modules: Any) -> None:
    assert edges(data_type="lookup", multi_module_lookup={"modules": modules}) == []


def test_a_field_that_says_hardly_anything_has_its_edge() -> None:
    (row,) = relationships_of({"lookup": {"module": {"api_name": "Sites"}}})
    assert row["to_module"] == "Sites"
    assert {row[key] for key in (*OF_FIELDS, "to_module_id", "related_list")} == {None}


def test_edges_have_the_columns_of_their_stream() -> None:
    columns = load_schema("relationships")["properties"].keys()
    fields = [field for fields in awkward_sample().fields.values() for field in fields]
    kinds = set()
    for field in fields:
        for row in relationships_of(field):
            assert row.keys() <= columns
            kinds.add(row["kind"])
    description = load_schema("relationships")["properties"]["kind"]["description"]
    assert kinds <= set(re.findall(r"\w+", description))
    assert len(kinds) == 8


def values(listed: Any) -> list[Row]:
    endpoint = ENDPOINTS["picklist_values"]
    field = {"id": "7", "pick_list_values": listed}
    return [endpoint.adapt(row) for row in derived_rows(endpoint, field)]


def test_values_of_a_picklist_come_in_order_and_whole() -> None:
    listed = [
        {"id": "2", "actual_value": "b", "display_value": "B", "colour_code": None, "new": [1]},
        {"id": "1", "actual_value": "a", "display_value": "A", "sequence_number": 1},
    ]
    assert values(listed) == listed


def test_a_value_without_an_id_is_known_by_itself() -> None:
    assert values([{"actual_value": "a"}, {"id": None, "actual_value": "b"}]) == [
        {"actual_value": "a", "id": "a"},
        {"actual_value": "b", "id": "b"},
    ]


def test_a_value_without_anything_to_know_it_by_is_not_dropped() -> None:
    # The stream then says that a row is without its key.
    assert values([{"display_value": "-None-"}]) == [{"display_value": "-None-", "id": None}]


@pytest.mark.parametrize("listed", [None, [], {}, "", [None], ["a"], [[]]])
def test_what_is_no_list_of_values_has_none(listed: Any) -> None:
    assert values(listed) == []


def test_a_field_without_picklist_has_no_values() -> None:
    assert derived_rows(ENDPOINTS["picklist_values"], {"id": "7", "data_type": "text"}) == []
