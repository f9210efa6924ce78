"""The emitted ids that a listing has met, as STATE has them."""

from __future__ import annotations

from array import array
from random import Random

import pytest

from tap_zohocrm_modules.sync.deletions.met import MetIds
from tap_zohocrm_modules.sync.state import StateError
from tap_zohocrm_modules.zoho.records.id_set import IdSet

FIRST = 5_725_767_000_000_000_000


@pytest.mark.parametrize("seed", range(20))
@pytest.mark.parametrize("is_in_order", [True, False])
def test_what_has_been_met_is_known_in_the_next_run(seed: int, *, is_in_order: bool) -> None:
    random = Random(seed)
    ids = sorted({FIRST + random.randrange(3_000) for _ in range(800)})
    there = [one for one in ids if random.random() < 0.9]
    listed = [*there, *(FIRST + 5_000 + n for n in range(50))]
    if not is_in_order:
        random.shuffle(listed)
    packed, begin = None, 0
    while begin < len(listed):
        met, end = MetIds(packed, "Tasks"), begin + random.randrange(1, 400)
        met.add(array("Q", listed[begin:end]))
        seen = {*listed[:end]}
        assert [*met.lacks(IdSet(ids))] == [one for one in ids if one not in seen]
        packed, begin = met.packed(IdSet(ids), is_listed=False), end
    # What has been emitted and taken out meanwhile changes nothing.
    gone = {*random.sample(ids, 100)}
    later = [one for one in ids if one not in gone]
    assert [*MetIds(packed, "Tasks").lacks(IdSet(later))] == [
        one for one in later if one not in {*there}
    ]


def test_a_listing_in_order_takes_little() -> None:
    ids = IdSet(range(FIRST, FIRST + 300_000, 3))
    met = MetIds(None, "Tasks")
    met.add(array("Q", range(FIRST, FIRST + 200_000, 3)))
    packed = met.packed(ids, is_listed=False)
    assert len(packed) < 100


@pytest.mark.parametrize("is_listed", [True, False])
def test_what_was_met_counts_as_met_once_it_is_emitted(*, is_listed: bool) -> None:
    met = MetIds(None, "Tasks")
    met.add(array("Q", [FIRST + 1, FIRST + 3, FIRST + 7]))
    packed = met.packed(IdSet([FIRST, FIRST + 1, FIRST + 2, FIRST + 5]), is_listed=is_listed)
    emitted = IdSet(range(FIRST, FIRST + 8))
    assert {*MetIds(packed, "Tasks").lacks(emitted)} & {FIRST + 1, FIRST + 3, FIRST + 7} == set()


def test_what_is_emitted_once_all_ids_are_listed_is_not_called_missing() -> None:
    first = MetIds(None, "Tasks")
    first.add(array("Q", [FIRST + 4]))
    packed = first.packed(IdSet([FIRST + 2, FIRST + 4, FIRST + 8]), is_listed=True)
    again = MetIds(packed, "Tasks")
    later = IdSet([FIRST, FIRST + 2, FIRST + 4, FIRST + 6, FIRST + 8, FIRST + 20])
    assert [*again.lacks(later)] == [FIRST + 2, FIRST + 8]
    # And so it stays, whatever becomes of those that were missing.
    packed = again.packed(later, is_listed=True)
    assert [*MetIds(packed, "Tasks").lacks(IdSet([FIRST, FIRST + 8, FIRST + 30]))] == [FIRST + 8]


def test_what_is_no_packed_set_is_refused_by_name() -> None:
    with pytest.raises(StateError, match=r"bookmarks\.Tasks\.sweep"):
        MetIds("no", "Tasks")
