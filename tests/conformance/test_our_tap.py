"""Our own tap has a card without a stain; with a planted defect, the stain that belongs to it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.process import TAP

from simulation.defects import DEFECTS
from zohocrm_conformance.case import read_cases
from zohocrm_conformance.trial import Plan, Trial

OPTIONS = ("--config", "{config}", "--catalog", "{catalog}", "--state", "{state}")
PLANTED = str(Path(__file__).with_name("planted_tap.py"))
# The pages of one read path move where those of another don't: each has all cases.
PATHS = ("auto", "rest", "coql", "bulk")


def stains(case: str, command: tuple[str, ...], **config: object) -> dict[str, list[str]]:
    (wanted,) = read_cases(names=(case,))
    found: dict[str, list[str]] = {}
    for stain in Trial(Plan(command, "singer", config), wanted).result().stains:
        found.setdefault(stain.kind, []).append(stain.text)
    return found


@pytest.mark.thorough
@pytest.mark.timeout(600)
@pytest.mark.parametrize("case", ["restores", "killed", "changes_meanwhile"])
def test_hard_cases_leave_no_stain(case: str) -> None:
    assert stains(case, (str(TAP), *OPTIONS)) == {}


@pytest.mark.nightly
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize("path", PATHS)
@pytest.mark.parametrize("case", [case.name for case in read_cases()])
def test_no_case_leaves_a_stain_by_any_read_path(case: str, path: str) -> None:
    assert stains(case, (str(TAP), *OPTIONS), read_path=path) == {}


# The simulation's defects, with the case that shows each, and the stain.
SHOWN = [
    ("tombstones dropped", "deletions", "auto", "stale"),
    ("restored record ignored", "restores", "auto", "lost"),
    ("refused token kept", "token_expires", "rest", "failed"),
    ("keyset without id", "tied_seconds", "coql", "stale"),
    ("bookmark before its page", "killed", "rest", "failed"),
    ("deletions of before STATE forgotten", "state_lost", "auto", "stale"),
    ("nothing looked back for", "late_changes", "auto", "stale"),
    ("records without a time once", "no_time_later", "auto", "lost"),
    ("failure taken for an end", "failed_increment", "auto", "stale"),
    ("exports not checked", "short_export", "bulk", "failed"),
    ("new columns not filled", "new_formula", "auto", "stale"),
    ("checkpoint of any selection", "new_formula_meanwhile", "coql", "stale"),
    ("types of columns forgotten", "retyped_field", "auto", "stale"),
    ("vanished columns nulled", "dropped_field", "auto", "lost"),
    ("cutoff without lag", "late_by_seconds", "auto", "stale"),
    ("first reads not counted", "false_empty", "rest", "lost"),
    ("second reads not counted", "second_read_false_empty", "auto", "stale"),
]
# Why no case can show the others.
NOT_SHOWN = {
    "columns move with their twins": "which column a twin gets is the connector's own choice",
    "deletions passed in silence": "tombstones are due later only by a setting of ours",
    "sweep believes one listing": "sweeps are a setting of ours",
    "texts cut by characters": "no document says which characters Zoho counts; the demo: all",
    "absence taken for a deletion": "an answer without one of its rows is no fault of HTTP",
    "a field's refusal is the module's": "another read path has the records: it costs credits",
    "moving lists believed": "lists of metadata move; cases read records",
    "pages ahead believed": "how many pages a connector has under way is its own choice",
}


def test_every_planted_defect_is_shown_or_has_a_reason() -> None:
    shown = {defect for defect, *_ in SHOWN}

    assert shown | NOT_SHOWN.keys() == DEFECTS.keys()
    assert not shown & NOT_SHOWN.keys()
    assert {case for _, case, *_ in SHOWN} <= {case.name for case in read_cases()}


@pytest.mark.nightly
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(("defect", "case", "path", "kind"), SHOWN)
def test_a_planted_defect_has_its_stain(defect: str, case: str, path: str, kind: str) -> None:
    # What is late by seconds only is looked back for as well.
    config = {"lookback": 0} if case == "late_by_seconds" else {}
    found = stains(case, (sys.executable, PLANTED, defect, *OPTIONS), read_path=path, **config)

    assert kind in found, json.dumps(found)
