"""Several values in one cell of an export are the values that Zoho lists, or read otherwise."""

from __future__ import annotations

import pytest
from typing_extensions import override

from tap_zohocrm_modules.zoho.records.conversions import AmbiguousValueError
from tap_zohocrm_modules.zoho.records.field_types import (
    CHOICES,
    TAGS,
)

NONE: frozenset[str] = frozenset()


@pytest.mark.parametrize(
    ("cell", "choices", "value"),
    [
        ("a", {"a", "b"}, ["a"]),
        ("a;b", {"a", "b"}, ["a", "b"]),
        ("a,b", {"a", "b"}, ["a", "b"]),
        ("a,b", {"a,b", "c"}, ["a,b"]),
        ("c,a,b", {"a,b", "c"}, ["c", "a,b"]),
        ("unlisted", {"a"}, ["unlisted"]),
    ],
)
def test_choices_in_one_cell_are_split_by_the_picklist(
    cell: str, choices: set[str], value: list[str]
) -> None:
    assert CHOICES.cell_converter(lambda: frozenset(choices))(cell) == value


@pytest.mark.parametrize(
    ("cell", "choices"), [("a,b", {"a", "b", "a,b"}), ("a,x", {"a"}), ("x;y", NONE)]
)
def test_choices_that_cannot_be_split_are_read_otherwise(cell: str, choices: set[str]) -> None:
    with pytest.raises(AmbiguousValueError):
        CHOICES.cell_converter(lambda: frozenset(choices))(cell)


@pytest.mark.parametrize(
    ("cell", "tags", "value"),
    [
        ("hot, urgent", {"hot, urgent", "cold"}, ["hot, urgent"]),
        ("hot,cold", {"hot", "cold"}, ["hot", "cold"]),
        ("hot", set(), ["hot"]),
    ],
)
def test_a_tag_with_a_comma_stays_whole(cell: str, tags: set[str], value: list[str]) -> None:
    assert TAGS.cell_converter(lambda: frozenset(tags))(cell) == value


@pytest.mark.parametrize("tags", [set(), {"hot"}, {"hot", "cold", "hot,cold"}])
def test_tags_that_a_cell_cannot_decide_are_read_otherwise(tags: set[str]) -> None:
    with pytest.raises(AmbiguousValueError):
        TAGS.cell_converter(lambda: frozenset(tags))("hot,cold")


def test_a_cell_of_many_values_is_compared_once_for_each() -> None:
    class Counting(frozenset[str]):
        asked = 0

        @override
        def __contains__(self, value: object) -> bool:
            Counting.asked += 1
            return super().__contains__(value)

    values = [f"value {number}" for number in range(2_000)]
    known = Counting(values)
    assert CHOICES.cell_converter(lambda: known)(";".join(values)) == values
    assert Counting.asked <= 3 * len(values)
