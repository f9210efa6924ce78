"""The table of endpoints: each row can be called for, and fits its schema and its parents."""

from __future__ import annotations

import re
import string

import pytest

from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, Endpoint

ALL = list(ENDPOINTS.values())
CALLED = [endpoint for endpoint in ALL if endpoint.path]
DERIVED = [endpoint for endpoint in ALL if not endpoint.path]
CHILDREN = [endpoint for endpoint in ALL if endpoint.for_each is not None]
DETAILED = [endpoint for endpoint in ALL if endpoint.detail is not None]
TIMED = [endpoint for endpoint in ALL if endpoint.modified is not None]
SCOPE = re.compile(r"Zoho(CRM|Search)(\.[a-z_]+)+\.READ")
# Zoho's OpenAPI file has it without an operation.
SCOPE_WITHOUT_OPERATION = "ZohoCRM.zia.enrichment"


def named(endpoint: Endpoint) -> str:
    return endpoint.name


def placeholders(*texts: str) -> set[str]:
    return {
        name
        for text in texts
        for _, name, _, _ in string.Formatter().parse(text)
        if name is not None
    }


def columns_of(endpoint: Endpoint) -> set[str]:
    return set(load_schema(endpoint.name)["properties"])


def ancestors(endpoint: Endpoint) -> list[str]:
    found: list[str] = []
    while endpoint.for_each is not None:
        assert endpoint.for_each.endpoint not in found, found
        found.append(endpoint.for_each.endpoint)
        endpoint = ENDPOINTS[endpoint.for_each.endpoint]
    return found


def test_the_table_has_every_endpoint_under_its_own_name() -> None:
    assert len(ENDPOINTS) >= 60
    for name, endpoint in ENDPOINTS.items():
        assert endpoint.name == name
        assert re.fullmatch(r"[a-z][a-z_]*[a-z]", name)


@pytest.mark.parametrize("endpoint", ALL, ids=named)
def test_the_schema_has_the_same_keys(endpoint: Endpoint) -> None:
    schema = load_schema(endpoint.name)
    assert sorted(schema["required"]) == sorted(endpoint.keys)
    assert len(set(endpoint.keys)) == len(endpoint.keys) > 0
    for key in endpoint.keys:
        kinds = schema["properties"][key]["type"]
        assert kinds in ("string", ["string"])


@pytest.mark.parametrize("endpoint", TIMED, ids=named)
def test_the_modified_column_is_a_date_time_that_may_be_null(endpoint: Endpoint) -> None:
    column = load_schema(endpoint.name)["properties"][endpoint.modified]
    assert column["format"] == "date-time"
    assert sorted(column["type"]) == ["null", "string"]


@pytest.mark.parametrize("endpoint", ALL, ids=named)
def test_a_modified_column_is_not_overlooked(endpoint: Endpoint) -> None:
    usual = columns_of(endpoint) & {"modified_time", "Modified_Time", "modified_time__s"}
    assert not usual or endpoint.modified in usual


@pytest.mark.parametrize("endpoint", CALLED, ids=named)
def test_a_call_has_all_that_makes_it(endpoint: Endpoint) -> None:
    assert re.fullmatch(r"(/(\w+|\{\w+\}))+", endpoint.path)
    assert re.fullmatch(r"\w*", endpoint.rows)
    assert endpoint.per_page in {0, 100, 200}
    assert "page" not in endpoint.params.keys() | {"per_page"} & endpoint.params.keys()
    assert len(endpoint.variants) > 0


@pytest.mark.parametrize("endpoint", CALLED, ids=named)
def test_path_and_parameters_are_filled_by_the_parent(endpoint: Endpoint) -> None:
    taken = set(endpoint.for_each.columns) if endpoint.for_each else set()
    texts = [endpoint.path, *endpoint.params.values()]
    texts += [value for variant in endpoint.variants for value in variant.values()]
    assert placeholders(*texts) <= taken
    assert not endpoint.for_each or placeholders(*texts), "every parent would be asked for the same"


@pytest.mark.parametrize("endpoint", CHILDREN, ids=named)
def test_the_parent_exists_and_has_the_columns(endpoint: Endpoint) -> None:
    assert endpoint.for_each is not None
    parent = ENDPOINTS[endpoint.for_each.endpoint]
    assert set(endpoint.for_each.columns.values()) <= columns_of(parent)
    assert set(endpoint.for_each.columns) <= columns_of(endpoint)
    assert endpoint.name not in ancestors(endpoint)


@pytest.mark.parametrize("endpoint", CHILDREN, ids=named)
def test_a_child_is_known_by_its_parent_too_or_by_an_id_of_its_own(endpoint: Endpoint) -> None:
    assert endpoint.for_each is not None
    assert endpoint.keys == ("id",) or set(endpoint.keys) & set(endpoint.for_each.columns)


@pytest.mark.parametrize("endpoint", DETAILED, ids=named)
def test_path_and_parameters_of_details_are_filled_by_the_row(endpoint: Endpoint) -> None:
    assert endpoint.detail is not None
    taken = set(endpoint.detail.columns)
    assert placeholders(endpoint.detail.path, *endpoint.detail.params.values()) == taken
    for path in endpoint.detail.columns.values():
        properties = load_schema(endpoint.name)["properties"]
        for step in path.split("."):
            assert step in properties, path
            column = properties[step]
            properties = column.get("items", column).get("properties", {})


@pytest.mark.parametrize("endpoint", ALL, ids=named)
def test_scopes_are_well_formed(endpoint: Endpoint) -> None:
    scopes = endpoint.scope.split(" ")
    assert len(set(scopes)) == len(scopes)
    for scope in scopes:
        assert SCOPE.fullmatch(scope) or scope == SCOPE_WITHOUT_OPERATION


@pytest.mark.parametrize("endpoint", DERIVED, ids=named)
def test_what_is_derived_makes_no_call(endpoint: Endpoint) -> None:
    assert (endpoint.params, endpoint.variants, endpoint.detail) == ({}, ({},), None)
    assert bool(endpoint.rows) != bool(endpoint.derive)
    assert endpoint.for_each is not None
    assert endpoint.scope == ENDPOINTS[endpoint.for_each.endpoint].scope


def test_no_two_endpoints_make_the_same_call() -> None:
    calls = [
        (endpoint.bulk, endpoint.path, *sorted({**endpoint.params, **variant}.items()))
        for endpoint in CALLED
        for variant in endpoint.variants
    ]
    assert len(set(calls)) == len(calls)


@pytest.mark.parametrize("endpoint", ALL, ids=named)
def test_the_page_of_the_documentation_is_an_address(endpoint: Endpoint) -> None:
    assert re.fullmatch(r"[a-z_]+(-[a-z]+)*(/[a-z]+(-[a-z]+)*)?", endpoint.page)
    assert endpoint.source.startswith("https://www.zoho.com/crm/developer/docs/api/v8/")
    assert endpoint.source.endswith(".html")
