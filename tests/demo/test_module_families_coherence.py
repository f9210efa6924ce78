"""Every reference leads somewhere, and no id is given twice."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from dataclasses import fields as attributes
from typing import Any

import pytest

from zohocrm_demo import sample_organisation

SAMPLE = sample_organisation()
MADE = SAMPLE.customization
RUN = SAMPLE.automation
Row = dict[str, Any]

MODULES = {(row["api_name"], row["id"]) for row in SAMPLE.modules}
FIELDS = {(row["api_name"], row["id"]) for own in SAMPLE.fields.values() for row in own}
LAYOUTS = {row["id"] for own in MADE.layouts.values() for row in own}
USERS = {row["id"] for row in SAMPLE.users}
PROFILES = {row["id"] for row in SAMPLE.profiles}
# Keys under which a reference to one kind of thing stands, whatever the family.
TO_MODULES = {"module", "related_module", "trigger_module", "mapped_module"}
TO_FIELDS = {"field", "parent", "child", "current_field", "mapped_field", "crm_field", "sort_by"}
TO_USERS = {"created_by", "modified_by", "locked_by", "default_assignee"}
TO_LAYOUTS = {"layout", "_default_view", "_default_assignment_view"}


def every_row() -> Iterator[tuple[str, Row]]:
    for settings in (MADE, RUN):
        for attribute in attributes(settings):
            value = getattr(settings, attribute.name)
            groups = value.values() if isinstance(value, dict) else [value]
            for group in groups:
                if isinstance(group, dict):
                    yield attribute.name, group
                elif isinstance(group, list):
                    yield from ((attribute.name, row) for row in group)


def references(value: Any, key: str = "") -> Iterator[tuple[str, Row]]:
    if isinstance(value, dict):
        if "id" in value:
            yield key, value
        for name, inner in value.items():
            yield from references(inner, name)
    elif isinstance(value, list):
        for inner in value:
            yield from references(inner, key)


REFERENCES = [
    (family, key, ref) for family, row in every_row() for key, ref in references(row) if key
]


def test_references_to_modules() -> None:
    found = [ref for _, key, ref in REFERENCES if key in TO_MODULES]

    assert len(found) > 300
    assert [ref for ref in found if (ref["api_name"], ref["id"]) not in MODULES] == []


def test_references_to_fields() -> None:
    found = [ref for _, key, ref in REFERENCES if key in TO_FIELDS or key == "fields"]

    assert len(found) > 1000
    assert [ref for ref in found if (ref["api_name"], ref["id"]) not in FIELDS] == []


def test_references_to_people() -> None:
    found = [ref["id"] for _, key, ref in REFERENCES if key in TO_USERS]

    assert len(found) > 200
    assert set(found) <= USERS
    profiles = {ref["id"] for _, key, ref in REFERENCES if key == "profiles"}
    assert profiles <= PROFILES
    excluded = {ref["id"] for _, key, ref in REFERENCES if key == "lock_excluded_profiles"}
    assert excluded <= PROFILES


def test_references_to_layouts() -> None:
    found = [ref["id"] for _, key, ref in REFERENCES if key in TO_LAYOUTS]

    assert set(found) <= LAYOUTS
    assert set(MADE.pipelines) | set(MADE.map_dependencies) <= LAYOUTS


def test_fields_know_their_layouts() -> None:
    told = {
        (field["id"], layout["id"])
        for own in SAMPLE.fields.values()
        for field in own
        for layout in field["layout_associations"]
    }
    shown = {
        (field["id"], layout["id"])
        for own in MADE.layouts.values()
        for layout in own
        for section in layout["sections"]
        for field in section["fields"]
    }

    assert told == shown


def test_a_layout_has_fields_of_its_own_module_only() -> None:
    for module, layouts in MADE.layouts.items():
        own = {field["id"] for field in SAMPLE.fields[module]}
        for layout in layouts:
            shown = [field["id"] for section in layout["sections"] for field in section["fields"]]
            assert len(set(shown)) == len(shown)
            assert set(shown) <= own
            mandatory = {
                field["id"]
                for field in SAMPLE.fields[module]
                if field["system_mandatory"] and field["type"] == "used"
            }
            assert mandatory <= set(shown)


def test_every_module_with_a_tab_has_layouts_and_views() -> None:
    tabs = {
        row["api_name"]
        for row in SAMPLE.modules
        if row["api_supported"] and row["show_as_tab"] and row["creatable"]
    }

    assert set(MADE.layouts) == set(MADE.custom_views) == tabs
    assert {row["module"]["api_name"] for row in MADE.data_sharing} == tabs
    assert set(MADE.related_lists) <= tabs
    assert set(MADE.tags) <= tabs


def test_lookups_name_the_related_lists_that_they_make() -> None:
    lists = {
        (parent, row["id"]): row for parent, rows in MADE.related_lists.items() for row in rows
    }
    joined = 0
    for module, own in SAMPLE.fields.items():
        for field in own:
            lookup = field["lookup"]
            row = lists.get((lookup["module"]["api_name"], lookup["id"])) if lookup else None
            if row is not None:
                joined += 1
                assert row["module"]["api_name"] == module
                assert row["api_name"] == lookup["api_name"]
                assert row["connectedlookupApiName"] == field["api_name"]
    assert joined > 40


@pytest.mark.parametrize("settings", [MADE, RUN])
def test_ids_of_rows_are_unique(settings: Any) -> None:
    for attribute in attributes(settings):
        value = getattr(settings, attribute.name)
        if attribute.name in {"pipelines", "unsubscribe_link_associations"}:
            continue
        groups = value.values() if isinstance(value, dict) else [value]
        ids = [
            row["id"] for group in groups if isinstance(group, list) for row in group if "id" in row
        ]
        assert [row for row, count in Counter(ids).items() if count > 1] == [], attribute.name


def test_ids_of_one_kind_are_not_those_of_another() -> None:
    kinds: dict[str, str] = {}
    for family, row in every_row():
        # A pipeline is a value of a picklist, a link's associations are the link's.
        if "id" in row and family not in {"pipelines", "unsubscribe_link_associations"}:
            assert kinds.setdefault(row["id"], family) == family
    taken = {row["id"] for own in SAMPLE.fields.values() for row in own}
    taken |= {row["id"] for row in SAMPLE.modules} | USERS | PROFILES
    assert not taken & set(kinds)


def test_ids_of_sections_and_screens_are_unique() -> None:
    sections = [
        section["id"]
        for own in MADE.layouts.values()
        for layout in own
        for section in layout["sections"]
    ]
    parts = [
        part["id"]
        for wizard in MADE.wizards
        for container in wizard["containers"]
        for screen in container["screens"]
        for part in (screen, *screen["segments"])
    ]

    for ids in (sections, parts):
        assert len(set(ids)) == len(ids)
