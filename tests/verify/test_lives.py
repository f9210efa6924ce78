"""What goes on in Zoho, and in the pipeline, while a warehouse is verified is not a fault."""

from __future__ import annotations

import pytest

from verify.lives import Life

FEW, MANY = range(1, 4), [range(begin, min(begin + 40, 201)) for begin in range(4, 201, 40)]


@pytest.mark.parametrize(
    "seeds", [FEW, *(pytest.param(some, marks=pytest.mark.nightly) for some in MANY)], ids=str
)
@pytest.mark.timeout(900)
def test_lives_that_go_on(seeds: range) -> None:
    wrong = {}
    for seed in seeds:
        life = Life(seed)
        if found := life.play():
            wrong[seed] = (found, life.trace[-30:])
    assert wrong == {}
