"""How the workers' DAG keeps STATE: never ahead of the data, and nothing whole is lost."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path
from random import Random
from typing import Any

import pytest
from support.airflow import example

STREAMS = ("Leads", "Deals", "Notes")


class KilledError(BaseException):
    """A task is killed."""


MODULE = example("zoho_crm_state")


def at(position: int) -> dict[str, Any]:
    return {"replication_key_value": f"2026-01-01T00:{position // 60:02}:{position % 60:02}Z"}


def position(bookmark: dict[str, Any] | None) -> int:
    if bookmark is None:
        return 0
    _, minutes, seconds = bookmark["replication_key_value"].strip("Z").split(":")
    return int(minutes) * 60 + int(seconds)


class Mortal(MODULE.StateStore):  # type: ignore[misc, name-defined]
    """A store whose task may be killed before or after any write."""

    writes = 10**6
    dies_before = True

    def _put(self, path: Any, text: str) -> None:
        self.writes -= 1
        if self.writes == 0 and self.dies_before:
            raise KilledError
        super()._put(path, text)
        if self.writes == 0:
            raise KilledError


class World:
    """A warehouse, the store, and the runs of a DAG."""

    def __init__(self, seed: int, root: Path) -> None:
        self.random = Random(seed)
        self.root = root
        self.loaded = dict.fromkeys(STREAMS, 0)
        self.confirmed = dict.fromkeys(STREAMS, 0)
        self.floor = dict.fromkeys(STREAMS, 0)
        self.late: list[tuple[Any, dict[str, str], dict[str, Any]]] = []

    def store(self) -> Mortal:
        store = Mortal(self.root)
        store.writes = self.random.choice((10**6, 10**6, 1, 2, 3))
        store.dies_before = self.random.random() < 0.5
        return store

    def run(self, run: str) -> None:
        """Plan, load some bins, some of them more than once, and merge, unless killed."""
        self.write_late()
        try:
            self.store().merge()
        except KilledError:
            return  # No plan, no bins.
        streams = [*STREAMS]
        self.random.shuffle(streams)
        cut = self.random.randrange(len(streams))
        for name, part in enumerate((streams[:cut], streams[cut:])):
            for number in range(1, self.random.randint(1, 4)):
                this = MODULE.Try(run, f"{name:03}", number)
                with contextlib.suppress(KilledError):
                    self.load(this, part)
        with contextlib.suppress(KilledError):
            assert self.store().merge(run) == []
            self.check_kept()

    def load(self, this: Any, streams: list[str]) -> None:
        store = self.store()
        state, began = store.begin(this, streams)
        assert state["bookmarks"].keys() <= {*streams}
        is_late = False
        at_work = {stream: position(state["bookmarks"].get(stream)) for stream in streams}
        for stream in streams:
            assert at_work[stream] <= self.loaded[stream]
            for _ in range(self.random.randint(0, 3)):
                at_work[stream] += self.random.randint(1, 5)
                # Rows come before the STATE that covers them.
                self.loaded[stream] = max(self.loaded[stream], at_work[stream])
                if self.random.random() < 0.2:
                    raise KilledError
                bookmarks = {each: at(end) for each, end in at_work.items() if end}
                line = json.dumps({"bookmarks": bookmarks})
                if self.random.random() < 0.2:
                    assert MODULE.whole_state(line[: self.random.randrange(len(line))]) is None
                    raise KilledError
                confirmed = MODULE.whole_state(line + "\n")
                assert confirmed is not None
                is_late = is_late or self.random.random() < 0.1
                if is_late:
                    self.late.append((this, began, confirmed))
                    continue
                store.keep(this, began, confirmed)
                self.confirmed |= {
                    each: max(end, self.confirmed[each]) for each, end in at_work.items()
                }

    def write_late(self) -> None:
        """Let tries that everybody took for dead write what they have."""
        for this, began, confirmed in self.late:
            Mortal(self.root).keep(this, began, confirmed)
        self.late.clear()

    def check_kept(self) -> None:
        bookmarks = MODULE.StateStore(self.root).read()["bookmarks"]
        for stream in STREAMS:
            end = position(bookmarks.get(stream))
            assert self.floor[stream] <= end <= self.loaded[stream]
            self.floor[stream] = end


@pytest.mark.parametrize(
    "seeds", [range(40), pytest.param(range(500), marks=pytest.mark.thorough)], ids=len
)
@pytest.mark.timeout(600)
def test_it_survives_kills_retries_and_late_files(tmp_path: Path, seeds: range) -> None:
    for seed in seeds:
        world = World(seed, tmp_path / str(seed))
        for run in range(world.random.randint(1, 4)):
            world.run(f"scheduled__2026-12-01T0{run}:00:00+00:00")
        world.write_late()
        # Nobody is killed in the end.
        assert MODULE.StateStore(world.root).merge() == []
        world.check_kept()
        # What a loader confirmed is in STATE, or was overtaken.
        assert world.floor == {s: max(world.confirmed[s], world.floor[s]) for s in STREAMS}, seed
        assert [*world.root.glob("bin-*")] == []


@pytest.fixture
def store(tmp_path: Path) -> Any:
    return MODULE.StateStore(tmp_path / "made on demand")


def put(store: Any, name: str, text: str) -> None:
    (store._root / name).write_text(text, "utf-8")


@pytest.mark.parametrize("text", ["", "{", '{"bookmarks": {"Leads": {"replic', "[]", "{}", "null"])
def test_a_file_that_is_not_whole_is_set_aside_and_named(store: Any, text: str) -> None:
    store.write({"bookmarks": {"Deals": at(1)}})
    store.write({"bookmarks": {"Deals": at(2)}})
    put(store, "state.json", text)
    put(store, "bin-007.json", text)
    put(store, "bin-008.json", json.dumps({"bookmarks": {"Leads": at(5)}}))
    problems = store.merge()

    assert [problem.split()[0] for problem in problems] == ["state.json", "bin-007.json"]
    assert store.read() == {"bookmarks": {"Deals": at(1), "Leads": at(5)}}
    assert store.merge() == []


def test_a_late_file_of_an_earlier_release_does_not_roll_back(store: Any) -> None:
    store.write({"bookmarks": {"Leads": at(5), "Deals": at(5)}})
    put(store, "bin-007.json", json.dumps({"bookmarks": {"Leads": at(4), "Deals": at(6)}}))

    assert store.merge() == []
    assert store.read() == {"bookmarks": {"Leads": at(5), "Deals": at(6)}}


def test_a_try_goes_on_from_the_one_before_and_merges_once(store: Any) -> None:
    first, second = MODULE.Try("run", "000", 1), MODULE.Try("run", "000", 2)
    _, began = store.begin(first, ["Leads"])
    store.keep(first, began, {"bookmarks": {"Leads": at(3)}})
    state, began_again = store.begin(second, ["Leads"])
    assert state == {"bookmarks": {"Leads": at(3)}}
    store.keep(second, began_again, {"bookmarks": {"Leads": at(7)}})
    # The first was not dead.
    store.keep(first, began, {"bookmarks": {"Leads": at(4)}})

    assert store.merge("run") == []
    store.keep(first, began, {"bookmarks": {"Leads": at(5)}})
    assert store.merge() == []
    assert store.read() == {"bookmarks": {"Leads": at(7)}}


def test_a_stream_that_was_forgotten_stays_forgotten(store: Any) -> None:
    store.write({"bookmarks": {"Leads": at(5)}})
    late = MODULE.Try("run", "000", 1)
    _, began = store.begin(late, ["Leads"])
    assert store.forget(["Leads", "Deals"]) == {"bookmarks": {}}
    store.keep(late, began, {"bookmarks": {"Leads": at(9)}})

    assert store.merge() == []
    assert store.read() == {"bookmarks": {}}


@pytest.mark.thorough
def test_catalogs_of_runs_are_kept_for_a_while(store: Any) -> None:
    names = [
        store.keep_catalog(f"{number:04}", "run", {"streams": [number]}) for number in range(103)
    ]

    assert store.catalog(names[0]) is None
    assert store.catalog(names[-1]) == {"streams": [102]}
    assert store.catalog(names[3]) == {"streams": [3]}


def test_credits_are_counted_over_tries(store: Any) -> None:
    this = MODULE.Try("run", "000", 1)
    assert store.spent(this) == 0
    store.spend(this, 7)
    assert store.spent(MODULE.Try("run", "000", 2)) == 7
    store.merge("run")
    assert store.spent(this) == 0
