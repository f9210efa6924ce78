"""Each defect that is put into the tap by hand is found within 500 seeds."""

from __future__ import annotations

import pytest

from simulation.defects import DEFECTS
from simulation.scenario import simulate


@pytest.mark.nightly
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("name", DEFECTS)
def test_a_defect_is_found(name: str) -> None:
    with DEFECTS[name].put_in():
        assert any(simulate(seed).divergences for seed in range(1, 501))
