"""Plays seeds: `uv run python -m simulation --seeds 1:10000`."""

from __future__ import annotations

import argparse
import collections
import contextlib
import functools
import gc
import os
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ProcessPoolExecutor

from simulation.child_life import simulate_children
from simulation.defects import DEFECTS
from simulation.draws import DEFAULT, DRAWS
from simulation.reader_life import simulate_readers
from simulation.scenario import Outcome, simulate


def main(words: Sequence[str] | None = None) -> int:
    """Play the seeds that the command line asks for; returns the number of divergent ones, or 1."""
    parser = argparse.ArgumentParser("simulation", description=__doc__)
    parser.add_argument("--seeds", default="1:200", help="FIRST:LAST, or one seed")
    parser.add_argument("--jobs", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--defect", choices=DEFECTS, help="put this defect into the tap")
    parser.add_argument(
        "--draw",
        action="append",
        default=[],
        metavar="NAME",
        choices=(*DRAWS, "all", "none"),
        help=f"draw this alone, or these, in place of what is on by default: {', '.join(DRAWS)}",
    )
    parser.add_argument(
        "--children", action="store_true", help="play lives of children of records instead"
    )
    parser.add_argument("--readers", action="store_true", help="play lives of `read()` instead")
    parser.add_argument("--first", action="store_true", help="stop at the first divergent seed")
    parser.add_argument("--trace", action="store_true", help="show what happens in each seed")
    options = parser.parse_args(words)
    first, _, last = options.seeds.partition(":")
    seeds = range(int(first), int(last or first) + 1)
    play = functools.partial(_play, options.defect, _draws(options.draw))
    if options.children or options.readers:
        life = simulate_children if options.children else simulate_readers
        play = functools.partial(_play_other, options.defect, life)
    began = time.monotonic()
    outcomes = []
    # Not multiprocessing.Pool: it ends its processes by a signal, which a tap takes as its own.
    with ProcessPoolExecutor(min(options.jobs, len(seeds)), initializer=_prepared) as pool:
        for outcome in pool.map(play, seeds, chunksize=5):
            outcomes.append(outcome)
            if outcome.divergences or options.trace:
                sys.stdout.write(_shown(outcome))
                sys.stdout.flush()
            if outcome.divergences and options.first:
                pool.shutdown(cancel_futures=True)
                break
    sys.stdout.write(_summary(outcomes, time.monotonic() - began))
    return int(any(outcome.divergences for outcome in outcomes))


def _prepared() -> None:
    """Look for garbage seldom: the sample organisation, which stays, is most of what there is."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(200_000, 20, 20)


def _draws(names: Sequence[str]) -> frozenset[str]:
    """Return the draws that the command line names: those of the suite without a name."""
    if not names:
        return DEFAULT
    return frozenset(DRAWS) if "all" in names else frozenset(names) - {"none"}


def _play(defect: str | None, draws: frozenset[str], seed: int) -> Outcome:
    with contextlib.nullcontext() if defect is None else DEFECTS[defect].put_in():
        return simulate(seed, draws)


def _play_other(defect: str | None, life: Callable[[int], Outcome], seed: int) -> Outcome:
    with contextlib.nullcontext() if defect is None else DEFECTS[defect].put_in():
        return life(seed)


def _shown(outcome: Outcome) -> str:
    lines = [f"seed {outcome.seed}: {'; '.join(outcome.divergences) or 'no divergence'}"]
    return "".join(f"{line}\n" for line in (*lines, *(f"    {one}" for one in outcome.trace)))


def _summary(outcomes: Sequence[Outcome], seconds: float) -> str:
    ends = sum((collections.Counter(one.ends) for one in outcomes), collections.Counter())
    changes = sum(one.changes for one in outcomes)
    wrong = sorted(one.seed for one in outcomes if one.divergences)
    kinds = ", ".join(f"{count:,} {kind}" for kind, count in sorted(ends.items()))
    return (
        f"{len(outcomes):,} seeds, {sum(ends.values()):,} runs ({kinds}), {changes:,} changes,"
        f" {seconds:.0f} s ({len(outcomes) / max(seconds, 0.001):.1f} seeds a second):"
        f" {len(wrong)} divergent{f', {wrong}' if wrong else ''}\n"
    )


if __name__ == "__main__":
    sys.exit(main())
