"""The order of the sample organisation's lists, and what their pages have in common."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st
from support.sample import awkward_sample

from zohocrm_demo import Organisation
from zohocrm_demo.organisation.records.spot import Placement
from zohocrm_demo.organisation.records.table import By, sort_key
from zohocrm_demo.organisation.records.times import (
    LOS_ANGELES,
    instant,
    read_instant,
    seconds,
    written,
)

from .conftest import a_clock


@pytest.fixture(scope="module")
def sample() -> Organisation:
    return awkward_sample()


@given(
    count=st.integers(0, 60), crowd=st.integers(0, 20), unstamped=st.integers(0, 5), data=st.data()
)
def test_orders_are_whole_and_right(
    count: int, crowd: int, unstamped: int, data: st.DataObject
) -> None:
    crowd, unstamped = min(crowd, count // 2), min(unstamped, count // 4)
    placement = Placement(count, 5_000, crowd, unstamped)
    rows = range(count)
    stamps = {row: placement.modified(row) for row in rows}
    ordered = sorted(rows, key=lambda row: (stamps[row] or -1, row))

    assert list(placement.by_change(0, count)) == ordered
    assert list(placement.by_change(0, count, descending=True)) == ordered[::-1]
    assert sum(stamp is None for stamp in stamps.values()) == unstamped
    times = sorted(stamp for stamp in stamps.values() if stamp is not None)
    since = data.draw(st.sampled_from([*times, 0, 2_000_000_000])) + data.draw(st.integers(-1, 1))
    first = placement.first_rank(since)
    assert first == unstamped + sum(stamp < since for stamp in times)
    for row in rows:
        assert placement.row_of(placement.id_of(row)) == row
        assert placement.row_of(placement.id_of(row) + 1) is None
        assert placement.first_row_from(placement.id_of(row)) == row
        assert placement.first_row_from(placement.id_of(row) + 1) == row + 1
    assert placement.first_row_from(0) == 0


@given(st.integers(-3_000_000_000, 8_000_000_000))
def test_date_times_are_written_and_read(stamp: int) -> None:
    india = timezone(timedelta(hours=5, minutes=30))
    for zone in (timezone.utc, LOS_ANGELES, india):
        text = written(stamp, zone)
        assert read_instant(text) == stamp
        assert text == instant(stamp).astimezone(zone).isoformat(timespec="seconds")


@pytest.mark.parametrize(
    ("stamp", "text"),
    [
        ("2025-03-09T09:59:59", "2025-03-09T01:59:59-08:00"),
        ("2025-03-09T10:00:00", "2025-03-09T03:00:00-07:00"),
        ("2025-11-02T08:30:00", "2025-11-02T01:30:00-07:00"),
        ("2025-11-02T09:30:00", "2025-11-02T01:30:00-08:00"),
    ],
)
def test_daylight_saving(stamp: str, text: str) -> None:
    moment = datetime.fromisoformat(stamp).replace(tzinfo=timezone.utc)

    assert written(seconds(moment), LOS_ANGELES) == text
    assert moment.astimezone(LOS_ANGELES).astimezone(timezone.utc) == moment


@given(data=st.data())
def test_orders_stay_right_whatever_happens(sample: Organisation, data: st.DataObject) -> None:
    records = sample.records
    records.resize("Ideas", 30, crowd=6, unstamped=2)
    clock = a_clock()
    records.clock = clock
    ids = [row["id"] for row in records.read("Ideas")]
    bin_: list[str] = []
    for step in data.draw(st.lists(st.sampled_from("iudrt"), max_size=12)):
        if step == "i":
            ids.append(records.insert("Ideas", {"Name": "new"}))
        elif step == "u" and ids:
            records.update("Ideas", data.draw(st.sampled_from(ids)), {"Name": "changed"})
        elif step == "d" and ids:
            gone = data.draw(st.sampled_from(ids))
            ids.remove(gone)
            bin_.append(gone)
            records.delete("Ideas", gone)
        elif step == "r" and bin_:
            back = bin_.pop()
            ids.append(back)
            records.restore("Ideas", back)
        elif step == "t":
            clock.advance(0.4)
    truth = list(records.scan("Ideas"))
    assert [str(record.id) for record in truth] == sorted(ids, key=int)
    bys: tuple[By, ...] = ("id", "Created_Time", "Modified_Time")
    for by in bys:
        keys = [sort_key(record, by) for record in records.scan("Ideas", by)]
        assert len(keys) == len(ids) == records.count("Ideas")
        assert all(one < other for one, other in pairwise(keys))
        down = [sort_key(record, by) for record in records.scan("Ideas", by, descending=True)]
        assert down == keys[::-1]
