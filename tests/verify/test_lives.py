"""What goes on in Zoho, and in the pipeline, while a warehouse is verified is no fault."""

from __future__ import annotations

import pytest

from verify.lives import Life


@pytest.mark.parametrize(
    "seeds", [range(1, 11), pytest.param(range(11, 201), marks=pytest.mark.thorough)], ids=str
)
@pytest.mark.timeout(900)
def test_lives_that_go_on(seeds: range) -> None:
    wrong = {}
    for seed in seeds:
        life = Life(seed)
        if found := life.play():
            wrong[seed] = (found, life.trace[-30:])
    assert wrong == {}
