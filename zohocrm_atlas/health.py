"""A dozen figures on the state of an organisation, each with a picture and the list behind it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from urllib.parse import urlsplit

from zohocrm_atlas.access import Access
from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.intake.verified import Verified
from zohocrm_atlas.oddities import Finding

_MOST = 6
_FULL = 80
"""Per cent of a limit from which it is worth a look."""


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
    alarming: bool = False


def cards(
    atlas: Atlas,
    access: Access,
    found: Mapping[str, Sequence[Finding]],
    before: Mapping[str, int],
) -> list[Card]:
    """The figures; `found` are the findings by their kinds, `before` the records a read ago."""
    return [
        *_warehouse(atlas.verified),
        *_people(atlas, access, found),
        *_limits(atlas),
        *_automation(atlas, found),
        *_fields(atlas, found),
        *_usage(atlas, found),
        *_records(atlas, before),
    ]


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
    tables = {"tables like Zoho": sum(not (o.faults or o.problem) for o in verified.streams)}
    yield Card(
        "warehouse",
        "rows of the warehouse that differ",
        f"{faults:,}",
        f"Of {records:,} in Zoho; the newest loaded is of {newest}.",
        _top({**tables, **+kinds}),
        "odd.html#section-warehouse",
        (),
        alarming=not verified.equal,
    )


def _people(atlas: Atlas, access: Access, found: Mapping[str, Sequence[Finding]]) -> Iterator[Card]:
    sharing = Counter(
        item.facts.get("Sharing", "").replace("_", " ") for item in atlas.items("data_sharing")
    )
    public = found["public"]
    yield _card(
        "public", "public modules", public, "Everybody sees all records.", sharing, "data_sharing"
    )
    status = Counter(item.facts.get("Status", "") for item in atlas.items("users"))
    yield _card(
        "inactive", "users who are not active", found["inactive"], "Of all users.", status, "users"
    )
    empty = found["empty-profiles"]
    used = len(atlas.snapshot.profiles) - len(empty)
    bars = {"with users": used, "without": len(empty)}
    words = "Profiles that nobody has."
    streams = ("profiles", "users")
    yield _card("empty-profiles", "profiles without users", empty, words, bars, *streams)
    patterns = {
        f"{each.letter}: {each.profiles[0].name}": len(each.profiles) for each in access.patterns
    }
    words = f"Different sets of permissions among {len(atlas.snapshot.profiles)} profiles."
    address = "permissions.html#section-patterns"
    number = str(len(patterns))
    yield Card("patterns", "patterns", number, words, _top(patterns), address, ("profiles",))


def _limits(atlas: Atlas) -> Iterator[Card]:
    shares = {}
    for stream in ("user_licenses", "features"):
        for item in atlas.items(stream):
            used, limit = item.facts.get("Used", ""), item.facts.get("Limit", "")
            if used.isdecimal() and limit.isdecimal() and int(limit):
                shares[item.name] = round(100 * int(used) / int(limit))
    full = [name for name, share in shares.items() if share >= _FULL]
    yield Card(
        "limits",
        f"limits used to {_FULL} % or more",
        str(len(full)),
        "Per cent of licences and features that are used.",
        _top(shares),
        "settings.html#section-features",
        ("features", "user_licenses"),
        alarming=bool(full),
    )


def _automation(atlas: Atlas, found: Mapping[str, Sequence[Finding]]) -> Iterator[Card]:
    hosts = Counter(
        urlsplit(item.facts.get("URL", "")).hostname or "?" for item in atlas.items("webhooks")
    )
    yield Card(
        "hosts",
        "hosts that webhooks call",
        str(len(hosts)),
        "Where data leaves the organisation by itself.",
        _top(hosts),
        "automation.html#section-webhooks",
        ("webhooks",),
    )
    active = sum(item.facts.get("Active") == "yes" for item in atlas.items("workflow_rules"))
    idle, failing = found["idle"], found["failing-webhooks"]
    bars = {"active rules": active, "off or unused": len(idle), "failed calls": len(failing)}
    words = "Rules that are off, actions that none uses."
    yield _card(
        "idle", "idle pieces of automation", idle, words, bars, "workflow_rules", "webhooks"
    )
    reasons = Counter(item.facts.get("Reason", "") for item in atlas.items("webhook_failures"))
    words = "Receivers that did not get the call."
    streams = ("webhook_failures",)
    yield _card("failing-webhooks", "failed webhook calls", failing, words, reasons, *streams)


def _fields(atlas: Atlas, found: Mapping[str, Sequence[Finding]]) -> Iterator[Card]:
    for key, title, words in (
        ("no-layout", "custom fields on no layout", "Nobody sees or fills them in."),
        ("near-labels", "labels that are nearly the same", "People cannot tell them apart."),
    ):
        modules = Counter(atlas.label(each.module) for each in found[key])
        yield _card(key, title, found[key], words, modules, "fields")
    marked = [field for field in atlas.snapshot.fields if field.pii]
    kinds = Counter(mark for field in marked for mark in field.pii)
    yield Card(
        "personal",
        "fields marked as personal or protected",
        str(len(marked)),
        "Of all fields.",
        _top(kinds),
        "odd.html#section-personal",
        ("fields",),
    )


def _usage(atlas: Atlas, found: Mapping[str, Sequence[Finding]]) -> Iterator[Card]:
    for key, title, words, stream in (
        (
            "never-filled",
            "fields that are never filled",
            "Of the counted records' fields.",
            "fields",
        ),
        (
            "outside-picklist",
            "picklists with other values",
            "Records hold what was never offered.",
            "picklist_values",
        ),
        ("astray", "lookups that lead nowhere", "To records that are gone.", "relationships"),
    ):
        if key in found:
            modules = Counter(atlas.label(each.module) for each in found[key])
            yield _card(key, title, found[key], words, modules, stream)


def _records(atlas: Atlas, before: Mapping[str, int]) -> Iterator[Card]:
    records = atlas.snapshot.counted
    total = sum(records.values())
    grown = sum(count - before[name] for name, count in records.items() if name in before)
    growth = (
        f"{grown:+,} since the read before."
        if before
        else "By the tap's sync_report, or as counted."
    )
    labels = {atlas.label(name): count for name, count in records.items()}
    value = f"{total:,}" if records else "?"
    address = "modules.html"
    yield Card("records", "records", value, growth, _top(labels), address, ("sync_report",))


def _card(
    key: str,
    title: str,
    found: Sequence[Finding],
    meaning: str,
    bars: Mapping[str, int],
    *streams: str,
) -> Card:
    address = f"odd.html#section-{key}"
    number = str(len(found))
    return Card(key, title, number, meaning, _top(bars), address, streams, alarming=bool(found))


def _top(bars: Mapping[str, int]) -> Sequence[tuple[str, int]]:
    return sorted(bars.items(), key=lambda each: -each[1])[:_MOST]
