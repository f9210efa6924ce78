# ruff: noqa: INP001 - a script
"""Writes the tables of `docs/explanation/evidence.md` from the assumptions and the facts.

Usage: python scripts/write_evidence.py [--check]
"""

from __future__ import annotations

import sys
from collections.abc import Iterator

import yaml
from generated import ROOT, finish, parser, with_tables

from tap_zohocrm_modules.probe.assumption import assumptions

PAGE = ROOT / "docs" / "explanation" / "evidence.md"
FACTS = ROOT / "tests" / "contract" / "wild"
_RESTS_ON = {
    "documents": "documents",
    "reports": "reports of real use",
    "answers": "recorded answers",
    "nothing": "nothing yet",
}


def assumption_rows() -> Iterator[str]:
    """Yield the table of what the tap assumes."""
    yield "| Assumption | Rests on | Zoho's pages | What the tap does |"
    yield "| --- | --- | --- | --- |"
    for one in assumptions():
        rests_on = _RESTS_ON[one.rests_on]
        yield f"| `{one.id}`: {one.assumption} | {rests_on} | {one.documented} | {one.tap} |"


def fact_rows() -> Iterator[str]:
    """Yield the table of real answers that are kept as cases."""
    yield "| Fact | Seen | Version |"
    yield "| --- | --- | --- |"
    for path in sorted(FACTS.glob("*.yaml")):
        fact = yaml.safe_load(path.read_text("utf-8"))
        yield f"| `{path.stem}`: {fact['says']} | {fact['seen']} | {fact['version']} |"


if __name__ == "__main__":
    arguments = parser(__doc__).parse_args()
    sys.exit(
        finish(
            {PAGE: with_tables(PAGE, {"assumptions": assumption_rows(), "facts": fact_rows()})},
            check=arguments.check,
        )
    )
