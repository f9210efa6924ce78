"""The definitions, and the schemas that are compiled from them."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import TYPE_CHECKING, Any

import pytest
from definition_compiler import FOLDER, compile_folder
from jsonschema import Draft202012Validator

from tap_zohocrm_modules.definitions import COMPILED, definitions, load_schema

if TYPE_CHECKING:
    from collections.abc import Iterator

NAMES = sorted(definitions())

# Written down from https://www.zoho.com/crm/developer/docs/api/v8/modules-api.html, in its order.
# `global_search_supported` is in its sample only.
MODULES_PAGE = {
    "deletable": "boolean",
    "description": "string",
    "creatable": "boolean",
    "modified_time": "date-time",
    "plural_label": "string",
    "singular_label": "string",
    "has_more_profiles": "boolean",
    "access_type": "string",
    "private_profile": "array",
    "recycle_bin_on_delete": "boolean",
    "web_link": "string",
    "presence_sub_menu": "boolean",
    "id": "string",
    "visible": "boolean",
    "visibility": "integer",
    "convertable": "boolean",
    "viewable": "boolean",
    "editable": "boolean",
    "api_supported": "boolean",
    "profiles": "array",
    "show_as_tab": "boolean",
    "sequence_number": "integer",
    "api_name": "string",
    "quick_create": "boolean",
    "modified_by": "object",
    "generated_type": "string",
    "feeds_required": "boolean",
    "arguments": "array",
    "module_name": "string",
    "business_card_field_limit": "integer",
    "custom_view": "object",
    "parent_module": "object",
    "status": "string",
    "sub_menu_available": "boolean",
    "actual_plural_label": "string",
    "actual_singular_label": "string",
    "lookupable": "boolean",
    "isBlueprintSupported": "boolean",
    "profile_count": "integer",
    "public_fields_configured": "boolean",
    "global_search_supported": "boolean",
}


def walk(properties: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property's and every array's items' schema, with its path."""
    for name, schema in properties.items():
        yield from walk_one(schema, f"{path}.{name}" if path else name)


