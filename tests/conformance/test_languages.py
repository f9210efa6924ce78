"""Without a flaw there is no stain, whatever it speaks; each flaw has the stain of its kind."""

from __future__ import annotations

import sys
from pathlib import Path

import pytest

from zohocrm_conformance.case import read_cases
from zohocrm_conformance.languages import language_of
from zohocrm_conformance.trial import Plan, Result, Trial

CONNECTOR = str(Path(__file__).with_name("small_connector.py"))
THOROUGH = pytest.mark.thorough
WORDS = {
    "lines": ("{config}",),
    "singer": ("{config}", "{catalog}"),
    "airbyte": ("{config}", "read", "{catalog}"),
    "dlt": ("{config}", "{output}"),
}


def result(case: str, language: str, flaw: str = "none") -> Result:
    command = (sys.executable, CONNECTOR, language, flaw, *WORDS[language])
    (wanted,) = read_cases(names=(case,))
    return Trial(Plan(command, language_of(command)), wanted).result()


@pytest.mark.parametrize(
    "language", ["lines", *(pytest.param(one, marks=THOROUGH) for one in WORDS if one != "lines")]
)
def test_a_connector_without_a_flaw_has_no_stain(language: str) -> None:
    found = result("full_refresh_twice", language)

    assert found.stains == ()
    assert found.calls > 2


@pytest.mark.parametrize(
    ("case", "language", "flaw", "kind", "count"),
    [
        ("full_refresh_twice", "lines", "one page", "lost", 60),
        ("full_refresh_twice", "lines", "doubles", "doubled", 3),
        *(
            pytest.param(*flaw, marks=THOROUGH)
            for flaw in (
                ("full_refresh_twice", "dlt", "doubles", "doubled", 3),
                ("full_refresh_twice", "lines", "invents", "false", 1),
                ("full_refresh_twice", "singer", "changes values", "false", 260),
                ("more_than_50_fields", "singer", "wrong types", "false", 430),
                ("more_than_50_fields", "airbyte", "wrong types", "false", 430),
                ("more_than_50_fields", "lines", "one slice", "lost", 25),
                ("converted_leads", "singer", "converted left out", "lost", 18),
                ("refused_page", "lines", "errors are ends", "lost", 440),
                ("internal_error", "lines", "none", "failed", 1),
            )
        ),
    ],
)
def test_a_flaw_has_a_stain_of_its_kind(
    case: str, language: str, flaw: str, kind: str, count: int
) -> None:
    stains = result(case, language, flaw).stains

    assert sum(one.count for one in stains if one.kind == kind) == count, stains


def test_what_may_fail_has_no_stain_if_it_says_so() -> None:
    assert result("refused_page", "lines").stains == ()


@THOROUGH
def test_rows_that_were_deleted_stay_where_tables_are_not_replaced() -> None:
    command = (sys.executable, CONNECTOR, "lines", "none", "{config}", "-", "{state}")
    (case,) = read_cases(names=("deletions",))

    (stain,) = Trial(Plan(command, "lines"), case).result().stains

    assert (stain.kind, stain.count) == ("stale", 7)
    assert "gone in Zoho" in stain.text
