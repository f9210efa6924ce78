"""Whether two reads are of one organisation, whether or not the stream `org` came."""

from __future__ import annotations

from pathlib import Path

from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.model.snapshot import Snapshot

_SHORTEST = 16
_OWN = 12
"""Digits at the end of Zoho's ids that are the thing's; those before are the organisation's."""


def check_same_organisation(previous: Snapshot | None, current: Snapshot, path: Path) -> None:
    """Refuses to put an organisation in the place of another.

    Raises:
        AtlasError: They are two, or nothing says that they are one.
    """
    if previous is None:
        return
    before, now = previous.organisation, current.organisation
    if before.get("Id") and now.get("Id"):
        if before["Id"] != now["Id"]:
            raise AtlasError(
                f"{path} is the atlas of another organisation, {before.get('Name')} (id"
                f" {before['Id']}): set another output_path for {now.get('Name')} (id"
                f" {now['Id']})."
            )
        return
    if not _share(previous, current):
        raise AtlasError(
            f"{path} is the atlas of {before.get('Name') or 'an organisation'}, and the input"
            " shares no module, field or other thing with it: it is another organisation's, or"
            " another tap's. Set another output_path, or select the stream org."
        )


def _share(previous: Snapshot, current: Snapshot) -> bool:
    olds, news = _ids(previous), _ids(current)
    common = [stream for stream in olds.keys() & news.keys() if olds[stream] and news[stream]]
    if common:
        return any(olds[stream] & news[stream] for stream in common)
    if not any(olds.values()) or not any(news.values()):
        return True
    prefixes = _prefixes(olds), _prefixes(news)
    return bool(prefixes[0] & prefixes[1])


def _ids(snapshot: Snapshot) -> dict[str, set[str]]:
    found = {
        "modules": {each.id for each in snapshot.modules},
        "fields": {each.id for each in snapshot.fields},
        "layouts": {each.id for each in snapshot.layouts},
        "profiles": {each.id for each in snapshot.profiles},
    }
    for item in snapshot.items:
        # Ids of other lists are names such as `user_licenses` now and then, alike everywhere.
        if item.id[:1].isdigit():
            found.setdefault(item.stream, set()).add(item.id)
    return found


def _prefixes(ids: dict[str, set[str]]) -> set[str]:
    return {
        id_[:-_OWN]
        for several in ids.values()
        for id_ in several
        if id_.isdecimal() and len(id_) >= _SHORTEST
    }
