"""What the families about modules say: layouts, pipelines, picklists, related lists, views."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from zohocrm_demo import DemoOrganisation, sample_organisation

from .conftest import Client

SAMPLE = sample_organisation()
SETTINGS = "/crm/v8/settings"
Row = dict[str, Any]


@pytest.fixture(scope="module")
def shared() -> Iterator[Client]:
    with DemoOrganisation(SAMPLE) as demo:
        speaker = Client(demo)
        with speaker.session:
            yield speaker


def layouts_of(client: Client, module: str, **more: str) -> list[Row]:
    return client.rows(f"{SETTINGS}/layouts", "layouts", module=module, **more)


def fields_in(layout: Row) -> list[Row]:
    return [field for section in layout["sections"] for field in section["fields"]]


def test_a_layout_holds_its_modules_fields(shared: Client) -> None:
    fields = {row["id"]: row for row in SAMPLE.fields["Sites"]}
    standard, reservoirs = layouts_of(shared, "Sites")

    shown = fields_in(standard)
    assert len(shown) > len(fields_in(reservoirs)) > 5
    for field in shown:
        own = fields[field["id"]]
        assert {key: field[key] for key in ("api_name", "data_type", "json_type", "lookup")} == {
            key: own[key] for key in ("api_name", "data_type", "json_type", "lookup")
        }
        assert field["required"] is own["system_mandatory"]
        assert isinstance(field["sequence_number"], int)
        assert "layout_associations" not in field
    assert "id" not in {field["api_name"] for field in shown}
    subforms = [section for section in standard["sections"] if section["isSubformSection"]]
    assert [section["fields"][0]["api_name"] for section in subforms] == ["Contacts"]
    profiles = {row["id"] for row in SAMPLE.profiles}
    assert {row["id"] for row in standard["profiles"]} <= profiles


def test_unused_fields_are_in_no_layout(shared: Client) -> None:
    fields = shared.rows(f"{SETTINGS}/fields", "fields", module="Leads", type="all")
    unused = [field for field in fields if field["type"] == "unused"]
    shown = {field["id"] for layout in layouts_of(shared, "Leads") for field in fields_in(layout)}

    assert unused
    for field in unused:
        assert field["layout_associations"] == []
        assert field["id"] not in shown


def test_one_layout_is_the_same_as_in_the_list(shared: Client) -> None:
    for layout in layouts_of(shared, "Deals"):
        path = f"{SETTINGS}/layouts/{layout['id']}"
        assert shared.rows(path, "layouts", module="Deals") == [layout]


def test_what_a_layout_may_include(shared: Client) -> None:
    (products,) = layouts_of(shared, "Products", include="total_profiles")
    (also,) = layouts_of(shared, "Products", include="portal_user_types")

    assert products["has_more_profiles"] is True
    assert products["total_profiles"] == 50
    assert also["portal_user_types"] == []
    assert "total_profiles" not in also


def test_converting_a_lead_names_layouts(shared: Client) -> None:
    for layout in layouts_of(shared, "Leads"):
        for module in ("Contacts", "Deals", "Accounts"):
            target = layouts_of(shared, module)[0]
            assert layout["convert_mapping"][module]["id"] == target["id"]


def test_layouts_follow_their_fields(client: Client, demo: DemoOrganisation) -> None:
    fields = demo.organisation.fields["Leads"]
    fields[:] = [field for field in fields if field["api_name"] != "Company"]
    for field in fields:
        if field["api_name"] == "Email":
            field["field_label"] = "E-mail"

    shown = {
        field["api_name"]: field["field_label"]
        for field in fields_in(layouts_of(client, "Leads")[0])
    }

    assert "Company" not in shown
    assert shown["Email"] == "E-mail"


def test_pipelines_are_the_values_of_a_field(shared: Client) -> None:
    fields = {row["api_name"]: row for row in SAMPLE.fields["Deals"]}
    stages = {row["id"] for row in fields["Stage"]["pick_list_values"]}
    pipelines = {row["id"] for row in fields["Pipeline"]["pick_list_values"]}
    for layout in layouts_of(shared, "Deals"):
        params = {"layout_id": layout["id"]}
        rows = shared.rows(f"{SETTINGS}/pipeline", "pipeline", **params)
        assert [row["default"] for row in rows] == [True] + [False] * (len(rows) - 1)
        shown = next(row for row in fields_in(layout) if row["api_name"] == "Pipeline")
        choices = {value["id"]: value["maps"] for value in shown["pick_list_values"]}
        for row in rows:
            assert row["id"] in pipelines
            assert {stage["id"] for stage in row["maps"]} <= stages
            (chosen,) = choices[row["id"]]
            assert chosen["api_name"] == "Stage"
            assert [value["id"] for value in chosen["pick_list_values"]] == [
                stage["id"] for stage in row["maps"]
            ]
            one = shared.rows(f"{SETTINGS}/pipeline/{row['id']}", "pipeline", **params)
            assert one == [row]


def test_dependencies_between_picklists(shared: Client) -> None:
    fields = {row["id"]: row for row in SAMPLE.fields["Cases"]}
    layout = layouts_of(shared, "Cases")[0]
    path = f"{SETTINGS}/layouts/{layout['id']}/map_dependency"

    body = shared.get(path, params={"module": "Cases"}).json()

    assert body["info"] == {"per_page": 20, "count": 1, "page": 1, "more_records": False}
    (row,) = body["map_dependency"]
    assert "pick_list_values" not in row
    (one,) = shared.rows(f"{path}/{row['id']}", "map_dependency", module="Cases")
    parents = {value["id"] for value in fields[row["parent"]["id"]]["pick_list_values"]}
    children = {value["id"] for value in fields[row["child"]["id"]]["pick_list_values"]}
    assert {value["id"] for value in one["pick_list_values"]} == parents
    for value in one["pick_list_values"]:
        assert value["maps"]
        assert {mapped["id"] for mapped in value["maps"]} <= children


def test_values_of_a_picklist(shared: Client) -> None:
    for field in SAMPLE.fields["Sensors"]:
        answer = shared.get(
            f"{SETTINGS}/fields/{field['id']}/pick_list_values", params={"module": "Sensors"}
        )
        if field["data_type"] not in {"picklist", "multiselectpicklist"}:
            assert answer.status_code == 204
            continue
        values = answer.json()["pick_list_values"]
        assert [value["id"] for value in values] == [
            value["id"] for value in field["pick_list_values"]
        ]
        assert values[0]["layout_associations"] == field["layout_associations"]


def test_related_lists_are_the_lookups_of_others(shared: Client) -> None:
    lists = shared.rows(f"{SETTINGS}/related_lists", "related_lists", module="Accounts")

    by_id = {row["id"]: row for row in lists}
    names = [row["api_name"] for row in lists]
    assert len(set(names)) == len(names) == len(by_id)
    assert [row["sequence_number"] for row in lists] == [str(n + 1) for n in range(len(lists))]
    for module in ("Contacts", "Deals", "Sites"):
        for field in SAMPLE.fields[module]:
            lookup = field["lookup"]
            if lookup and lookup["module"]["api_name"] == "Accounts":
                row = by_id[lookup["id"]]
                assert row["api_name"] == lookup["api_name"]
                assert row["display_label"] == lookup["display_label"]
                assert row["module"]["api_name"] == module
    assert {"Notes", "Attachments", "Tasks", "Events", "Calls"} <= set(names)


def test_related_lists_of_many_to_many_and_histories(shared: Client) -> None:
    here = shared.rows(f"{SETTINGS}/related_lists", "related_lists", module="Sensors")
    there = shared.rows(f"{SETTINGS}/related_lists", "related_lists", module="Partners")
    deals = shared.rows(f"{SETTINGS}/related_lists", "related_lists", module="Deals")

    for lists, other in ((here, "Partners"), (there, "Sensors")):
        (row,) = [row for row in lists if row["type"] == "multiselectlookup"]
        assert (row["connectedmodule"], row["linkingmodule"]) == (other, "Sensors_X_Partners")
    (history,) = [row for row in deals if row["api_name"] == "Stage_History"]
    assert history["module"]["api_name"] == "DealHistory"


def test_related_lists_by_status(shared: Client) -> None:
    path = f"{SETTINGS}/related_lists"

    hidden = shared.rows(path, "related_lists", module="Leads", status="user_hidden")

    (survey,) = hidden
    assert survey["module"] is survey["href"] is None
    params = {"module": "Leads", "status": "scheduled_for_deletion"}
    assert shared.get(path, params=params).status_code == 204


def test_views_of_a_module(shared: Client) -> None:
    path = f"{SETTINGS}/custom_views"
    body = shared.get(path, params={"module": "Leads"}).json()
    fields = {row["id"] for row in SAMPLE.fields["Leads"]}
    roles = {row["id"] for row in SAMPLE.roles}

    default = next(view for view in body["custom_views"] if view["default"])
    assert body["info"]["default"] == default["id"]
    assert set(body["info"]["translation"]) >= {"public_views", "created_by_me"}
    (module,) = shared.rows(f"{SETTINGS}/modules/Leads", "modules")
    assert module["custom_view"]["id"] == default["id"]
    shared_views = 0
    for listed in body["custom_views"]:
        assert not {"criteria", "fields", "sort_by", "shared_to"} & listed.keys()
        (view,) = shared.rows(f"{path}/{listed['id']}", "custom_views", module="Leads")
        assert listed.items() <= view.items()
        assert {field["id"] for field in view["fields"]} <= fields
        criteria = view["criteria"] or {"group": []}
        for criterion in criteria.get("group", [criteria]):
            assert criterion["field"]["id"] in fields
        if view["access_type"] == "shared":
            shared_views += 1
            assert {row["id"] for row in view["shared_to"]} <= roles
        assert (view["modified_time"] is None) is view["system_defined"]
    assert shared_views == 1


def test_more_views_than_a_page_holds(shared: Client) -> None:
    path = f"{SETTINGS}/custom_views"

    first = shared.get(path, params={"module": "Water_Samples"}).json()
    second = shared.get(path, params={"module": "Water_Samples", "page": "2"}).json()

    assert (first["info"]["count"], first["info"]["more_records"]) == (200, True)
    assert second["info"]["more_records"] is False
    ids = [view["id"] for body in (first, second) for view in body["custom_views"]]
    assert len(set(ids)) == len(ids) > 200
