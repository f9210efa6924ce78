"""A change of the organisation between two reads."""

from __future__ import annotations

from collections.abc import Collection

import msgspec
from typing_extensions import override

FAIL_ON = ("removed", "renamed", "retyped", "added")
"""The kinds that the setting `fail_on` may name."""
KINDS = (*FAIL_ON, "repermissioned", "changed")


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

    def is_of(self, kinds: Collection[str]) -> bool:
        """Whether one of these kinds is this change's."""
        return self.kind in kinds

    @override
    def __str__(self) -> str:
        """The change in a few words."""
        owner = f"{self.module}." if self.module and self.entity != "module" else ""
        subject = f"{self.entity} {owner}{self.name}"
        if not self.attribute:
            return f"{subject} {self.kind}"
        return f"{subject} {self.kind}: {self.attribute} {self.before!r} -> {self.after!r}"
