"""A seed goes the same way in each process, whatever the order of its sets is and the time."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

import pytest

from simulation import tap_run
from simulation.draws import DEFAULT
from simulation.scenario import simulate

SEEDS = (7, 20, 55)
PROGRAM = f"""
from simulation.draws import DEFAULT
from simulation.scenario import simulate
for seed in {SEEDS}:
    print(simulate(seed, DEFAULT), simulate(seed, ()), sep="\\n")
"""


def played(hash_seed: int) -> list[str]:
    done = subprocess.run(
        [sys.executable, "-c", PROGRAM],
        env={**os.environ, "PYTHONHASHSEED": str(hash_seed)},
        cwd=Path(tap_run.__file__).parents[1],
        check=True,
        capture_output=True,
        text=True,
    )
    return done.stdout.splitlines()


@pytest.mark.thorough
@pytest.mark.timeout(300)
def test_two_processes_make_the_same_calls_and_messages() -> None:
    first = played(1)
    assert len(first) == len({*first}) == 2 * len(SEEDS)
    assert played(3) == first


def test_versions_of_tables_do_not_follow_from_the_real_time(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("time.time", lambda: 1_900_000_000.0)
    at_one_time = simulate(20, DEFAULT)
    monkeypatch.undo()
    assert simulate(20, DEFAULT) == at_one_time
