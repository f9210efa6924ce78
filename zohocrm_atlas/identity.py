"""Whether two reads are of one organisation, whether or not the stream `org` came."""

from __future__ import annotations

from collections.abc import Collection
from pathlib import Path

from zohocrm_atlas.errors import AtlasError
from zohocrm_atlas.model.snapshot import Snapshot

SHORTEST = 16
OWN = 12
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


def check_records(
    prefixes: Collection[str], streams: Collection[str], known: Snapshot, path: Path
) -> None:
    """Refuses records that have come without metadata, where nothing says whose they are.

    Raises:
        AtlasError: No id begins as the organisation's do or, without ids, no stream is a module's.
    """
    own = prefixes_of(known)
    names = {module.api_name for module in known.modules}
    if not (own & {*prefixes} if own and prefixes else names & {*streams}):
        begin = f", whose ids begin with {min(own)}" if own else ""
        theirs = f", whose ids begin with {max(prefixes)}" if any(prefixes) else ""
        raise AtlasError(
            f"{path} is the atlas of {known.organisation.get('Name') or 'an organisation'}{begin},"
            f" and the input has records only ({', '.join(sorted(streams)[:5])}){theirs}: they are"
            " another organisation's, or another tap's. Set another output_path."
        )


def prefixes_of(snapshot: Snapshot) -> set[str]:
    """How the ids of the organisation begin; empty if it has none of Zoho's."""
    return _prefixes(_ids(snapshot))


def prefix_of(id_: object) -> str:
    """How an id of Zoho's begins in its organisation; empty if it is not one."""
    is_one = isinstance(id_, str) and len(id_) >= SHORTEST and id_.isascii() and id_.isdecimal()
    return str(id_)[:-OWN] if is_one else ""


def _share(previous: Snapshot, current: Snapshot) -> bool:
    olds, news = _ids(previous), _ids(current)
    common = [stream for stream in olds.keys() & news.keys() if olds[stream] and news[stream]]
    if common:
        return any(olds[stream] & news[stream] for stream in common)
    if not any(olds.values()) or not any(news.values()):
        return True
    return bool(_prefixes(olds) & _prefixes(news))


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
    return {prefix_of(id_) for several in ids.values() for id_ in several} - {""}
