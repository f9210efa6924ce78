"""What a seed may draw besides the usual, each with the gap that it shows."""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Mapping
from random import Random

_SHARE = 0.3


@dataclasses.dataclass(frozen=True)
class Draw:
    """Something that differs from seed to seed once it is on.

    Attributes:
        shows: What it changes of the world, the settings, the procedures or the answers.
        gap: The kind of loss that it is there to find.
        open_seed: A seed in which it finds that loss, as long as the tap has the gap; None once it
            is mended: the suite then draws it in each run.
        along: Draws that have to be on as well in that seed.
    """

    shows: str
    gap: str
    open_seed: int | None = None
    along: frozenset[str] = frozenset()


DRAWS: Mapping[str, Draw] = {
    "tombstones": Draw(
        "emit_tombstones, and the selection of _sdc_deleted_at, anew in each run",
        "A4: deletions of runs without tombstones are never emitted",
    ),
    "selection": Draw(
        "selected columns anew in each run",
        "A5: a checkpoint does not know the columns that it was made with",
    ),
    "intervals": Draw(
        "delete_sweep_days, refresh_days and lookback anew in each run",
        "what one run skips, none later reads",
    ),
    "start-date": Draw(
        "start_date anew in each run",
        "I6: a column that is filled from one start_date on counts as filled from all",
    ),
    "budget": Draw("a credit_budget in some runs", "C2: a run that is stopped makes no progress"),
    "full-refresh": Draw(
        "STATE of a stream is dropped and its table is not emptied, with versions or without",
        "A1: deletions since the last run are lost",
    ),
    "retype-recipe": Draw(
        "the steps of docs/how-to/changed-types.md: rename the column, discover again, run",
        "A2: old records stay empty in the new column",
    ),
    "case-twins": Draw(
        "fields that differ only in case come and go; the destination may fold case",
        "A3: a column moves to another field",
    ),
    "replaced-fields": Draw(
        "a field is dropped and made again under its name, also while a read is unfinished",
        "A5: the first part of the read keeps the old field's values",
    ),
    "schema-within-run": Draw(
        "fields come, go and change between the calls of a run",
        "D5: a field that vanished meanwhile is called a defect of the tap",
    ),
    "utf-16": Draw(
        "long rich texts with characters of two UTF-16 units, and lists that cut by units",
        "B2: a cut text is taken for whole",
    ),
    "two-clocks": Draw("servers whose Date differs", "B3: changes around the cutoff are skipped"),
    "clock-set-back": Draw(
        "Zoho's clock is set back by seconds before changes, also within a run; nobody looks back",
        "B3: changes around the cutoff are skipped",
    ),
    "late-visibility": Draw(
        "changes become visible up to four minutes late, in all calls alike",
        "B3: they are missing for ever",
    ),
    "uneven-visibility": Draw(
        "changes become visible in one kind of call before another",
        "B4: a record that one call lists and another lacks counts as deleted",
    ),
    "hidden-records": Draw(
        "a change of roles hides records and shows them again",
        "B3: a sweep finds them",
    ),
    "old-times": Draw("imports set Modified_Time to the past", "B3: they come before the window"),
    "unstamped": Draw(
        "records without Modified_Time are made after the first read", "B5: they never come"
    ),
    "restores": Draw(
        "many records go to the recycle bin, and come back unchanged, between runs",
        "B3: what comes back with its old time is read by nobody",
    ),
    "mass-deletions": Draw(
        "many records are deleted at once; every run has a budget, which is raised as errors say",
        "C2: a first read of several runs that comes no further, and does not say so",
        open_seed=11,
    ),
    "silent-caps": Draw(
        "many records are deleted at once; lists of deletions end at their cap without an error",
        "B6: the others are never emitted",
    ),
    "false-204": Draw("one list or query answers 204", "I1, I2, B1: a read ends before its end"),
    "false-end": Draw("one page denies that more follow", "I1, I2: a read ends before its end"),
    "short-exports": Draw(
        "one export lacks records of a module of which queries refuse a field",
        "I3: exports are not compared",
    ),
    "short-lists": Draw(
        "one page lacks half of its records, and denies that more follow",
        "I1, I2: a read of everything is not counted",
    ),
    "absent-records": Draw(
        "one call for records by their ids lacks one of them",
        "B4: what a query lists and no other call returns is dropped",
    ),
    "short-increments": Draw(
        "exports of changes lack records of a module of which queries refuse a field",
        "I3: the refusal of a field counts as the module's, and nothing else counts changes",
    ),
    "lasting-absences": Draw(
        "all calls of a run by ids lack one record, which was changed longer ago than the lookback",
        "B4: what a query lists and no other call returns is dropped, and no later run asks for it",
    ),
    "empty-spells": Draw(
        "calls that ask which records there are answer 204 for a while, and counts are right",
        "B1: a sweep takes records that are there for deleted ones",
    ),
    "short-second-reads": Draw(
        "a field comes, and a page of what fills it is empty, short, or denies that more follow",
        "I2: a second read that ends before its end counts as whole",
    ),
    "calls-under-way": Draw(
        "several calls are under way, and are answered in a drawn order, with changes between them",
        "a page that is asked for before its turn does not follow the one in front of it",
    ),
    "moving-lists": Draw(
        "users leave their list, and come back, between its pages; a page of it is false",
        "I4: users are taken out of the destination",
    ),
    "refused-discovery": Draw(
        "the fields of modules are refused while they are discovered",
        "H1: modules vanish with exit code 0",
    ),
}

DEFAULT = frozenset(name for name, draw in DRAWS.items() if draw.open_seed is None)
"""What the suite draws."""


class Drawn:
    """What one seed draws besides the usual.

    Each has random numbers of its own, so that the rest of a seed stays as it is without it.

    Args:
        seed: The seed.
        names: The draws that are on. One alone is drawn in each seed, of several each in some.
    """

    def __init__(self, seed: int, names: Collection[str]) -> None:
        randoms = {name: Random(f"{seed} {name}") for name in sorted(names)}
        self._randoms = {
            name: random
            for name, random in randoms.items()
            if len(randoms) == 1 or random.random() < _SHARE
        }

    def of(self, name: str) -> Random | None:
        """Return the random numbers of a draw, None if the seed does without it."""
        if name not in DRAWS:
            raise KeyError(name)
        return self._randoms.get(name)
