"""The embedded destination holds what the simulation's destination holds, whatever is killed when.

Both take the same messages. The one that loads gets them as RECORD messages, in Arrow or in Parquet
files, and is killed between any two of its steps; each next run goes on from the STATE that it has
confirmed, as a tap does.
"""

from __future__ import annotations

import shutil
from pathlib import Path
from random import Random

import pytest

from pipelines.loader_lives import expected, live
from pipelines.loader_playing import Loading

QUICK = range(8)
NIGHTLY = [range(first, first + 50) for first in range(0, 2_000, 50)]


def check(folder: Path, form: str, seed: int) -> int:
    folder.mkdir()
    random = Random(seed)
    life = live(random)
    loading = Loading(folder, form, random)
    ended = loading.load(life)
    assert loading.held(life) == expected(life), f"seed {seed}"
    return ended


@pytest.mark.thorough
@pytest.mark.parametrize("form", ["record", "arrow", "parquet"])
def test_both_hold_the_same(tmp_path: Path, form: str) -> None:
    ended = [check(tmp_path / str(seed), form, seed) for seed in QUICK]
    assert sum(ended) > len(QUICK)


@pytest.mark.nightly
@pytest.mark.timeout(3_600)
@pytest.mark.parametrize("form", ["record", "arrow", "parquet"])
@pytest.mark.parametrize("seeds", NIGHTLY, ids=lambda seeds: f"{seeds[0]}:{seeds[-1]}")
def test_both_hold_the_same_in_many_lives(tmp_path: Path, form: str, seeds: range) -> None:
    for seed in seeds:
        # For people who run it with -s, or see it fail.
        print(f"{form}, seed {seed}", end="", flush=True)  # noqa: T201
        folder = tmp_path / str(seed)
        print(f": {check(folder, form, seed)} runs ended early")  # noqa: T201
        shutil.rmtree(folder)
