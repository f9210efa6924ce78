"""What programs keep by `read()` ends equal to the organisation and to Arrow files."""

from __future__ import annotations

import pytest

from simulation.reader_life import simulate_readers


def test_tables_kept_by_read_end_equal_to_the_organisation() -> None:
    assert simulate_readers(3).divergences == []


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("first", [4, 14])
def test_more_lives_do_so_too(first: int) -> None:
    outcomes = map(simulate_readers, range(first, first + 10))
    assert {one.seed: one.divergences for one in outcomes if one.divergences} == {}


@pytest.mark.nightly
@pytest.mark.timeout(1200)
@pytest.mark.parametrize("first", range(24, 224, 50))
def test_many_lives_do_so(first: int) -> None:
    outcomes = map(simulate_readers, range(first, first + 50))
    assert {one.seed: one.divergences for one in outcomes if one.divergences} == {}


@pytest.mark.thorough
def test_a_life_goes_the_same_way_each_time() -> None:
    assert simulate_readers(5) == simulate_readers(5)
