"""Two sides are compared by blocks as id by id, whatever the blocks are and the columns' types."""

from __future__ import annotations

import itertools
from array import array
from collections import Counter
from collections.abc import Iterator
from datetime import datetime, timezone
from random import Random
from typing import Any

import pyarrow as pa
import pytest

from tap_zohocrm_modules.verify.arrow_columns import ArrowColumns
from tap_zohocrm_modules.verify.columns import ListedColumns
from tap_zohocrm_modules.verify.draw import Draw
from tap_zohocrm_modules.verify.errors import IncomparableError
from tap_zohocrm_modules.verify.instants import rfc3339_of, stamp_of
from tap_zohocrm_modules.verify.loaded_table import GONE, last_of_each
from tap_zohocrm_modules.verify.side_by_side import side_by_side
from tap_zohocrm_modules.verify.sorted_runs import Block, SortedRuns

Pairs = list[tuple[int, int]]
SEEDS = range(12)


def columns(rows: Pairs) -> Block:
    return tuple(array("Q", column) for column in zip(*rows, strict=True))


def sorted_blocks(source: Random, rows: Pairs) -> Iterator[Block]:
    """Rows in the order of their ids, as they come out after they were added in parts."""
    with SortedRuns(2, source.randint(1, 400), source.randint(1, 40)) as runs:
        begin = 0
        while begin < len(rows):
            some = rows[begin : begin + source.randint(1, 300)]
            begin += len(some)
            runs.add(columns(some))
        found = [*runs.blocks()]
        # Twice, for both sides may be read again.
        assert [*runs.blocks()] == found
    return iter(found)


def some_rows(source: Random) -> Pairs:
    """Few ids, so that some fill more than a block, or many; in order up to somewhere, or not."""
    most = source.choice((3, 50, 10**19))
    rows = [(source.randint(0, most), source.randint(0, 3)) for _ in range(source.randint(0, 999))]
    ordered = source.randint(0, len(rows))
    return [*sorted(rows[:ordered]), *rows[ordered:]]


@pytest.mark.parametrize("seed", SEEDS)
def test_any_number_of_rows_is_sorted(seed: int) -> None:
    source = Random(seed)
    rows = some_rows(source)
    blocks = [[*zip(*block, strict=True)] for block in sorted_blocks(source, rows)]
    assert [*itertools.chain(*blocks)] == sorted(rows)
    for block, after in itertools.pairwise(blocks):
        assert block[-1][0] < after[0][0], "rows of one id are in two blocks"


@pytest.mark.parametrize("seed", SEEDS)
def test_both_sides_have_all_of_an_id_beside_each_other(seed: int) -> None:
    source = Random(seed)
    zoho = some_rows(source)
    rows = [*zoho[: source.randint(0, len(zoho))], *some_rows(source)]
    found = []
    for one in side_by_side(sorted_blocks(source, zoho), sorted_blocks(source, rows)):
        each = [*one.one_by_one()]
        found += each
        assert one.are_equal(but_for_stamps=False) == all(s == [r] for _, r, s in each)
        assert one.are_equal(but_for_stamps=True) == all(
            r is not None and len(s) == 1 for _, r, s in each
        ) or any(n > 1 for n in Counter(one.zoho[0]).values())
    wanted = {number for number, _ in (*zoho, *rows)}
    last = dict(sorted(zoho))
    stamps: dict[int, list[int]] = {number: [] for number in wanted}
    for number, stamp in sorted(rows):
        stamps[number].append(stamp)
    assert found == [(number, last.get(number), stamps[number]) for number in sorted(wanted)]


def test_of_one_id_the_row_that_was_written_last_counts() -> None:
    rows: Block = tuple(
        array("Q", one)
        for one in ([1, 2, 2, 3, 3], [5, 1, 1, 1, 2], [0, 1, 2, 4, 3], [9, 7, 8, 7, GONE])
    )
    assert last_of_each(rows) == (array("Q", [1, 2]), array("Q", [9, 8]))


MOMENT = datetime(2026, 2, 28, 23, 30, 0, 999_999, tzinfo=timezone.utc)
TEXT = "2026-02-28T23:30:00Z"
IDS: list[list[Any]] = [
    ["5937104108000000035", "1"],
    ["0", "01", "0x1F", " 1", "+1", "1.0", "", "1" * 20, str(2**64), "\u0661"],
    ["1", None],
    [1, 2**63 - 1],
    [-1, 5],
]
TIMES: list[tuple[list[Any], Any]] = [
    ([TEXT, None, TEXT], pa.string()),
    (["2026-03-01T01:30:00+02:00", "2026-02-28 23:30:00", "2026-02-28", "", TEXT], pa.string()),
    ([MOMENT, None], pa.timestamp("us", "UTC")),
    ([MOMENT, None], pa.timestamp("us", "Asia/Kolkata")),
    ([MOMENT.replace(tzinfo=None)], pa.timestamp("us")),
    ([MOMENT.replace(year=1969), MOMENT.replace(year=1)], pa.timestamp("us", "UTC")),
    ([MOMENT.date(), None], pa.date32()),
    ([None, None], pa.null()),
]


@pytest.mark.parametrize("values", IDS, ids=str)
def test_ids_of_arrow_are_those_of_python(values: list[Any]) -> None:
    found = ArrowColumns([pa.array(["x", *values, "x"][1:-1])], len(values)).ids(0)
    assert [*found] == [*ListedColumns([values]).ids(0)]


@pytest.mark.parametrize(("values", "kind"), TIMES, ids=str)
def test_times_of_arrow_are_those_of_python(values: list[Any], kind: Any) -> None:
    column = pa.array([values[-1], *values], kind).slice(1)
    found = ArrowColumns([column, None], len(values))
    listed = ListedColumns([values])
    assert found.stamps(0) == listed.stamps(0)
    assert found.micros(0) == listed.micros(0)
    assert found.stamps(1) == array("Q", [0] * len(values))
    assert found.nulls(1) is None


def test_what_is_not_a_time_is_refused() -> None:
    with pytest.raises(IncomparableError, match="tomorrow"):
        ArrowColumns([pa.array([TEXT, "tomorrow"])], 2).stamps(0)


def test_a_stamp_is_an_instant() -> None:
    assert rfc3339_of(stamp_of(TEXT)) == TEXT
    assert rfc3339_of(stamp_of("2026-03-01T01:30:00.5+02:00")) == TEXT
    assert rfc3339_of(stamp_of(None)) is None
    # The least there is, which is not null.
    assert rfc3339_of(stamp_of("0001-01-01T00:00:00Z")) == "0001-01-01T00:00:00Z"


@pytest.mark.parametrize("most", [0, 1, 7, 40, 500])
def test_every_id_has_the_same_chance(most: int) -> None:
    count, rounds = 40, 3_000
    drawn: Counter[int] = Counter()
    for _ in range(rounds):
        draw = Draw(most)
        for begin in range(0, count, 9):
            draw.consider(range(begin, min(begin + 9, count)))
        assert len({*draw.ids}) == len(draw.ids) == min(most, count)
        drawn.update(draw.ids)
    share = min(most, count) / count
    # Six standard deviations.
    width = 6 * (rounds * share * (1 - share)) ** 0.5
    assert all(abs(drawn[number] - rounds * share) <= width for number in range(count))
