"""Names and addresses of people, taken out of a snapshot: the setting `people`."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping

import msgspec

from zohocrm_atlas.model.snapshot import Snapshot

_STREAMS = frozenset({"users", "portal_users", "territory_users", "from_addresses"})
_COLUMNS = frozenset({"By", "Manager", "Owner", "Asked for by", "User", "Default", "Assigns to"})
"""Columns that name people, of whom the stream `users` may not know all."""
_EMAIL = re.compile(r"[\w.+'-]+@[\w-]+(\.[\w-]+)+")
_HIDDEN = "(hidden)"


def hide_people(snapshot: Snapshot) -> Snapshot:
    """The snapshot with `User 411001` in place of names, and no address of anybody.

    Names are replaced wherever they stand, in changes to come as well: the numbers are the last
    digits of the ids, and stay.
    """
    names = _names(snapshot)
    whole = {name for name in names if " " not in name} - _other_names(snapshot)
    inner = sorted((name for name in names if " " in name), key=len, reverse=True)
    parts = "|".join(re.escape(_encoded(name)) for name in inner)
    alone = "|".join(f'(?<="){re.escape(_encoded(name))}(?=")' for name in sorted(whole))
    pattern = re.compile("|".join(filter(None, (parts, alone))) or r"(?!)")
    spelt = {_encoded(name): value for name, value in names.items()}
    items = tuple(
        msgspec.structs.replace(item, name=names[item.name])
        if item.stream in _STREAMS and item.name in names
        else item
        for item in snapshot.items
    )
    text = msgspec.json.encode(msgspec.structs.replace(snapshot, items=items)).decode()
    text = pattern.sub(lambda found: spelt[found[0]], text)
    text = _EMAIL.sub(_HIDDEN, text)
    return msgspec.json.decode(text, type=Snapshot)


def _names(snapshot: Snapshot) -> Mapping[str, str]:
    found: dict[str, str] = {}
    unknown: dict[str, None] = {}
    for item in snapshot.items:
        unknown[item.modified_by] = None
        if item.stream in _STREAMS:
            found.setdefault(item.name, f"User {item.id.rpartition(' ')[2][-6:]}")
        for title in _COLUMNS & item.links.keys():
            for name, id_ in item.links[title]:
                found.setdefault(name, f"User {id_[-6:]}" if id_ else _HIDDEN)
    several: Iterable[Iterable[str]] = (
        (each.modified_by for each in things)
        for things in (snapshot.modules, snapshot.layouts, snapshot.profiles)
    )
    for names in several:
        unknown.update(dict.fromkeys(names))
    for name in unknown:
        found.setdefault(name, _HIDDEN)
    found.pop("", None)
    return found


def _other_names(snapshot: Snapshot) -> set[str]:
    """What modules and fields are called; somebody may be called alike."""
    modules = {name for each in snapshot.modules for name in (each.api_name, each.label)}
    return modules.union(*((each.api_name, each.label) for each in snapshot.fields))


def _encoded(name: str) -> str:
    return msgspec.json.encode(name).decode()[1:-1]
