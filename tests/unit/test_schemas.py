"""The schemas that the package ships, and the script that writes them."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from jsonschema import Draft202012Validator

import tap_zohocrm_modules

if TYPE_CHECKING:
    from collections.abc import Iterator

SCHEMAS = Path(tap_zohocrm_modules.__file__).parent / "schemas"
SCRIPTS = Path(__file__).parents[2] / "scripts"
NAMES = sorted(file.stem for file in SCHEMAS.glob("*.json"))

STREAMS = """
apis appointment_preferences assignment_rules associated_groups audit_log_exports backup_history
backup_schedule business_hours cadences call_preferences contact_roles currencies custom_views
data_enrichment data_sharing data_sharing_rules duplicate_check_preferences email_templates
features field_updates fields fiscal_year from_addresses global_picklist_associations
global_picklist_replaced_values global_picklists holidays inventory_templates layouts
map_dependencies modules notifications org picklist_values pipelines portal_user_types
portal_users portals profiles record_locking_configurations recycle_bin related_lists
relationships roles scoring_rules service_preferences shift_hours signals tags territories
territory_user_counts territory_users unsubscribe_link_associations unsubscribe_links
user_group_associations user_group_sources user_group_user_counts user_groups user_licenses
user_territories user_unavailability users variable_groups variables webhook_failures webhooks
wizards workflow_configurations workflow_rule_counts workflow_rule_limits workflow_rules
workflow_tasks zia_org_enrichments zia_people_enrichments
"""

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


def load(name: str) -> dict[str, Any]:
    schema: dict[str, Any] = json.loads((SCHEMAS / f"{name}.json").read_text(encoding="utf-8"))
    return schema


def walk(properties: dict[str, Any], path: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    """Every property's and every array's items' schema, with its path."""
    for name, schema in properties.items():
        yield from walk_one(schema, f"{path}.{name}" if path else name)


def walk_one(schema: dict[str, Any], path: str) -> Iterator[tuple[str, dict[str, Any]]]:
    yield path, schema
    yield from walk(schema.get("properties", {}), path)
    if "items" in schema:
        yield from walk_one(schema["items"], f"{path}[]")


def below_the_row(name: str) -> list[tuple[str, dict[str, Any]]]:
    properties = load(name)["properties"]
    properties.pop("additional_properties")
    return list(walk(properties))


def kind(schema: dict[str, Any]) -> str:
    types = schema["type"] if isinstance(schema["type"], list) else [schema["type"]]
    return str(types[0])


def test_every_stream_has_its_schema() -> None:
    assert STREAMS.split() == NAMES


@pytest.mark.parametrize("name", NAMES)
def test_the_file_is_as_the_script_writes_it(name: str) -> None:
    text = (SCHEMAS / f"{name}.json").read_bytes().decode("utf-8")
    assert text == json.dumps(json.loads(text), indent=2, ensure_ascii=False) + "\n"


@pytest.mark.parametrize("name", NAMES)
def test_the_row(name: str) -> None:
    schema = load(name)
    Draft202012Validator.check_schema(schema)
    assert list(schema) == ["type", "description", "properties", "required"]
    assert schema["type"] == "object"
    assert re.search(
        r"https://www\.zoho\.com/crm/developer/docs/api/v8/\S+\.html$", schema["description"]
    )


@pytest.mark.parametrize("name", NAMES)
def test_what_has_no_column_has_a_place_of_its_own_at_the_end(name: str) -> None:
    properties = load(name)["properties"]
    assert list(properties)[-1] == "additional_properties"
    assert properties["additional_properties"].keys() == {"type", "description"}
    assert properties["additional_properties"]["type"] == ["object", "null"]


@pytest.mark.parametrize("name", NAMES)
def test_the_key_is_required_and_never_null(name: str) -> None:
    schema = load(name)
    assert schema["required"]
    for column in schema["required"]:
        assert schema["properties"][column]["type"] == "string"


@pytest.mark.parametrize("name", NAMES)
def test_columns_of_the_tap_come_first_and_are_never_null(name: str) -> None:
    properties = load(name)["properties"]
    fixed = [column for column, schema in properties.items() if schema["type"] == "string"]
    own = [column for column in fixed if properties[column]["description"].endswith("the tap.")]
    if name != "relationships":
        assert own == list(properties)[: len(own)]
    assert set(fixed) == {*own, *load(name)["required"]}


@pytest.mark.parametrize("name", NAMES)
def test_each_property_has_one_type(name: str) -> None:
    schema = load(name)
    fixed = {column for column, one in schema["properties"].items() if one["type"] == "string"}
    for path, below in below_the_row(name):
        if path in fixed or path.endswith("[]"):
            assert below["type"] in {"string", "integer", "number", "boolean", "object", "array"}
        else:
            first, second = below["type"]
            assert first in {"string", "integer", "number", "boolean", "object", "array"}
            assert second == "null"


