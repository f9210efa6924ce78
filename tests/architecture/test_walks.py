"""A value comes through few files, and seldom back to one where it has been."""

from __future__ import annotations

import pytest

from architecture.house import HOUSE
from benchmarks.walks import Stay, Walk, follow, returns, same_id

pytestmark = pytest.mark.thorough
TRIES = 4


@pytest.mark.parametrize("trip", HOUSE["walks"])
def test_no_walk_has_become_longer(trip: str) -> None:
    most = HOUSE["walks"][trip]
    # Threads that read ahead may have the value before the walk is over, or not: what the code
    # needs is the shortest of a few.
    longer: list[list[Stay]] = []
    while len(longer) < TRIES:
        stays = follow(trip).stays()
        assert stays
        if len(stays) <= most["stays"] and returns(stays) <= most["returns"]:
            return
        longer.append(stays)
    pytest.fail(f"{longer[-1]}")


def test_a_value_that_comes_back_is_found() -> None:
    walk = Walk(same_id("7"))
    walk.note("main", "a.py", "f")
    walk.note("main", "a.py", "g")
    walk.note("main", "b.py", "h")
    walk.note("other", "a.py", "f")
    walk.note("main", "a.py", "f")
    assert [(stay.file, stay.is_return) for stay in walk.stays()] == [
        ("a.py", False),
        ("b.py", False),
        ("a.py", True),
        ("a.py", False),
    ]
