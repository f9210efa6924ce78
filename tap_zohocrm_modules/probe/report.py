"""What a probe found, as a table for people and as JSON for machines."""

from __future__ import annotations

import json
import textwrap
from collections.abc import Iterator, Sequence
from importlib import metadata

from tap_zohocrm_modules.probe.assumption import Finding
from tap_zohocrm_modules.zoho.transport.texts import counted

_WIDTH = 100
_WORDS = {True: "holds", False: "DOES NOT HOLD", None: "not seen"}


def as_json(found: Sequence[Finding]) -> str:
    """Return the findings as JSON: a list of objects."""
    return json.dumps([one.to_json() for one in found], ensure_ascii=False, indent=2)


def as_table(found: Sequence[Finding], spent: int) -> str:
    """Return the findings as text, with what to paste into an issue; credits that were spent."""
    return "\n".join(_lines(found, spent))


def _lines(found: Sequence[Finding], spent: int) -> Iterator[str]:
    width = max(len(one.of.id) for one in found)
    for one in found:
        yield f"{one.of.id.ljust(width)}  {_WORDS[one.seen.holds].ljust(13)}  {one.seen.text}"
    for one in found:
        if one.seen.holds is False:
            yield ""
            yield from _explained(one)
    failures = sum(one.is_failure for one in found)
    odd = sum(one.seen.holds is False for one in found)
    yield ""
    yield (
        f"{counted(len(found), 'assumption')}: {sum(one.seen.holds is True for one in found)} hold,"
        f" {odd} do not, {sum(one.seen.holds is None for one in found)} could not be seen here."
        f" {counted(spent, 'credit')} spent."
    )
    yield (
        "The tap relies on what does not hold: records could be lost or wrong. Please report it."
        if failures
        else "The tap relies on nothing that does not hold."
    )
    yield ""
    yield "To report it, paste this into an issue; it holds no value of any record:"
    yield ""
    yield from _to_paste(found)


def _explained(one: Finding) -> Iterator[str]:
    yield f"{one.of.id}: {one.of.assumption}"
    for head, text in (
        ("Documented", one.of.documented),
        ("Seen here", one.seen.text),
        ("The tap", one.of.tap),
    ):
        yield from textwrap.wrap(
            f"  {head}: {text}", _WIDTH, subsequent_indent="    ", break_long_words=False
        )


def _to_paste(found: Sequence[Finding]) -> Iterator[str]:
    yield "```"
    yield f"tap-zohocrm-modules {metadata.version('tap-zohocrm-modules')} --probe, Zoho CRM API v8"
    for one in found:
        if one.seen.holds is not None:
            yield f"{'+' if one.seen.holds else '-'} {one.of.id}: {one.seen.text}"
    yield "```"
