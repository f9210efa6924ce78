"""The report card: Markdown for people, JUnit's XML for machines."""

from __future__ import annotations

import shlex
from collections.abc import Iterator, Sequence
from datetime import datetime
from xml.etree import ElementTree as ET

from zohocrm_conformance.trial import Result
from zohocrm_conformance.truth import KINDS


def markdown(results: Sequence[Result], command: Sequence[str], when: datetime) -> str:
    """The card as a page."""
    return "\n".join([*_head(results, command, when), *_table(results), *_stains(results), ""])


def _head(results: Sequence[Result], command: Sequence[str], when: datetime) -> Iterator[str]:
    stained = sum(bool(result.stains) for result in results)
    verdict = f"{stained} of {len(results)} cases have stains" if stained else "No case has a stain"
    yield from ("# Report card", "", f"`{shlex.join(command)}`", "")
    yield from (f"{when:%Y-%m-%d}: {verdict}.", "")


def _table(results: Sequence[Result]) -> Iterator[str]:
    yield f"| case | {' | '.join(KINDS)} | API calls |"
    yield f"| --- |{' --- |' * (len(KINDS) + 1)}"
    for result in results:
        counts = (sum(s.count for s in result.stains if s.kind == kind) for kind in KINDS)
        cells = " | ".join(str(count or "-") for count in counts)
        yield f"| {result.case.title} | {cells} | {result.calls} |"
    yield ""


def _stains(results: Sequence[Result]) -> Iterator[str]:
    told = [result for result in results if result.stains or result.notes]
    if told:
        yield "## In detail"
    for result in told:
        yield from ("", f"### {result.case.title}", "")
        if result.stains:
            rests_on = result.case.rests_on
            why = f" It rests on {rests_on}." if rests_on else ""
            yield from (f"{result.case.shows.strip()}{why}", "")
        yield from (f"- {stain.kind}: {stain.text}" for stain in result.stains)
        yield from (f"- note: {note}" for note in result.notes)


def junit(results: Sequence[Result]) -> str:
    """The card as one suite of tests."""
    stained = sum(bool(result.stains) for result in results)
    suite = ET.Element(
        "testsuite",
        name="zohocrm-conformance",
        tests=str(len(results)),
        failures=str(stained),
        errors="0",
    )
    for result in results:
        test = ET.SubElement(suite, "testcase", classname="zohocrm_conformance")
        test.set("name", result.case.name)
        if result.stains:
            kinds = ", ".join(sorted({stain.kind for stain in result.stains}))
            failure = ET.SubElement(test, "failure", message=kinds, type=kinds)
            failure.text = "\n".join(f"{stain.kind}: {stain.text}" for stain in result.stains)
        if result.notes:
            ET.SubElement(test, "system-out").text = "\n".join(result.notes)
    return ET.tostring(suite, encoding="unicode", xml_declaration=True) + "\n"