def walk_one(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    yield from walk(schema.get("properties", {}), path)
    if "items" in schema:
        yield from walk_one(schema["items"], f"{path}[]")


EVERY = [
    (f"{name}.{path}", schema)
    for name in NAMES
    for path, schema in walk(load_schema(name)["properties"])
    if path != "additional_properties"
]
"""Every property and every array's items of every stream, by stream and path."""


def kind(schema: dict[str, Any]) -> str:
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return str(types[0])


def breaking(rule: Callable[[str, dict[str, Any]], object]) -> list[str]:
    """The paths that break a rule."""
    return [path for path, schema in EVERY if not rule(path, schema)]


def test_what_is_loaded_is_what_the_definitions_say() -> None:
    shipped = (FOLDER / COMPILED).read_text("utf-8")
    assert shipped == compile_folder(), "run: python scripts/write_streams.py"


def test_a_row_is_a_valid_schema_with_the_address_of_its_page() -> None:
    address = re.compile(r"https://www\.zoho\.com/crm/developer/docs/api/v8/\S+\.html$")
    for name in NAMES:
        schema = load_schema(name)
        Draft202012Validator.check_schema(schema)
        assert list(schema) == ["type", "description", "properties", "required"]
        assert schema["type"] == "object"
        assert address.search(schema["description"]), name


def test_what_has_no_column_has_a_place_of_its_own_at_the_end() -> None:
    for name in NAMES:
        *_, (last, column) = load_schema(name)["properties"].items()
        assert last == "additional_properties"
        assert column.keys() == {"type", "description"}
        assert column["type"] == ["object", "null"]


def test_keys_alone_are_required_and_never_null() -> None:
    for name in NAMES:
        schema = load_schema(name)
        assert schema["required"]
        for column, one in schema["properties"].items():
            is_key = column in schema["required"]
            assert one["type"] == "string" if is_key else "null" in one["type"], (name, column)


def test_each_property_has_one_type_and_may_be_null() -> None:
    one_type = {"string", "integer", "number", "boolean", "object", "array"}
    keys = {f"{name}.{key}" for name in NAMES for key in load_schema(name)["required"]}

    def rule(path: str, schema: dict[str, Any]) -> bool:
        if path in keys or path.endswith("[]"):
            return schema["type"] in one_type
        return schema["type"][0] in one_type and schema["type"][1:] == ["null"]

    assert breaking(rule) == []


def test_no_keyword_that_some_destination_misreads() -> None:
    allowed = {"type", "format", "contentMediaType", "description", "properties", "items"}
    assert breaking(lambda _, schema: schema.keys() <= allowed) == []
    assert breaking(lambda _, schema: schema.get("format", "date") in {"date", "date-time"}) == []
    assert breaking(lambda _, schema: "format" not in schema or kind(schema) == "string") == []


def test_nothing_is_left_open() -> None:
    assert breaking(lambda _, schema: ("items" in schema) == (kind(schema) == "array")) == []
    assert breaking(lambda _, sch: bool(sch.get("properties")) == (kind(sch) == "object")) == []


def test_texts_that_hold_more_say_what() -> None:
    said = {"application/json": "JSON text.", "text/x-date-time": "Date-time in UTC."}

    def rule(path: str, schema: dict[str, Any]) -> bool:
        media = schema.get("contentMediaType")
        if media is None:
            return not re.search(r"criteria$|cross_filters$", path)
        return said[media] in schema["description"] and kind(schema) == "string"

    assert breaking(rule) == []


def test_ids_are_strings() -> None:
    is_id = re.compile(r"[._](id|zuid|zgid)$")
    assert breaking(lambda path, schema: not is_id.search(path) or kind(schema) == "string") == []


def test_names_are_column_names_everywhere() -> None:
    for name in NAMES:
        rows = [load_schema(name), *(schema for path, schema in EVERY if path.startswith(name))]
        for row in rows:
            names = list(row.get("properties", {}))
            assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", one) for one in names), name
            assert len({one.lower() for one in names}) == len(names), name


def test_nesting_stays_shallow() -> None:
    assert breaking(lambda path, _: path.count(".") <= 4) == []


def test_every_column_is_described_in_one_line_of_three_words_or_more() -> None:
    line = re.compile(r"[^\s|]+( [^\s|]+){2,}")

    def rule(path: str, schema: dict[str, Any]) -> object:
        return path.endswith("[]") or line.fullmatch(schema["description"])

    assert breaking(rule) == []


@pytest.mark.parametrize(("column", "documented"), MODULES_PAGE.items())
def test_modules_has_what_zoho_documents(column: str, documented: str) -> None:
    schema = load_schema("modules")["properties"][column]
    assert schema.get("format", kind(schema)) == documented


def test_modules_begins_with_the_names_and_goes_on_as_the_page_does() -> None:
    first = ["id", "api_name", "module_name", "singular_label", "plural_label"]
    first += ["actual_singular_label", "actual_plural_label"]
    rest = [name for name in MODULES_PAGE if name not in first]
    assert list(load_schema("modules")["properties"])[: len(MODULES_PAGE)] == [*first, *rest]


@pytest.mark.parametrize(
    ("column", "inside"),
    [
        ("private_profile", {"name": "string", "id": "string"}),
        ("profiles", {"name": "string", "id": "string"}),
        ("arguments", {"name": "string", "value": "string"}),
        ("modified_by", {"name": "string", "id": "string"}),
        ("parent_module", {"api_name": "string", "id": "string"}),
    ],
)
def test_modules_references(column: str, inside: dict[str, str]) -> None:
    schema = load_schema("modules")["properties"][column]
    properties = schema.get("items", schema)["properties"]
    assert {name: kind(one) for name, one in properties.items()} == inside


def test_modules_leaves_collections_to_their_own_streams() -> None:
    properties = load_schema("modules")["properties"]
    assert not {"fields", "layouts", "related_lists"} & properties.keys()
    assert not any(name.startswith("$") for name in properties)


def test_modules_takes_a_module_as_zoho_returns_it() -> None:
    reference = {"name": "Administrator", "id": "1000000000026011"}
    values = {"boolean": False, "integer": 1, "string": "x", "object": {}, "array": [reference]}
    row: dict[str, Any] = {name: values.get(type_) for name, type_ in MODULES_PAGE.items()}
    row |= {"modified_time": "2025-04-24T17:32:20Z", "arguments": [], "modified_by": reference}
    row |= {"web_link": None, "description": None, "additional_properties": {"$a.b": [1, "x"]}}
    validator = Draft202012Validator(load_schema("modules"))
    validator.validate(row)
    assert not validator.is_valid({**row, "id": None})
    assert not validator.is_valid({**row, "private_profile": reference})
