"""A change of the organisation between two reads."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable

import msgspec
from typing_extensions import override

RISK = "risk"
"""Changes of any kind by which more people, or others, may see or do more."""
KINDS = ("removed", "renamed", "retyped", "added", "repermissioned", "changed")


class Change(msgspec.Struct, frozen=True, omit_defaults=True, rename={"since": "from"}):
    """One line of `changes.jsonl`.

    Attributes:
        since: When the earlier read was (`from` in the file).
        to: When the later one was.
        kind: One of `KINDS`.
        entity: module, field, picklist value, layout, profile, or the name of a stream.
        id: What stays the same when a name changes.
        module: API name of the module that it belongs to.
        name: Its name at the later read, or at the earlier one if it was removed.
        attribute: What of it changed; empty for what was added or removed.
        before: The earlier value, a list where it has several.
        after: The later value.
        by: Who last changed it, where the row says so.
        at: When.
    """

    since: str
    to: str
    kind: str
    entity: str
    id: str
    module: str = ""
    name: str = ""
    attribute: str = ""
    before: str | list[str] | None = None
    after: str | list[str] | None = None
    by: str = ""
    at: str = ""

    def is_of(self, kinds: Collection[str]) -> bool:
        """Whether one of these kinds is this change's."""
        return self.kind in kinds or (RISK in kinds and is_risk(self))

    @override
    def __str__(self) -> str:
        """The change in a few words."""
        owner = f"{self.module}." if self.module and self.entity != "module" else ""
        subject = f"{self.entity} {owner}{self.name}"
        if not self.attribute:
            return f"{subject} {self.kind}"
        return f"{subject} {self.kind}: {self.attribute} {self.before!r} -> {self.after!r}"


_OPENING = re.compile("export|delete|mass|manage|api|admin|share", re.IGNORECASE)
_MORE_IS_RISK = {
    ("field", "access"),
    ("module", "profiles"),
    ("layout", "profiles"),
    ("portal_user_types", "Modules"),
    ("custom_views", "Shared with"),
}
"""Lists of who may see what: a longer one is a risk."""
_ANY_IS_RISK = {
    ("webhooks", "URL"),
    ("users", "Profile"),
    ("data_sharing", "Public in portals"),
    ("data_sharing_rules", "From"),
    ("data_sharing_rules", "To"),
    ("data_sharing_rules", "May"),
}
_NEW_IS_RISK = {"webhooks", "data_sharing_rules", "portals", "portal_user_types"}


def is_risk(change: Change) -> bool:
    """Whether by this change more people, or others, may see or do more."""
    attribute = (change.entity, change.attribute)
    before, after = _listed(change.before), _listed(change.after)
    if not change.attribute:
        return change.kind == "added" and change.entity in _NEW_IS_RISK
    if attribute == ("profile", "permissions"):
        return any(_OPENING.search(each) for each in after - before)
    if attribute == ("data_sharing", "Sharing"):
        return any(each.startswith("public") for each in after - before)
    if attribute == ("field", "pii"):
        return bool(before - after)
    return attribute in _ANY_IS_RISK or (attribute in _MORE_IS_RISK and bool(after - before))


def _listed(value: str | list[str] | None) -> set[str]:
    if isinstance(value, str):
        return set(value.split(", "))
    return set(value or ())


_WEIGHTS = ("removed", "renamed", "retyped", "repermissioned", "changed", "added")


def latest_first(changes: Iterable[Change]) -> list[Change]:
    """The changes of the latest read first; of each read the risks, then what breaks most.

    Of two that are alike in this, the later one is first.
    """
    by_name = sorted(changes, key=lambda each: (each.module, each.name, each.attribute))
    by_time = sorted(by_name, key=lambda each: each.at, reverse=True)
    ordered = sorted(by_time, key=_weight)
    return sorted(ordered, key=lambda each: each.to, reverse=True)


def _weight(change: Change) -> tuple[bool, int, bool]:
    return not is_risk(change), _WEIGHTS.index(change.kind), change.entity != "module"