@pytest.mark.parametrize("name", NAMES)
def test_no_keyword_that_some_destination_misreads(name: str) -> None:
    allowed = {"type", "format", "contentMediaType", "description", "properties", "items"}
    for path, below in below_the_row(name):
        assert below.keys() <= allowed, path
        assert below.get("format", "date") in {"date", "date-time"}, path
        assert "format" not in below or kind(below) == "string", path


@pytest.mark.parametrize("name", NAMES)
def test_nothing_is_left_open(name: str) -> None:
    for path, below in below_the_row(name):
        assert ("items" in below) == (kind(below) == "array"), path
        assert bool(below.get("properties")) == (kind(below) == "object"), path


@pytest.mark.parametrize("name", NAMES)
def test_texts_that_hold_more_say_what(name: str) -> None:
    said = {"application/json": "JSON text.", "text/x-date-time": "Date-time in UTC."}
    for path, below in below_the_row(name):
        if "contentMediaType" in below:
            assert said[below["contentMediaType"]] in below["description"], path
            assert kind(below) == "string", path
        assert not re.search(r"criteria$|cross_filters$", path) or "contentMediaType" in below, path


@pytest.mark.parametrize("name", NAMES)
def test_ids_are_strings(name: str) -> None:
    for path, below in below_the_row(name):
        if re.search(r"(^|[._])(id|zuid|zgid)$", path):
            assert kind(below) == "string", path


@pytest.mark.parametrize("name", NAMES)
def test_names_are_column_names_everywhere(name: str) -> None:
    schema = load(name)
    for path, below in [("", schema), *below_the_row(name)]:
        names = list(below.get("properties", {}))
        assert all(re.fullmatch(r"[A-Za-z_][A-Za-z0-9_]*", one) for one in names), path
        assert len({one.lower() for one in names}) == len(names), path


@pytest.mark.parametrize("name", NAMES)
def test_nesting_stays_shallow(name: str) -> None:
    deepest = max(path.count(".") for path, _ in below_the_row(name))
    assert deepest <= 5


@pytest.mark.parametrize("name", NAMES)
def test_every_column_is_described_in_one_line_with_its_source(name: str) -> None:
    for column, schema in load(name)["properties"].items():
        assert re.fullmatch(r"\S[^\n]* Source: [^\n]+\.", schema["description"]), column


@pytest.mark.parametrize(("column", "documented"), MODULES_PAGE.items())
def test_modules_has_what_zoho_documents(column: str, documented: str) -> None:
    schema = load("modules")["properties"][column]
    assert schema.get("format", kind(schema)) == documented
    source = "sample of the " if column == "global_search_supported" else ""
    assert schema["description"].endswith(f"Source: {source}Modules API page.")


def test_modules_claims_no_more_of_the_page_than_it_has() -> None:
    properties = load("modules")["properties"]
    from_page = {
        name for name, one in properties.items() if "Modules API page." in one["description"]
    }
    assert from_page == MODULES_PAGE.keys()


def test_modules_begins_with_the_names_and_goes_on_as_the_page_does() -> None:
    first = ["id", "api_name", "module_name", "singular_label", "plural_label"]
    first += ["actual_singular_label", "actual_plural_label"]
    rest = [name for name in MODULES_PAGE if name not in first]
    assert list(load("modules")["properties"])[: len(MODULES_PAGE)] == [*first, *rest]


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
    schema = load("modules")["properties"][column]
    properties = schema.get("items", schema)["properties"]
    assert {name: kind(one) for name, one in properties.items()} == inside


def test_modules_leaves_collections_to_their_own_streams() -> None:
    properties = load("modules")["properties"]
    assert not {"fields", "layouts", "related_lists"} & properties.keys()
    assert not any(name.startswith("$") for name in properties)


def test_modules_takes_a_module_as_zoho_returns_it() -> None:
    reference = {"name": "Administrator", "id": "1000000000026011"}
    values = {"boolean": False, "integer": 1, "string": "x", "object": {}, "array": [reference]}
    row: dict[str, Any] = {name: values.get(type_) for name, type_ in MODULES_PAGE.items()}
    row |= {"modified_time": "2025-04-24T17:32:20Z", "arguments": [], "modified_by": reference}
    row |= {"web_link": None, "description": None, "additional_properties": {"$a.b": [1, "x"]}}
    validator = Draft202012Validator(load("modules"))
    validator.validate(row)
    assert not validator.is_valid({**row, "id": None})
    assert not validator.is_valid({**row, "private_profile": reference})


# The script, on a specification of four lines: the real ones are not part of this repository.

needs_scripts = pytest.mark.skipif(not SCRIPTS.is_dir(), reason="the scripts are not installed")


