"""What the suite does not draw yet, and why."""

from __future__ import annotations

import pytest

from simulation.draws import DEFAULT, DRAWS, Drawn
from simulation.scenario import simulate

OPEN = sorted(DRAWS.keys() - DEFAULT)


@pytest.mark.nightly
@pytest.mark.parametrize("name", OPEN)
def test_a_gap_is_called_open_as_long_as_its_seed_diverges(name: str) -> None:
    draw = DRAWS[name]
    assert draw.open_seed is not None
    assert simulate(draw.open_seed, {name, *draw.along}).divergences != []


@pytest.mark.nightly
@pytest.mark.timeout(300)
@pytest.mark.parametrize("name", sorted(DEFAULT))
def test_what_a_mended_gap_was_found_by_finds_nothing_any_more(name: str) -> None:
    outcomes = [simulate(seed, {name}) for seed in range(1, 21)]
    assert {one.seed: one.divergences for one in outcomes if one.divergences} == {}


def test_one_draw_alone_is_drawn_in_each_seed_and_leaves_the_usual_ones_as_they_are() -> None:
    assert all(Drawn(seed, {"intervals"}).of("intervals") for seed in range(20))
    several = [Drawn(seed, DRAWS).of("intervals") for seed in range(20)]
    assert None in several
    assert any(several)


def test_a_seed_of_the_widest_world_goes_the_same_way_each_time() -> None:
    assert simulate(9, DRAWS) == simulate(9, DRAWS)
