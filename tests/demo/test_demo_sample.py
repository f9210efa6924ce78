from __future__ import annotations

import json
import re
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest

from zohocrm_demo import Organisation, sample_organisation
from zohocrm_demo.organisation.field_rows import read_rows
from zohocrm_demo.organisation.field_types import field_types
from zohocrm_demo.organisation.local_time import local

if TYPE_CHECKING:
    from collections.abc import Iterator


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return sample_organisation()


def walk(value: Any) -> Iterator[dict[str, Any]]:
    if isinstance(value, dict):
        yield value
        value = list(value.values())
    if isinstance(value, list):
        for item in value:
            yield from walk(item)


def every_field(sample: Organisation) -> list[dict[str, Any]]:
    return [field for fields in sample.fields.values() for field in fields]


def test_the_same_bytes_each_time_and_copies(sample: Organisation) -> None:
    other = sample_organisation()

    assert json.dumps(other.modules) == json.dumps(sample.modules)
    assert json.dumps(other.fields) == json.dumps(sample.fields)
    for module in walk(other.modules):
        module.clear()
    assert json.dumps(sample_organisation().modules) == json.dumps(sample.modules)


def test_ids_are_unique_strings_of_19_digits(sample: Organisation) -> None:
    listed = [row["id"] for row in (*sample.modules, *sample.users, *sample.profiles)]
    listed += [field["id"] for field in every_field(sample)]
    listed += [v["id"] for field in every_field(sample) for v in field["pick_list_values"]]
    ids = [row["id"] for row in walk([sample.modules, sample.fields]) if "id" in row]

    assert [id_ for id_, count in Counter(listed).items() if count > 1] == []
    assert {id_ for id_ in ids if not re.fullmatch(r"\d{19}", id_)} == {"0"}  # all territories


def test_api_names_are_unique_and_well_formed(sample: Organisation) -> None:
    names = [module["api_name"] for module in sample.modules]
    assert len(set(names)) == len(names) >= 70
    assert all(re.fullmatch(r"[A-Za-z]\w*", name, re.ASCII) for name in names)
    assert all(len(module["plural_label"]) <= 40 for module in sample.modules)
    for fields in sample.fields.values():
        own = [field["api_name"] for field in fields]
        assert len(set(own)) == len(own)


def test_references_lead_somewhere(sample: Organisation) -> None:
    modules = {module["api_name"]: module["id"] for module in sample.modules}
    users = {user["id"]: user["full_name"] for user in sample.users}
    profiles = {profile["id"]: profile["name"] for profile in sample.profiles}
    for module in sample.modules:
        assert all(profiles[ref["id"]] == ref["name"] for ref in module["profiles"])
        if module["modified_by"]:
            assert users[module["modified_by"]["id"]] == module["modified_by"]["name"]
            assert module["modified_time"]
        if module["parent_module"]:
            assert modules[module["parent_module"]["api_name"]] == module["parent_module"]["id"]
    for field in every_field(sample):
        refs = [row for row in walk(field["lookup"]) if row.get("id") in modules.values()]
        assert bool(refs) == (field["data_type"] == "lookup")
        assert all(modules[ref["api_name"]] == ref["id"] for ref in refs)
        if field["data_type"] == "subform":
            assert modules[field["associated_module"]["module"]]


@pytest.mark.parametrize(
    ("key", "values"),
    [
        (
            "generated_type",
            {
                "default",
                "custom",
                "linking",
                "subform",
                "static_subform",
                "web",
                "webtab_link",
                "field_tracker",
                "picklisttracker",
            },
        ),
        ("status", {"visible", "user_hidden", "system_hidden", "scheduled_for_deletion"}),
        ("access_type", {"org_based", "team_based"}),
        ("visibility", {0, 1, -1, 2, 2046, 14316}),
    ],
)
def test_every_kind_of_module_occurs(sample: Organisation, key: str, values: set[Any]) -> None:
    assert {module[key] for module in sample.modules} == values


def test_odd_values_occur(sample: Organisation) -> None:
    by_name = {module["api_name"]: module for module in sample.modules}
    shapes = [type(module["private_profile"]) for module in sample.modules]
    assert {dict, list, type(None)} == set(shapes)
    parents = [module["parent_module"] for module in sample.modules]
    assert {} in parents
    assert None in parents
    assert by_name["Quoted_Items"]["parent_module"]["api_name"] == "Quotes"
    assert by_name["River_Levels"]["arguments"] is None
    names = [argument["name"] for argument in by_name["Water_Portal"]["arguments"]]
    assert names == ["site", "site", "lang"]
    assert "${Users.User Id}" in by_name["Water_Portal"]["web_link"]
    assert by_name["File_Upload_1__s"]["profiles"] == []
    assert by_name["Events"]["module_name"] == "Meetings"
    assert (by_name["Events"]["singular_label"], by_name["Events"]["plural_label"]) == (
        "Meeting",
        "Meetings",
    )
    assert by_name["Modules"]["generated_type"] == "custom"
    assert re.fullmatch(r"CustomModule\d+", by_name["Sites"]["module_name"])
    assert re.fullmatch(r"LinkingModule\d+", by_name["Sites_X_Users"]["module_name"])
    assert by_name["DealHistory"]["viewable"] is False
    assert by_name["DealHistory"]["api_supported"] is True


def test_more_profiles_than_the_list_holds(sample: Organisation) -> None:
    for module in sample.modules:
        shown = len(module["profiles"])
        assert module["has_more_profiles"] is (module["profile_count"] > 50)
        assert shown == min(50, module["profile_count"])
    crowded = [m["profile_count"] for m in sample.modules if m["has_more_profiles"]]
    assert crowded == [53]


def test_times_are_in_one_zone_with_daylight_saving(sample: Organisation) -> None:
    offsets = {m["modified_time"][-6:] for m in sample.modules if m["modified_time"]}

    assert offsets == {"-07:00", "-08:00"}


@pytest.mark.parametrize(
    ("utc", "shown"),
    [
        ("2025-03-09T09:59:59", "2025-03-09T01:59:59-08:00"),
        ("2025-03-09T10:00:00", "2025-03-09T03:00:00-07:00"),
        ("2024-11-03T08:59:59", "2024-11-03T01:59:59-07:00"),
        ("2024-11-03T09:00:00", "2024-11-03T01:00:00-08:00"),
        ("2025-01-01T07:59:59", "2024-12-31T23:59:59-08:00"),
    ],
)
def test_local_times(utc: str, shown: str) -> None:
    assert local(utc) == shown
    assert datetime.fromisoformat(shown).utcoffset() in {timedelta(hours=-7), timedelta(hours=-8)}


def test_every_data_type_occurs(sample: Organisation) -> None:
    assert {field["data_type"] for field in every_field(sample)} == set(field_types())


def test_fields_have_one_set_of_keys(sample: Organisation) -> None:
    optional = {"convert_mapping", "textarea", "subform", "multiuserlookup", "address"}
    often_missing = {"json_type", "length"}
    required = set.union(*(set(field) for field in every_field(sample))) - optional
    for field in every_field(sample):
        assert required - field.keys() <= often_missing
        assert field["type"] in {"used", "unused"}
    assert len(required) >= 55


@pytest.mark.parametrize("line", ["A|B|text|unheard", "A|B", "A"])
def test_misspelt_rows_are_found(line: str) -> None:
    with pytest.raises(ValueError, match=r"unheard|not enough values"):
        read_rows(line)
