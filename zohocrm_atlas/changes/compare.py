"""Compares two snapshots: what is kept of an organisation, entity by entity."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import msgspec

from zohocrm_atlas.changes.change import Change
from zohocrm_atlas.changes.entities import ENTITIES, Entity
from zohocrm_atlas.intake.collector import RECORDS, key_of
from zohocrm_atlas.intake.listings import BY_STREAM, Listing, listing_of
from zohocrm_atlas.model.entities import Relationship
from zohocrm_atlas.model.loaded import LoadedTable
from zohocrm_atlas.model.snapshot import Snapshot

Value = str | list[str] | None


def carried_over(previous: Snapshot, current: Snapshot) -> Snapshot:
    """The current snapshot, with the earlier rows of streams that were not read whole this time.

    It is what the next read is compared with: a stream that is left out of one run, or fails in
    it, must neither look removed now nor added later.
    """
    missing = {
        name: read
        for name, read in previous.streams.items()
        if read.shown and read.reliable and not _reliable(current, name)
    }
    counts = {**previous.records, **current.records}
    current = msgspec.structs.replace(current, tables=_tables(previous, current), records=counts)
    if not missing:
        return current
    replaced: dict[str, Any] = {
        each.stream: getattr(previous, each.stream) for each in ENTITIES if each.stream in missing
    }
    if "fields" in missing:
        replaced["access_patterns"] = previous.access_patterns
    if "org" in missing:
        replaced["organisation"] = previous.organisation
    replaced["items"] = (
        *(item for item in current.items if item.stream not in missing),
        *(item for item in previous.items if item.stream in missing),
    )
    replaced["streams"] = {**current.streams, **missing}
    return msgspec.structs.replace(current, **replaced)


def _tables(previous: Snapshot, current: Snapshot) -> tuple[LoadedTable, ...]:
    """What has been loaded so far, but for the modules that are gone."""
    if current.by_catalog:
        return current.tables
    now = {table.name for table in current.tables}
    names = {module.api_name for module in current.modules}
    gone = {module.api_name for module in previous.modules} - names if names else set()
    earlier = (
        table
        for table in previous.tables
        if table.name not in now and table.name.removesuffix(RECORDS) not in gone
    )
    return (*current.tables, *earlier)


def compare(previous: Snapshot, current: Snapshot) -> Iterator[Change]:
    """What has changed, of the streams that both snapshots have whole."""
    found: list[Change] = []
    for entity in ENTITIES:
        if _reliable(previous, entity.stream) and _reliable(current, entity.stream):
            found += _compare_entities(entity, previous, current)
    # What came and went with its field is not a change of its own.
    fields = {each.id for each in found if each.entity == "field" and not each.attribute}
    yield from (
        each
        for each in found
        if each.entity != "relationship" or each.id.split(" ")[1] not in fields
    )
    streams = dict.fromkeys((*BY_STREAM, *(each.stream for each in current.items)))
    for listing in map(listing_of, streams):
        stream = listing.stream
        if listing.tracked and _reliable(previous, stream) and _reliable(current, stream):
            yield from _compare_items(listing, previous, current)


def _reliable(snapshot: Snapshot, stream: str) -> bool:
    read = snapshot.streams.get(stream)
    return read is not None and read.reliable and read.shown


def _change(
    between: tuple[Snapshot, Snapshot], kind: str, entity: str, value: Any, **more: Any
) -> Change:
    key = key_of(value)
    return Change(
        since=between[0].read_at,
        to=between[1].read_at,
        kind=kind,
        entity=entity,
        id=" ".join(key) if isinstance(key, tuple) else key,
        module=_module_of(value),
        name=_name_of(value),
        **more,
    )


def _whose(new: Any, old: Any = None) -> dict[str, str]:
    """Who changed it and when, if the row says so and has been changed since."""
    when = getattr(new, "modified_time", "")
    if not when or (old is not None and getattr(old, "modified_time", "") == when):
        return {}
    return {"by": getattr(new, "modified_by", ""), "at": when}


def _compare_entities(entity: Entity, previous: Snapshot, current: Snapshot) -> Iterator[Change]:
    olds = {key_of(value): value for value in getattr(previous, entity.stream)}
    news = {key_of(value): value for value in getattr(current, entity.stream)}
    before_names, after_names = _Names(previous), _Names(current)
    between = previous, current
    for key, old in olds.items():
        if key not in news:
            yield _change(between, "removed", entity.name, old)
    for key, new in news.items():
        if key not in olds:
            yield _change(between, "added", entity.name, new, **_whose(new))
            continue
        old = olds[key]
        if old == new:
            continue
        for attribute, kind in entity.compared():
            if getattr(old, attribute) == getattr(new, attribute):
                continue
            before = before_names.words(attribute, old)
            after = after_names.words(attribute, new)
            if before != after:
                more = {"attribute": attribute, "before": before, "after": after}
                yield _change(between, kind, entity.name, new, **more, **_whose(new, old))


def _compare_items(listing: Listing, previous: Snapshot, current: Snapshot) -> Iterator[Change]:
    stream, between = listing.stream, (previous, current)
    olds = {item.id: item for item in previous.items if item.stream == stream}
    news = {item.id: item for item in current.items if item.stream == stream}
    for key, old in olds.items():
        # Of a list that was cut off, what is gone may be beyond the cut.
        if key not in news and len(news) < listing.limit:
            yield _change(between, "removed", stream, old)
    for key, new in news.items():
        if key not in olds:
            if len(olds) < listing.limit:
                yield _change(between, "added", stream, new, **_whose(new))
            continue
        old = olds[key]
        whose = _whose(new, old)
        if old.name != new.name:
            names = {"attribute": "name", "before": old.name, "after": new.name}
            yield _change(between, "renamed", stream, new, **names, **whose)
        # A column that an earlier version did not keep has not changed.
        for title in listing.columns or new.facts:
            before, after = old.facts.get(title), new.facts.get(title, "")
            if before not in {None, after} and title not in listing.volatile:
                kind = "repermissioned" if title in listing.permissions else "changed"
                more = {"attribute": title, "before": before, "after": after}
                yield _change(between, kind, stream, new, **more, **whose)


class _Names:
    """Puts the values of one snapshot into words: ids as names, patterns as who may do what."""

    def __init__(self, snapshot: Snapshot) -> None:
        self._fields: dict[str, str] = {each.id: each.api_name for each in snapshot.fields}
        self._layouts: dict[str, str] = {each.id: each.name for each in snapshot.layouts}
        self._patterns = {each.key: each.profiles for each in snapshot.access_patterns}

    def words(self, attribute: str, entity: Any) -> Value:
        value = getattr(entity, attribute)
        if attribute == "access":
            value = self._patterns.get(value, {})
        if isinstance(value, Mapping):
            return _pairs(value)
        if isinstance(value, tuple):
            known = self._layouts if attribute == "layouts" else self._fields
            return sorted(str(known.get(each, each)) for each in value)
        if isinstance(value, bool):
            return "yes" if value else "no"
        return None if value is None else str(value)


def _pairs(several: Mapping[str, Iterable[str]]) -> list[str]:
    return [
        f"{name or 'organisation'}: {each}"
        for name in sorted(several)
        for each in sorted(several[name])
    ]


def _module_of(value: Any) -> str:
    if isinstance(value, Relationship):
        return value.source
    return str(getattr(value, "module", "") or getattr(value, "api_name", ""))


def _name_of(value: Any) -> str:
    if isinstance(value, Relationship):
        return f"{value.field or value.label} to {value.target}"
    name = getattr(value, "api_name", "") or getattr(value, "name", "") or value.label
    owner = getattr(value, "field", "")
    return f"{owner}: {name}" if owner else str(name)
