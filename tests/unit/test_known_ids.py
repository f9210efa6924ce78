"""The ids that a destination may have: small in STATE, forgotten when the record is gone."""

from __future__ import annotations

from array import array
from typing import Any

import pytest

from tap_zohocrm_modules.sync.deletions.ids import KnownIds, most_kept, pack, records_worth, unpack
from tap_zohocrm_modules.sync.state import ModuleState, StateError
from tap_zohocrm_modules.sync.state_part import StatePart
from tap_zohocrm_modules.zoho.records.id_set import IdSet, id_numbers, in_order
from tap_zohocrm_modules.zoho.records.model import DELETED_AT, ID
from tap_zohocrm_modules.zoho.records.records import Rows

# As Zoho numbers records: far apart, in no order.
FAR_APART = [str(5_937_104_000_000_000_000 + 997 * (number * 7 % 1_000)) for number in range(1_000)]


def rows(*ids: str, **more: Any) -> Rows:
    return Rows({ID: record_id, **more} for record_id in ids)


def ids_of(*ids: str) -> IdSet:
    return IdSet(sorted(id_numbers(ids)))


def texts(ids: IdSet | None) -> set[str]:
    assert ids is not None
    return ids.without(IdSet())


def kept_by(known: KnownIds) -> set[str]:
    packed = known.packed()
    assert packed is not None
    return texts(unpack(packed))


@pytest.mark.parametrize("ids", [set(), {"0"}, {"1", "2"}, {str(2**64 - 1)}, set(FAR_APART)])
def test_ids_come_back_as_they_were(ids: set[str]) -> None:
    assert texts(unpack(pack(ids_of(*ids)))) == ids


def test_ids_take_about_two_bytes_each() -> None:
    assert len(pack(ids_of(*FAR_APART))) < 2 * len(FAR_APART)


@pytest.mark.parametrize("text", ["", "x", "é", pack(ids_of("1"))[:-4], f"{pack(ids_of('1'))}.x"])
def test_what_is_no_list_of_ids_is_an_error_that_names_the_remedy(text: str) -> None:
    with pytest.raises(StateError, match="remove the stream's part"):
        _ = KnownIds(text, None).ids


def test_ids_that_are_added_leave_what_is_packed_as_it_is() -> None:
    known = KnownIds(pack(ids_of(*FAR_APART)), None)
    assert known.add(rows("1", "2").existing())
    assert not known.add(rows(FAR_APART[0]).existing())
    packed = known.packed()
    assert packed is not None
    assert packed.startswith(pack(ids_of(*FAR_APART)))
    assert texts(unpack(packed)) == {*FAR_APART, "1", "2"}
    # The next run makes one list of both.
    again = KnownIds(packed, None)
    assert texts(again.ids) == {*FAR_APART, "1", "2"}
    assert again.packed() == pack(ids_of(*FAR_APART, "1", "2"))


def test_only_a_tombstone_that_was_emitted_removes_an_id() -> None:
    known = KnownIds(pack(ids_of("1", "2")), None)
    tombstone = rows("1", **{DELETED_AT: "2026-01-01T00:00:00Z"})
    assert not known.add(tombstone.existing())
    assert kept_by(known) == {"1", "2"}
    known.remove(tombstone.tombstones())
    assert kept_by(known) == {"2"}


def test_a_read_of_everything_keeps_the_ids_of_the_reads_before_it() -> None:
    known = KnownIds(pack(ids_of("1", "2")), None)
    known.begin()
    known.add(rows("2", "3").existing())
    assert texts(known.seen) == {"2", "3"}
    assert kept_by(known) == {"1", "2", "3"}


def test_a_read_that_replaces_what_is_there_forgets_the_ids_of_the_reads_before_it() -> None:
    known = KnownIds(pack(ids_of("1", "2")), None, pack(ids_of("1")))
    known.begin(replaces=True)
    known.add(rows("2", "3").existing())
    assert kept_by(known) == {"2", "3"}
    assert known.packed_unsettled() is None


def test_more_ids_than_state_may_have_are_not_known_any_more() -> None:
    known = KnownIds(None, len(pack(ids_of("1", "2"))))
    known.begin()
    known.add(rows("1", "2").existing())
    assert known.packed() is not None
    known.add(rows("3").existing())
    assert known.packed() is None
    assert known.ids is None
    known.add(rows("3", "4").existing())
    # They are counted all the same.
    assert known.emitted(0, 0) == 4


def test_a_module_may_have_as_many_ids_in_state_as_the_others_leave() -> None:
    state = {"bookmarks": {"A": {"ids": "x" * 900_000}, "B": {"ids": "y" * 100}, "C": {}}}

    def left_for(stream: str) -> int:
        part = StatePart(state, stream, ModuleState)
        return most_kept(part.size_of_ids(with_own=False))

    assert left_for("B") == 2_100_000
    assert left_for("A") == 2_999_900
    state["bookmarks"]["A"]["ids"] *= 10
    assert left_for("B") == 40_000


def test_the_more_ids_state_has_the_fewer_times_it_is_written() -> None:
    def apart(state: dict[str, Any]) -> int:
        return records_worth(StatePart(state, "A", ModuleState).size_of_ids(with_own=True))

    assert apart({}) == 0
    assert apart({"bookmarks": {"A": {"ids": "x" * 1_000_000}}}) == 20_000


@pytest.mark.parametrize("record_id", ["007", "x", "-1", "", "٣", str(2**64)])
def test_an_id_that_is_no_number_leaves_no_ids_known(record_id: str) -> None:
    known = KnownIds(None, None)
    known.begin()
    known.add(rows(record_id).existing())
    assert known.packed() is None


@pytest.mark.parametrize(
    "ids",
    [[], [3], [1, 2, 3, 4, 5], [2, 1, 4, 3, 5], [1, 1, 2, 2, 3], [1, 2, 2, 3, 3], [5, 4, 1, 2, 1]],
)
def test_ids_are_put_in_order_each_once(ids: list[int]) -> None:
    assert [*in_order(array("Q", ids), 2)] == sorted({*ids})
