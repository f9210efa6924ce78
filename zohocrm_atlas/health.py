"""A dozen figures on the state of an organisation, each with a picture and the list behind it.

What the figures are called, and what they are counted from, is in `health.json`.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

import msgspec

from zohocrm_atlas.access import Access
from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.intake.verified import Verified
from zohocrm_atlas.oddities import OF_USAGE, Finding

_MOST = 6
_FULL = 80
"""Per cent of a limit from which it is worth a look."""
Found = Mapping[str, Sequence[Finding]]


class _Figure(msgspec.Struct, frozen=True, forbid_unknown_fields=True):
    """What is always said of a figure; without an address, its findings are the list behind it."""

    key: str
    title: str
    one: str
    streams: tuple[str, ...]
    meaning: str
    address: str = ""


_FIGURES = {each.key: each for each in read_beside(__file__, tuple[_Figure, ...])}


@dataclass(frozen=True)
class Card:
    """A figure.

    Attributes:
        value: The number, as it is shown.
        bars: What the picture shows: labels and counts.
        address: The list behind it.
        streams: What it is counted from.
        alarming: Whether somebody should look.
    """

    key: str
    title: str
    value: str
    meaning: str
    bars: Sequence[tuple[str, int]]
    address: str
    streams: Sequence[str]
    alarming: bool


def cards(atlas: Atlas, access: Access, found: Found, before: Mapping[str, int]) -> list[Card]:
    """The figures; `found` are the findings by their kinds, `before` the records a read ago."""
    return [
        *_warehouse(atlas.verified),
        *_people(atlas, access, found),
        *_limits(atlas),
        *_automation(atlas, found),
        *_fields(atlas, found),
        _records(atlas, before),
    ]


def _card(
    key: str, value: int | None, bars: Mapping[str, int], alarming: object = None, **words: object
) -> Card:
    figure = _FIGURES[key]
    return Card(
        key,
        figure.one if value == 1 else figure.title,
        "?" if value is None else f"{value:,}",
        figure.meaning.format(**words),
        sorted(bars.items(), key=lambda each: -each[1])[:_MOST],
        figure.address or f"odd.html#section-{key}",
        figure.streams,
        bool(alarming),
    )


def _of_findings(key: str, found: Found, bars: Mapping[str, int]) -> Card:
    return _card(key, len(found[key]), bars, found[key])


def _warehouse(verified: Verified | None) -> Iterator[Card]:
    if verified is None:
        return
    kinds: Counter[str] = Counter()
    for each in verified.streams:
        kinds.update(each.kinds)
        kinds["not compared"] += each.problem is not None
    faults = sum(len(each.faults) for each in verified.streams)
    newest = max((each.newest for each in verified.streams if each.newest), default="?")
    records = sum(each.zoho or 0 for each in verified.streams)
    alike = sum(not (each.faults or each.problem) for each in verified.streams)
    bars = {"tables like Zoho": alike, **+kinds}
    yield _card("warehouse", faults, bars, not verified.equal, records=records, newest=newest)


def _people(atlas: Atlas, access: Access, found: Found) -> Iterator[Card]:
    sharing = _counted(atlas, "data_sharing", "Sharing")
    public = {kind.replace("_", " "): count for kind, count in sharing.items()}
    yield _of_findings("public", found, public)
    yield _of_findings("inactive", found, _counted(atlas, "users", "Status"))
    profiles, empty = len(atlas.snapshot.profiles), len(found["empty-profiles"])
    used = {"with users": profiles - empty, "without": empty}
    yield _of_findings("empty-profiles", found, used)
    patterns = {
        f"{each.letter}: {each.profiles[0].name}": len(each.profiles) for each in access.patterns
    }
    yield _card("patterns", len(patterns), patterns, profiles=profiles)


def _limits(atlas: Atlas) -> Iterator[Card]:
    shares = {}
    for stream in ("user_licenses", "features"):
        for item in atlas.items(stream):
            used, limit = item.facts.get("Used", ""), item.facts.get("Limit", "")
            if used.isdecimal() and limit.isdecimal() and int(limit):
                shares[item.name] = round(100 * int(used) / int(limit))
    full = sum(share >= _FULL for share in shares.values())
    yield _card("limits", full, shares, full)


def _automation(atlas: Atlas, found: Found) -> Iterator[Card]:
    urls = [item.facts.get("URL", "") for item in atlas.items("webhooks")]
    hosts = Counter(urlsplit(url).hostname or "?" for url in urls)
    yield _card("hosts", len(hosts), hosts)
    idle, failing = len(found["idle"]), len(found["failing-webhooks"])
    active = _counted(atlas, "workflow_rules", "Active")["yes"]
    bars = {"active rules": active, "off or unused": idle, "failed calls": failing}
    yield _of_findings("idle", found, bars)
    yield _of_findings("failing-webhooks", found, _counted(atlas, "webhook_failures", "Reason"))


def _fields(atlas: Atlas, found: Found) -> Iterator[Card]:
    """Fields by their modules, and those with marks by these."""
    for key in ("no-layout", "near-labels"):
        yield _of_findings(key, found, _modules(atlas, found[key]))
    marked = [field.pii for field in atlas.snapshot.fields if field.pii]
    yield _card("personal", len(marked), Counter(mark for marks in marked for mark in marks))
    for key in _FIGURES:
        if key in OF_USAGE and key in found:
            yield _of_findings(key, found, _modules(atlas, found[key]))


def _records(atlas: Atlas, before: Mapping[str, int]) -> Card:
    records = atlas.snapshot.counted
    grown = sum(count - before[name] for name, count in records.items() if name in before)
    unknown = "By the tap's sync_report, or as counted."
    growth = f"{grown:+,} since the read before." if before else unknown
    labels = {atlas.label(name): count for name, count in records.items()}
    return _card("records", sum(records.values()) if records else None, labels, growth=growth)


def _counted(atlas: Atlas, stream: str, title: str) -> Counter[str]:
    return Counter(item.facts.get(title, "") for item in atlas.items(stream))


def _modules(atlas: Atlas, findings: Sequence[Finding]) -> Counter[str]:
    return Counter(atlas.label(each.module) for each in findings)