@pytest.fixture
def openapi(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.syspath_prepend(SCRIPTS)
    thing = {
        "type": "object",
        "properties": {
            "id": {"type": "string", "format": "int64", "description": "Wether. Second sentence."},
            "count": {"type": ["integer", "null"], "enum": [1, 2], "minimum": 1},
            "owner": {"oneOf": [{"$ref": "users.json#/user"}, {"type": "null"}]},
            "either": {"oneOf": [{"type": "string"}, {"type": "object", "properties": {"id": {}}}]},
            "more": {"type": "array", "items": {"$ref": "#/components/schemas/thing"}},
            "criteria": {"type": "object", "properties": {"value": {"type": "string"}}},
            "$state": {"type": "string"},
        },
    }
    answer = {"type": "object", "properties": {"things": {"type": "array", "items": thing}}}
    content = {"content": {"application/json": {"schema": answer}}}
    user = {"type": "object", "properties": {"id": {"type": "integer"}, "name": {"type": "string"}}}
    (tmp_path / "users.json").write_text(json.dumps({"user": user}), encoding="utf-8")
    paths = {"/crm/v8/things/{id}": {"get": {"responses": {"200": content, "400": {}}}}}
    text = json.dumps({"paths": paths, "components": {"schemas": {"thing": thing}}})
    (tmp_path / "things.json").write_text(text, encoding="utf-8")
    return tmp_path


@needs_scripts
def test_a_specification_becomes_one_type_a_property(openapi: Path) -> None:
    from schema_generator import corrections, render, shapes  # noqa: PLC0415
    from schema_generator.openapi import OpenApiFolder  # noqa: PLC0415

    row = OpenApiFolder(openapi, "a test").rows("/things/{}", "things")
    stream = corrections.Stream("things", "Things.", "x", properties={"either": "string Either."})
    shape = shapes.prune(stream.correct(row))
    assert any("either is object or string" in one for one in corrections.problems(row))
    assert not [one for one in corrections.problems(shape) if one.startswith("either")]

    properties = render.schema(stream, shape)["properties"]
    assert properties["id"] == {"type": "string", "description": "Whether. Source: a test."}
    assert properties["count"]["type"] == ["integer", "null"]
    assert not {"enum", "minimum", "format"} & properties["count"].keys()
    assert properties["owner"]["properties"]["id"]["type"] == ["string", "null"]
    assert properties["either"]["description"] == "Either. Source: a test."
    assert properties["criteria"]["contentMediaType"] == "application/json"
    assert "$state" not in properties


@needs_scripts
def test_what_refers_to_itself_ends_as_json_text(openapi: Path) -> None:
    from schema_generator.openapi import OpenApiFolder  # noqa: PLC0415

    row = OpenApiFolder(openapi, "a test").rows("/things/{}", "things")
    again = row.properties["more"].items
    assert again is not None
    assert again.properties["more"].items is not None
    assert again.properties["more"].items.kind == "json"


@needs_scripts
@pytest.mark.parametrize(
    "correction",
    [
        {"drop": ("gone",)},
        {"retype": {"json": ["gone"]}},
        {"properties": {"gone.id": "string"}},
        {"properties": {"id": "text"}},
        {"descriptions": {"gone": "Gone."}},
        {"documented": {"a page": ["gone"]}},
    ],
)
def test_a_correction_that_corrects_nothing_is_an_error(
    openapi: Path, correction: dict[str, Any]
) -> None:
    from schema_generator import corrections  # noqa: PLC0415
    from schema_generator.openapi import OpenApiFolder  # noqa: PLC0415

    row = OpenApiFolder(openapi, "a test").rows("/things/{}", "things")
    stream = corrections.Stream("things", "Things.", "x", **correction)
    with pytest.raises(corrections.CorrectionError):
        stream.correct(row)


@needs_scripts
@pytest.mark.usefixtures("openapi")
def test_the_older_edition_only_adds() -> None:
    from schema_generator.shapes import Shape, fill  # noqa: PLC0415

    newer = Shape("object", properties={"a": Shape("string"), "b": Shape("object", source="new")})
    inside = {"id": Shape("string")}
    older = {"a": Shape("integer"), "b": Shape("object", properties=inside), "c": Shape("boolean")}
    row = fill(newer, Shape("object", properties=older))
    assert list(row.properties) == ["a", "b", "c"]
    assert row.properties["a"].kind == "string"
    assert row.properties["b"] == Shape("object", source="new", properties=inside)


@pytest.mark.parametrize("name", NAMES)
def test_no_object_that_may_be_null_has_a_format_inside(name: str) -> None:
    # singer-tools' checker breaks on it.
    for path, below in below_the_row(name):
        if kind(below) == "object" and "null" in below["type"]:
            inside = below["properties"].values()
            assert all(inner.get("format") != "date-time" for inner in inside), path
