"""The table of families: each row can be called for, and fits its schema and its parents."""

from __future__ import annotations

import re
import string

import pytest

from tap_zohocrm_modules.schemas import load_schema
from tap_zohocrm_modules.zoho.calls import CRM, CRM_BULK
from tap_zohocrm_modules.zoho.families import FAMILIES, Family

ALL = list(FAMILIES.values())
CALLED = [family for family in ALL if family.derived is None]
DERIVED = [family for family in ALL if family.derived is not None]
CHILDREN = [family for family in ALL if family.each is not None]
DETAILED = [family for family in ALL if family.detail is not None]
TIMED = [family for family in ALL if family.modified is not None]
SCOPE = re.compile(r"ZohoCRM(\.[a-z_]+)+\.READ")
# Zoho's OpenAPI file gives it without an operation.
SCOPE_WITHOUT_OPERATION = "ZohoCRM.zia.enrichment"


def named(family: Family) -> str:
    return family.name


def placeholders(*texts: str) -> set[str]:
    return {
        name
        for text in texts
        for _, name, _, _ in string.Formatter().parse(text)
        if name is not None
    }


def columns_of(family: Family) -> set[str]:
    return set(load_schema(family.name)["properties"])


def ancestors(family: Family) -> list[str]:
    found: list[str] = []
    while family.each is not None:
        assert family.each.family not in found, found
        found.append(family.each.family)
        family = FAMILIES[family.each.family]
    return found


def test_the_table_has_every_family_under_its_own_name() -> None:
    assert len(FAMILIES) >= 60
    for name, family in FAMILIES.items():
        assert family.name == name
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", name)


@pytest.mark.parametrize("family", ALL, ids=named)
def test_the_schema_has_the_same_keys(family: Family) -> None:
    schema = load_schema(family.name)
    assert sorted(schema["required"]) == sorted(family.keys)
    assert len(set(family.keys)) == len(family.keys) > 0
    for key in family.keys:
        kinds = schema["properties"][key]["type"]
        assert kinds in ("string", ["string"])


@pytest.mark.parametrize("family", TIMED, ids=named)
def test_the_modified_column_is_a_date_time_that_may_be_null(family: Family) -> None:
    column = load_schema(family.name)["properties"][family.modified]
    assert column["format"] == "date-time"
    assert sorted(column["type"]) == ["null", "string"]


@pytest.mark.parametrize("family", ALL, ids=named)
def test_a_modified_column_is_not_overlooked(family: Family) -> None:
    usual = columns_of(family) & {"modified_time", "Modified_Time", "modified_time__s"}
    assert not usual or family.modified in usual


@pytest.mark.parametrize("family", CALLED, ids=named)
def test_a_call_has_all_that_makes_it(family: Family) -> None:
    assert re.fullmatch(r"(/(\w+|\{\w+\}))+", family.path)
    assert re.fullmatch(r"\w+", family.key)
    assert family.base in {CRM, CRM_BULK}
    assert family.per_page in {0, 100, 200}
    assert "page" not in family.params.keys() | {"per_page"} & family.params.keys()
    assert len(family.variants) > 0


@pytest.mark.parametrize("family", CALLED, ids=named)
def test_path_and_parameters_are_filled_by_the_parent(family: Family) -> None:
    taken = set(family.each.columns) if family.each else set()
    texts = [family.path, *family.params.values()]
    texts += [value for variant in family.variants for value in variant.values()]
    assert placeholders(*texts) <= taken
    assert not family.each or placeholders(*texts), "every parent would be asked for the same"


@pytest.mark.parametrize("family", CHILDREN, ids=named)
def test_the_parent_exists_and_has_the_columns(family: Family) -> None:
    assert family.each is not None
    parent = FAMILIES[family.each.family]
    assert set(family.each.columns.values()) <= columns_of(parent)
    assert set(family.each.columns) <= columns_of(family)
    assert family.name not in ancestors(family)


@pytest.mark.parametrize("family", CHILDREN, ids=named)
def test_a_child_is_known_by_its_parent_too_or_by_an_id_of_its_own(family: Family) -> None:
    assert family.each is not None
    assert family.keys == ("id",) or set(family.keys) & set(family.each.columns)


@pytest.mark.parametrize("family", DETAILED, ids=named)
def test_path_and_parameters_of_details_are_filled_by_the_row(family: Family) -> None:
    assert family.detail is not None
    taken = set(family.detail.columns)
    assert placeholders(family.detail.path, *family.detail.params.values()) == taken
    for path in family.detail.columns.values():
        properties = load_schema(family.name)["properties"]
        for step in path.split("."):
            assert step in properties, path
            properties = properties[step].get("properties", {})


@pytest.mark.parametrize("family", ALL, ids=named)
def test_scopes_are_well_formed(family: Family) -> None:
    scopes = family.scope.split(" ")
    assert len(set(scopes)) == len(scopes)
    for scope in scopes:
        assert SCOPE.fullmatch(scope) or scope == SCOPE_WITHOUT_OPERATION


@pytest.mark.parametrize("family", DERIVED, ids=named)
def test_what_is_derived_makes_no_call(family: Family) -> None:
    assert (family.path, family.key, family.params, family.detail) == ("", "", {}, None)
    assert family.each is not None
    assert family.scope == FAMILIES[family.each.family].scope


def test_no_two_families_make_the_same_call() -> None:
    calls = [
        (family.base, family.path, *sorted({**family.params, **variant}.items()))
        for family in CALLED
        for variant in family.variants
    ]
    assert len(set(calls)) == len(calls)


@pytest.mark.parametrize("family", ALL, ids=named)
def test_the_page_of_the_documentation_is_an_address(family: Family) -> None:
    assert re.fullmatch(r"[a-z_]+(-[a-z]+)*(/[a-z]+(-[a-z]+)*)?", family.page)
    assert family.source.startswith("https://www.zoho.com/crm/developer/docs/api/v8/")
    assert family.source.endswith(".html")
