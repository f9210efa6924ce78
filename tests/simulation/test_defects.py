"""Each defect that is put into the tap by hand is found within 500 seeds."""

from __future__ import annotations

from collections.abc import Collection, Mapping

import pytest

from simulation.defects import DEFECTS
from simulation.draws import DEFAULT
from simulation.scenario import simulate

# Which of the first 500 seeds finds it: the lowest that is known.
FOUND_BY: Mapping[str, int] = {
    "cutoff without lag": 1,
    "keyset without id": 6,
    "tombstones dropped": 3,
    "bookmark before its page": 40,
    "refused token kept": 9,
    "new columns not filled": 4,
    "vanished columns nulled": 19,
    "exports not checked": 88,
    "failure taken for an end": 22,
    "types of columns forgotten": 169,
    "nothing looked back for": 46,
    "deletions of before STATE forgotten": 82,
    "columns move with their twins": 67,
    "deletions passed in silence": 82,
    "checkpoint of any selection": 80,
    "sweep believes one listing": 292,
    "texts cut by characters": 7,
    "absence taken for a deletion": 6,
    "records without a time once": 161,
    "first reads not counted": 93,
    "second reads not counted": 160,
    "a field's refusal is the module's": 247,
    "moving lists believed": 8,
}


# Which seed finds it by one draw alone, where all draws together hide it in the first 500.
FOUND_ALONE: Mapping[str, tuple[str, int]] = {
    "restored record ignored": ("restores", 38),
    "pages ahead believed": ("calls-under-way", 47),
}


def finds(name: str, seed: int, draws: Collection[str] = DEFAULT) -> bool:
    """Whether a seed diverges by a defect, and not without it."""
    with DEFECTS[name].put_in():
        diverges = bool(simulate(seed, draws).divergences)
    return diverges and not simulate(seed, draws).divergences


@pytest.mark.thorough
@pytest.mark.parametrize("name", DEFECTS)
def test_a_seed_finds_a_defect(name: str) -> None:
    """Where it does so no more, look for another, and then ask what guards the tap besides."""
    if name in FOUND_BY:
        assert FOUND_BY[name] <= 500
        assert finds(name, FOUND_BY[name])
    else:
        draw, seed = FOUND_ALONE[name]
        assert finds(name, seed, (draw,))
