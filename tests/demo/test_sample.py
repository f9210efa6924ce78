"""The sample organisation is coherent, the same every time, and has modules of every kind."""

from __future__ import annotations

import json
import re
from collections import Counter
from collections.abc import Iterator
from itertools import islice
from typing import Any

import pytest
from support.sample import awkward_sample

from demo.sample import SAMPLE, Row, ids
from zohocrm_demo import Organisation, sample_organisation
from zohocrm_demo.organisation.data_files import list_names, read_list
from zohocrm_demo.organisation.fields import field_types, read_rows
from zohocrm_demo.organisation.references import has_tab

SETTINGS = SAMPLE
EVERY_FIELD = [field for own in SAMPLE.fields.values() for field in own]
BY_NAME = {module["api_name"]: module for module in SAMPLE.modules}
# What a list's rows have the ids of, instead of ids of their own.
BORROWED = {"pipelines", "unsubscribe_link_associations", "territory_users"}
DERIVED = {"layouts", "related_lists", "custom_views", "map_dependencies", "global_picklists"}


def contents() -> Iterator[tuple[str, list[Row]]]:
    for name in sorted({*list_names(), *DERIVED, "wizards", "permissions"} - {"company"}):
        content = SAMPLE.content(name)
        groups = content.values() if isinstance(content, dict) else [content]
        rows = [row for group in groups if isinstance(group, list) for row in group]
        if name not in BORROWED and all(isinstance(row, dict) for row in rows):
            yield name, rows


def walk(value: Any, key: str = "") -> Iterator[tuple[str, Row]]:
    if isinstance(value, dict):
        yield key, value
        for name, inner in value.items():
            yield from walk(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from walk(inner, key)


def test_the_same_bytes_each_time_and_a_copy_of_ones_own() -> None:
    other = awkward_sample()
    kept = (SAMPLE.modules, SAMPLE.fields, SAMPLE.users)
    before = [json.dumps(content) for content in kept]

    lists = [other.modules, other.fields, other.users]
    assert [json.dumps(content) for content in lists] == before
    for _, row in list(walk(lists)):
        row.clear()
    assert [
        json.dumps(content) for content in (SAMPLE.modules, SAMPLE.fields, SAMPLE.users)
    ] == before
    again = awkward_sample().records
    for module in ("Leads", "Sensors", "DealHistory", "Quoted_Items"):
        assert list(islice(SAMPLE.records.read(module), 50)) == list(islice(again.read(module), 50))


def test_every_id_is_one_things_alone() -> None:
    owners: dict[str, str] = {}
    values = [value for field in EVERY_FIELD for value in field["pick_list_values"]]
    sections = [row for key, row in walk(SETTINGS.layouts) if key == "sections"]
    screens = [row for key, row in walk(SETTINGS.wizards) if key in {"screens", "segments"}]
    lists = {"modules": SAMPLE.modules, "fields": EVERY_FIELD, "values": values}
    lists |= {"sections": sections, "screens": screens, **dict(contents())}
    for name, rows in lists.items():
        for identity in [row["id"] for row in rows if row.get("id")]:
            # A list that comes of a lookup has the lookup's id; it is in one module only.
            assert owners.setdefault(identity, name) == name
            assert re.fullmatch(r"\d{19}|\d{2,7}", identity)
        counted = Counter(row["id"] for row in rows if row.get("id"))
        assert [one for one, count in counted.items() if count > 1] == [], name


@pytest.mark.parametrize("name", [name for name, _ in contents()])
def test_every_reference_leads_somewhere(name: str) -> None:
    known = {(row["api_name"], row["id"]) for row in (*SAMPLE.modules, *EVERY_FIELD)}
    people = ids(SAMPLE.users)
    for key, row in walk(SAMPLE.content(name)):
        if row.keys() == {"api_name", "id"}:
            assert (row["api_name"], row["id"]) in known, (key, row)
        elif key in {"created_by", "modified_by", "locked_by", "default_assignee"}:
            assert row["id"] in people, (key, row)
        elif key in {"profiles", "lock_excluded_profiles"}:
            assert row["id"] in ids(SAMPLE.profiles), (key, row)
        elif key in {"layout", "_default_view", "layouts"} and "id" in row:
            assert row["id"] in ids([one for own in SETTINGS.layouts.values() for one in own])


def test_names_are_unique_and_well_formed() -> None:
    names = [module["api_name"] for module in SAMPLE.modules]

    assert len(set(names)) == len(names) == 76
    assert all(re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) for name in names)
    assert all(len(module["plural_label"]) <= 40 for module in SAMPLE.modules)
    for own in SAMPLE.fields.values():
        assert len({field["api_name"] for field in own}) == len(own)


def test_lookups_name_the_related_lists_that_they_make() -> None:
    lists = {(name, row["id"]): row for name, own in SETTINGS.related_lists.items() for row in own}
    joined = [
        (module, field, row)
        for module, own in SAMPLE.fields.items()
        for field in own
        if (lookup := field["lookup"])
        and (row := lists.get((lookup["module"]["api_name"], lookup["id"])))
    ]

    assert len(joined) > 40
    for module, field, row in joined:
        assert (row["module"]["api_name"], row["api_name"]) == (module, field["lookup"]["api_name"])
        assert row["connectedlookupApiName"] == field["api_name"]


