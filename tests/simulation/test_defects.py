"""Each defect that is put into the tap by hand is found within 500 seeds."""

from __future__ import annotations

import pytest

from simulation.defects import DEFECTS
from simulation.scenario import simulate


def finds(name: str, seed: int) -> bool:
    """Whether a seed diverges by a defect, and not without it."""
    with DEFECTS[name].put_in():
        diverges = bool(simulate(seed).divergences)
    return diverges and not simulate(seed).divergences


@pytest.mark.nightly
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(name: str) -> None:
    assert any(finds(name, seed) for seed in range(1, 501))
