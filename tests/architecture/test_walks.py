"""A value comes through few files, and seldom back to one where it has been."""

from __future__ import annotations

import pytest

from architecture.house import HOUSE
from benchmarks.walks import Walk, follow, returns, same_id

pytestmark = pytest.mark.thorough


@pytest.mark.parametrize("trip", HOUSE["walks"])
def test_no_walk_has_become_longer(trip: str) -> None:
    stays = follow(trip).stays()
    assert stays
    most = HOUSE["walks"][trip]
    assert (len(stays) <= most["stays"], returns(stays) <= most["returns"]) == (True, True), stays


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
