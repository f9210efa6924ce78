"""Our own tap has a card without a stain; with a planted defect, the stain that belongs to it."""

from __future__ import annotations

import json
import sys
from pathlib import Path

import pytest
from support.process import TAP

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


@pytest.mark.nightly
@pytest.mark.timeout(1_200)
@pytest.mark.parametrize(
    ("defect", "case", "path", "kind"),
    [
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
    ],
)
def test_a_planted_defect_has_its_stain(defect: str, case: str, path: str, kind: str) -> None:
    # What is late by seconds only is looked back for as well.
    config = {"lookback": 0} if case == "late_by_seconds" else {}
    found = stains(case, (sys.executable, PLANTED, defect, *OPTIONS), read_path=path, **config)

    assert kind in found, json.dumps(found)