def test_layouts_have_the_fields_of_their_module_and_fields_know_it() -> None:
    tabs = {module["api_name"] for module in SAMPLE.modules if has_tab(module)}
    assert set(SETTINGS.layouts) == set(SETTINGS.custom_views) == tabs
    assert {row["module"]["api_name"] for row in SETTINGS.data_sharing} == tabs
    for module, layouts in SETTINGS.layouts.items():
        own = [field for field in SAMPLE.fields[module] if field["type"] == "used"]
        mandatory = ids([field for field in own if field["system_mandatory"]])
        for layout in layouts:
            shown = [field["id"] for section in layout["sections"] for field in section["fields"]]
            assert mandatory <= set(shown) <= ids(own)
            knowing = [f["id"] for f in own if layout["id"] in ids(f["layout_associations"])]
            assert sorted(shown) == sorted(knowing)


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (
            "generated_type",
            (
                "default custom linking subform static_subform web webtab_link "
                "field_tracker picklisttracker"
            ),
        ),
        ("status", "visible user_hidden system_hidden scheduled_for_deletion"),
        ("access_type", "org_based team_based"),
        ("visibility", "0 1 -1 2 2046 14316"),
    ],
)
def test_every_kind_of_module_occurs(key: str, values: str) -> None:
    assert {str(module[key]) for module in SAMPLE.modules} == set(values.split())


def test_odd_values_of_modules_occur() -> None:
    shapes = {type(module["private_profile"]) for module in SAMPLE.modules}
    assert shapes == {dict, list, type(None)}
    parents = [module["parent_module"] for module in SAMPLE.modules]
    assert {} in parents
    assert None in parents
    assert BY_NAME["River_Levels"]["arguments"] is None
    arguments = BY_NAME["Water_Portal"]["arguments"]
    assert [argument["name"] for argument in arguments] == ["site", "site", "lang"]
    assert (BY_NAME["Events"]["module_name"], BY_NAME["Events"]["plural_label"]) == (
        "Meetings",
        "Meetings",
    )
    assert BY_NAME["Sites"]["module_name"] == "CustomModule1"
    assert BY_NAME["Sites_X_Users"]["module_name"] == "LinkingModule2"
    crowded = [m for m in SAMPLE.modules if m["has_more_profiles"]]
    assert [(m["profile_count"], len(m["profiles"])) for m in crowded] == [(53, 50)]


def test_every_data_type_occurs_and_fields_have_one_set_of_keys() -> None:
    optional = {"convert_mapping", "textarea", "subform", "multiuserlookup", "address"}
    required = set[str]().union(*EVERY_FIELD) - optional

    assert {field["data_type"] for field in EVERY_FIELD} == set(field_types())
    assert len(required) >= 55
    assert all(required - field.keys() <= {"json_type", "length"} for field in EVERY_FIELD)


@pytest.mark.parametrize("line", ["A|B|text|unheard", "A|B", "A"])
def test_misspelt_rows_are_found(line: str) -> None:
    with pytest.raises(ValueError, match=r"unheard|not enough values"):
        read_rows(line)


def test_every_list_is_read_by_its_files_name() -> None:
    assert len(list_names()) > 40
    for name in list_names():
        content = SAMPLE.company if name == "company" else SAMPLE.content(name)
        assert content, name
        assert read_list(name) is not None


def test_an_organisation_of_ones_own_has_no_records_and_takes_new_lists() -> None:
    own = Organisation(company=SAMPLE.company, modules=SAMPLE.modules)

    own.put("kiosks", [{"id": "1"}])

    assert own.records.count("Leads") == 0
    assert own.content("kiosks") == own.kiosks == [{"id": "1"}]
    assert own.content("kiosk") is None


def test_the_usual_sample_has_no_gaps_and_nothing_awkward() -> None:
    plain = sample_organisation()

    for own in plain.fields.values():
        for field in own:
            assert field["json_type"] is not None, field["api_name"]
            assert "length" in field, field["api_name"]
    known = {one["actual_value"] for one in field_of(plain, "Leads", "Lead_Source")}
    for row in plain.records.read("Leads", "Last_Name", "Lead_Source", "Description"):
        assert row["Lead_Source"] in {None, *known}
    assert all(row["Modified_Time"] for row in plain.records.read("Leads", "Modified_Time"))
    first = next(plain.records.read("Campaigns", "Campaign_Name"))
    awkward = next(awkward_sample().records.read("Campaigns", "Campaign_Name"))
    assert first["Campaign_Name"].isascii()
    assert first["Campaign_Name"] != awkward["Campaign_Name"]


def field_of(organisation: Organisation, module: str, name: str) -> list[dict[str, Any]]:
    field = next(one for one in organisation.fields[module] if one["api_name"] == name)
    values: list[dict[str, Any]] = field["pick_list_values"]
    return values
