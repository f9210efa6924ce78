"""Who may see and do what: profiles by distinct pattern, users, groups, territories, sharing."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.model.entities import Item, Module, Profile

Permissions = Mapping[str, Sequence[str]]
"""API name of a module (empty: the organisation) and what is allowed there."""
_VIEW = "View"


@dataclass(frozen=True)
class Pattern:
    """Profiles that allow exactly the same.

    Attributes:
        letter: What it is called on the page.
        lacks: What the first pattern allows and this one does not, by module.
        more: What this one allows beyond the first, by module.
    """

    letter: str
    profiles: Sequence[Profile]
    permissions: Permissions
    users: int
    lacks: Permissions
    more: Permissions


class Access:
    """The permissions of an atlas."""

    def __init__(self, atlas: Atlas) -> None:
        self._atlas = atlas

    @cached_property
    def patterns(self) -> Sequence[Pattern]:
        """The distinct patterns, the one that allows most first."""
        alike: defaultdict[frozenset[tuple[str, str]], list[Profile]] = defaultdict(list)
        for profile in self._atlas.snapshot.profiles:
            alike[frozenset(_pairs(profile.permissions))].append(profile)
        ordered = sorted(alike.items(), key=lambda each: (-len(each[0]), each[1][0].name))
        first = ordered[0][0] if ordered else frozenset()
        return [
            Pattern(
                _letter(number),
                sorted(profiles, key=lambda each: each.name.casefold()),
                profiles[0].permissions,
                sum(len(self.users_of(profile)) for profile in profiles),
                _by_module(first - allowed),
                _by_module(allowed - first),
            )
            for number, (allowed, profiles) in enumerate(ordered)
        ]

    @cached_property
    def rights(self) -> Sequence[str]:
        """What profiles may be allowed to do, in a module or in the whole organisation."""
        allowed = (labels for each in self.patterns for labels in each.permissions.values())
        return sorted({label for labels in allowed for label in labels})

    @cached_property
    def modules(self) -> Sequence[str]:
        """The modules that permissions are about, the organisation last."""
        names = {name for each in self.patterns for name in each.permissions}
        return sorted(names, key=lambda name: (name == "", self._atlas.label(name).casefold()))

    def possible(self, module: str) -> int:
        """How many permissions the most allowing pattern has there."""
        return max(len(each.permissions.get(module, ())) for each in self.patterns)

    def users_of(self, profile: Profile) -> Sequence[Item]:
        """The users with this profile."""
        return self._users.get(profile.id) or self._users.get(profile.name) or ()

    def sees(self, permissions: Permissions, module: str) -> bool:
        """Whether whoever has these permissions may see the module's records at all.

        Where no profile has a right of that name, as in an organisation of another language,
        whoever may do something there sees them.
        """
        there = permissions.get(module, ())
        return _VIEW in there if module in self._viewed else bool(there)

    @cached_property
    def _viewed(self) -> frozenset[str]:
        several = (each.permissions.items() for each in self.patterns)
        return frozenset(name for each in several for name, labels in each if _VIEW in labels)

    def unlisted(self, module: Module) -> Sequence[str]:
        """Profiles that may view the module, beyond those that Zoho lists with it."""
        if module.profile_count is None or module.profile_count <= len(module.profiles):
            return ()
        known = set(module.profiles)
        return [
            profile.name
            for profile in self._atlas.snapshot.profiles
            if profile.name not in known and self.sees(profile.permissions, module.api_name)
        ]

    @cached_property
    def _users(self) -> Mapping[str, Sequence[Item]]:
        found: defaultdict[str, list[Item]] = defaultdict(list)
        for user in self._atlas.items("users"):
            keys = [id_ for _, id_ in user.links.get("Profile", ())]
            found[next(iter(keys), user.facts.get("Profile", ""))].append(user)
        return found

    def data(self) -> dict[str, Any]:
        """What the page's script answers questions from."""
        letters = {each.id: p.letter for p in self.patterns for each in p.profiles}
        members = self._members()
        return {
            "patterns": {each.letter: each.permissions for each in self.patterns},
            "sees": {
                each.letter: [name for name in self.modules if self.sees(each.permissions, name)]
                for each in self.patterns
            },
            "rights": self.rights,
            "profiles": [
                [each.id, each.name, letters[each.id]] for each in self._atlas.snapshot.profiles
            ],
            "users": [
                {
                    "id": user.id,
                    "name": user.name,
                    "status": user.facts.get("Status", ""),
                    "role": next(
                        iter(user.links.get("Role", ())), (user.facts.get("Role", ""), "")
                    ),
                    "profile": next((id_ for _, id_ in user.links.get("Profile", ())), ""),
                    "in": members.get(user.id, []),
                }
                for user in self._atlas.items("users")
            ],
            "modules": [[name, self._atlas.label(name)] for name in self.modules if name],
            "sharing": {
                each.module: each.facts.get("Sharing", "")
                for each in self._atlas.items("data_sharing")
            },
            "rules": [
                [
                    each.module,
                    each.name,
                    *(each.facts.get(key, "") for key in ("From", "To", "May")),
                ]
                for each in self._atlas.items("data_sharing_rules")
            ],
            "access": {each.key: each.profiles for each in self._atlas.snapshot.access_patterns},
            "fields": {
                name: [
                    (each.api_name, each.label, each.access) for each in self._atlas.fields(name)
                ]
                for name in self.modules
            },
        }

    def _members(self) -> dict[str, list[str]]:
        """For each user: the groups and territories that they are in."""
        names = {
            item.id: item.name
            for stream in ("user_groups", "territories")
            for item in self._atlas.items(stream)
        }
        found: defaultdict[str, dict[str, None]] = defaultdict(dict)
        for stream in ("associated_groups", "user_territories"):
            for item in self._atlas.items(stream):
                found[item.facts.get("User", "")][item.name] = None
        for item in self._atlas.items("territory_users"):
            territory = item.facts.get("Territory", "")
            found[item.id.rpartition(" ")[2]][names.get(territory, territory)] = None
        for item in self._atlas.items("user_group_sources"):
            if item.facts.get("Type") == "users":
                group = item.facts.get("Group", "")
                found[item.id.rpartition(" ")[2]][names.get(group, group)] = None
        return {user: list(several) for user, several in found.items()}


def _pairs(permissions: Permissions) -> list[tuple[str, str]]:
    return [(module, label) for module, labels in permissions.items() for label in labels]


def _by_module(pairs: frozenset[tuple[str, str]]) -> Permissions:
    found: defaultdict[str, list[str]] = defaultdict(list)
    for module, label in sorted(pairs):
        found[module].append(label)
    return dict(found)


def _letter(number: int) -> str:
    high, low = divmod(number, 26)
    return (chr(ord("A") + high - 1) if high else "") + chr(ord("A") + low)
