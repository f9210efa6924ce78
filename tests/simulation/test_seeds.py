"""Seeds of the simulation end equal to the truth, and go the same way each time."""

from __future__ import annotations

import pytest
from support.cases import sample

from simulation.scenario import simulate


@pytest.mark.timeout(300)
@pytest.mark.parametrize("first", sample(range(1, 41, 10), 1))
def test_the_destination_ends_equal_to_the_organisation(first: int) -> None:
    outcomes = map(simulate, range(first, first + 10))
    assert {one.seed: one.divergences for one in outcomes if one.divergences} == {}


@pytest.mark.nightly
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", range(41, 201, 20))
def test_more_seeds_do_so_too(first: int) -> None:
    outcomes = map(simulate, range(first, first + 20))
    assert {one.seed: one.divergences for one in outcomes if one.divergences} == {}


@pytest.mark.thorough
@pytest.mark.parametrize("seed", [1133, 5252, 15676])
def test_a_first_read_ends_whatever_changed_since_an_earlier_run_listed_it(seed: int) -> None:
    assert simulate(seed).divergences == []


def test_what_a_killed_run_may_have_emitted_is_known_to_be_due_until_its_read_ends() -> None:
    """Records without a time, which come behind the changes that the next run resumes."""
    assert simulate(9483).divergences == []


def test_a_seed_goes_the_same_way_each_time() -> None:
    assert simulate(7) == simulate(7)
