"""How values are brought into the shape of their schema, by examples."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import pytest

from tap_zohocrm_modules.definitions import load_schema
from tap_zohocrm_modules.sync.rows.normalize import RowNormalizer
from tap_zohocrm_modules.zoho.records.conversions import TypeMismatchError

ASIDE = "additional_properties"


def normalize(**row: Any) -> dict[str, Any]:
    """The columns that are not null, of a row with an id."""
    record = RowNormalizer(load_schema("modules"), ["id"])({"id": "1", **row})
    return {key: value for key, value in record.items() if value is not None and key != "id"}


@pytest.mark.parametrize(
    ("key", "value", "fitted"),
    [
        ("api_name", "Leads", "Leads"),
        ("api_name", "", ""),
        ("api_name", 5937104000000002173, "5937104000000002173"),
        ("visibility", -1, -1),
        ("visibility", "14316", 14316),
        ("visibility", Decimal("1E+3"), 1000),
        ("visibility", 2**63 - 1, 2**63 - 1),
        ("creatable", False, False),
        ("modified_time", "2025-04-24T10:32:20-07:00", "2025-04-24T17:32:20Z"),
        ("modified_time", "2025-04-24T10:32:20.125+05:30", "2025-04-24T05:02:20.125Z"),
        ("private_profile", {"id": "1", "name": "a"}, [{"id": "1", "name": "a"}]),
        ("private_profile", [], []),
        ("profiles", [{"id": 7}], [{"id": "7"}]),
        ("parent_module", {}, {}),
        ("business_card_fields", ["a", {"b": 1}], '["a",{"b":1}]'),
        ("display_field", "Last_Name", '"Last_Name"'),
        ("search_layout_fields", ["a", "b"], ["a", "b"]),
    ],
)
def test_a_value_that_fits_is_in_its_column_only(key: str, value: object, fitted: object) -> None:
    record = normalize(**{key: value})
    assert record == {key: fitted}
    assert type(record[key]) is type(fitted)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("api_name", {"name": "Leads"}),
        ("api_name", ["Leads"]),
        ("visibility", "many"),
        ("visibility", "007"),
        ("visibility", Decimal("1.5")),
        ("visibility", 2**63),
        ("visibility", True),
        ("creatable", "true"),
        ("creatable", 1),
        ("modified_time", "2025-04-24T10:32:20"),
        ("modified_time", "2025-04-24"),
        ("modified_time", "2025-02-30T00:00:00Z"),
        ("modified_time", 1745515940),
        ("modified_time", True),
        ("modified_time", ["2025-04-24T10:32:20Z"]),
        ("profiles", "all"),
        ("profiles", [{"id": "1"}, None]),
        ("profiles", ["Administrator"]),
        ("parent_module", "Deals"),
        ("parent_module", []),
    ],
)
def test_a_value_of_another_kind_is_aside_only(key: str, value: object) -> None:
    assert normalize(**{key: value}) == {ASIDE: {key: value}}


def test_unknown_keys_are_aside_at_every_depth_in_their_own_nesting() -> None:
    record = normalize(
        brand_new={"a": None},
        modified_by={"id": "1", "name": "Ada", "zuid": 5},
        profiles=[{"id": "1"}, {"id": "2", "type": "x"}],
        custom_view={"id": "1", "sort_by": {"id": "2", "order": "asc"}},
    )
    assert record[ASIDE] == {
        "brand_new": {"a": None},
        "modified_by": {"zuid": 5},
        "profiles": [None, {"type": "x"}],
        "custom_view": {"sort_by": {"order": "asc"}},
    }
    assert record["modified_by"] == {"id": "1", "name": "Ada"}
    assert record["profiles"] == [{"id": "1"}, {"id": "2"}]


def test_a_key_named_like_the_column_for_unknown_keys_is_one_of_them() -> None:
    assert normalize(additional_properties={"a": 1}) == {ASIDE: {ASIDE: {"a": 1}}}


def test_names_of_extras_are_collected_over_all_rows() -> None:
    normalizer = RowNormalizer(load_schema("modules"), ["id"])
    normalizer({"id": "1", "new": 1, "profiles": [{"x": 1}]})
    normalizer({"id": "2", "modified_by": {"y": 1}, "visible": "no"})
    assert normalizer.extras == {"new", "profiles[].x", "modified_by.y", "visible"}


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = {"a": [value]}
    return value


def test_what_is_nested_is_kept_unless_it_is_deeper_than_the_sdk_can_follow() -> None:
    assert normalize(new=nested(45)) == {ASIDE: {"new": nested(45)}}
    for levels in (60, 5000):
        with pytest.raises(TypeMismatchError, match="nested too deep"):
            normalize(new=nested(levels))
    with pytest.raises(TypeMismatchError, match="nested too deep"):
        normalize(display_field=nested(100_000))


def test_nothing_aside_is_null() -> None:
    record = RowNormalizer(load_schema("modules"), ["id"])({"id": "1"})
    assert record[ASIDE] is None
    assert set(record.values()) == {"1", None}
