"""Lives of children of records end equal to the truth, and go the same way each time."""

from __future__ import annotations

import pytest

from simulation.child_life import simulate_children


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_the_tables_of_children_end_equal_to_the_organisation() -> None:
    outcomes = map(simulate_children, range(1, 7))
    assert {one.seed: one.divergences for one in outcomes if one.divergences} == {}


@pytest.mark.thorough
def test_a_record_that_lists_show_later_than_counts_is_no_missing_one() -> None:
    assert not simulate_children(1608).divergences


@pytest.mark.nightly
@pytest.mark.timeout(900)
@pytest.mark.parametrize("first", range(13, 413, 50))
def test_more_lives_do_so_too(first: int) -> None:
    outcomes = map(simulate_children, range(first, first + 50))
    assert {one.seed: one.divergences for one in outcomes if one.divergences} == {}


@pytest.mark.thorough
def test_a_life_goes_the_same_way_each_time() -> None:
    assert simulate_children(7) == simulate_children(7)
