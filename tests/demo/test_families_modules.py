"""Layouts, pipelines, picklists, related lists, views, wizards, tags of modules."""

from __future__ import annotations

from typing import Any

from zohocrm_demo import sample_organisation

from .conftest import Client

SAMPLE = sample_organisation()
SETTINGS = "/crm/v8/settings"

Row = dict[str, Any]


def layouts_of(client: Client, module: str, **more: str) -> list[Row]:
    return client.rows(f"{SETTINGS}/layouts", "layouts", module=module, **more)


def fields_in(layout: Row) -> list[Row]:
    return [field for section in layout["sections"] for field in section["fields"]]


def test_converting_a_lead_names_layouts(shared: Client) -> None:
    for layout in layouts_of(shared, "Leads"):
        for module in ("Contacts", "Deals", "Accounts"):
            target = layouts_of(shared, module)[0]
            assert layout["convert_mapping"][module]["id"] == target["id"]


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


def test_related_lists_of_many_to_many_and_histories(shared: Client) -> None:
    here = shared.rows(f"{SETTINGS}/related_lists", "related_lists", module="Sensors")
    there = shared.rows(f"{SETTINGS}/related_lists", "related_lists", module="Partners")
    deals = shared.rows(f"{SETTINGS}/related_lists", "related_lists", module="Deals")

    for lists, other in ((here, "Partners"), (there, "Sensors")):
        (row,) = [row for row in lists if row["type"] == "multiselectlookup"]
        assert (row["connectedmodule"], row["linkingmodule"]) == (other, "Sensors_X_Partners")
    (history,) = [row for row in deals if row["api_name"] == "Stage_History"]
    assert history["module"]["api_name"] == "DealHistory"


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


def test_global_picklists_and_their_fields(shared: Client) -> None:
    path = f"{SETTINGS}/global_picklists"
    by_field = {
        field["id"]: (module, field) for module, own in SAMPLE.fields.items() for field in own
    }
    included = "used_in_modules,pick_list_values,associated_fields_count"
    for row in shared.rows(path, "global_picklists", include=included):
        values = [value["actual_value"] for value in row["pick_list_values"]]
        (one,) = shared.rows(f"{path}/{row['id']}", "global_picklists")
        assert one["pick_list_values"] == row["pick_list_values"]
        assert "used_in_modules" not in one
        answer = shared.get(f"{path}/{row['id']}/actions/associations")
        uses = answer.json()["associations"] if answer.status_code == 200 else []
        assert len(uses) == row["associated_fields_count"]
        modules = {use["module"]["api_name"] for use in uses}
        assert modules == {module["api_name"] for module in row["used_in_modules"]}
        for use in uses:
            module, field = by_field[use["field"]["id"]]
            assert use["module"]["api_name"] == module
            assert field["global_picklist"] == {"api_name": row["api_name"], "id": row["id"]}
            assert [value["actual_value"] for value in field["pick_list_values"]] == values
            assert use["layouts"]
    assert "pick_list_values" not in shared.rows(path, "global_picklists")[0]


def test_wizards_and_their_screens(shared: Client) -> None:
    path = f"{SETTINGS}/wizards"
    rows = shared.rows(path, "wizards")

    assert shared.rows(path, "wizards", module="Leads") == rows[:1]
    for row in rows:
        layouts = {
            layout["id"]
            for layout in shared.rows(
                f"{SETTINGS}/layouts", "layouts", module=row["module"]["api_name"]
            )
        }
        assert {container["layout"]["id"] for container in row["containers"]} == layouts
        for container in row["containers"]:
            assert "chart_data" not in container
            params = {"layout_id": container["layout"]["id"]}
            (one,) = shared.rows(f"{path}/{row['id']}", "wizards", **params)
            (whole,) = one["containers"]
            assert whole["chart_data"]["nodes"]
            assert [screen["id"] for screen in whole["screens"]] == [
                screen["id"] for screen in container["screens"]
            ]
