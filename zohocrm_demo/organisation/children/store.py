"""The children of all records: read by the calls, changed by tests while the server runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import Any

from zohocrm_demo.organisation.children.child import (
    BLUEPRINT,
    EMAILS,
    INVERSE,
    LINKS,
    LOCKS,
    SHARES,
    TIMELINE,
    Child,
    child_module,
)
from zohocrm_demo.organisation.children.makers import ChildMakers
from zohocrm_demo.organisation.children.told import told
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.records.times import seconds
from zohocrm_demo.organisation.references import Row

_TIMES: Mapping[str, str] = {
    EMAILS: "time",
    TIMELINE: "audited_time",
    SHARES: "shared_time",
    LOCKS: "Locked_Time__s",
}


class Children:
    """The children of records, of these kinds: `Emails`, `Timeline`, `Shares`, `Blueprint`,
    `Locking_Information__s`, and related lists of links: `Contact_Roles` of `Deals`, `Leads` and
    `Contacts` of `Campaigns`, and the other way round.

    LookupError: no such record, kind or child; ValueError: a child can't have these values.
    """  # noqa: D205 (one sentence, three lines)

    def __init__(self, records: RecordStore, content: Callable[[str], Any]) -> None:
        self._records = records
        self._content = content
        self._makers = ChildMakers(records, content)
        # By kind and parent, where somebody has changed them; never of a kind seen from behind.
        self._changed: dict[str, dict[str, dict[str, Child]]] = {}
        self._number = 0

    def of_record(self, module: str, record_id: str, kind: str) -> list[Child]:
        """The children of a record, the oldest first; of links, those whose record is there."""
        with self._records.lock:
            parent = self._parent(module, record_id)
            found = list(self._children(module, parent, kind).values())
            if _is_link(module, kind):
                child = child_module(f"{module}.{kind}")
                found = [one for one in found if self._records.find(child, one.key) is not None]
            elif kind == TIMELINE:
                found += told(self._records, self._makers, module, parent)
            return sorted(found, key=lambda one: (one.at, one.key))

    def add(  # noqa: PLR0913 (whose, which, what, how)
        self,
        module: str,
        record_id: str,
        kind: str,
        values: Mapping[str, Any] | None = None,
        *,
        touch: bool = False,
        at: datetime | None = None,
    ) -> str:
        """Add a child; returns its key. `touch`: the parent's `Modified_Time` moves, too.

        `values` are keys of the row as the call shows it. A link needs the `id` of the other
        record, a share `shared_with: {id}`.
        """
        with self._records.lock:
            parent, own = self._parent(module, record_id), dict(values or {})
            if f"{module}.{kind}" in INVERSE:
                other, there = INVERSE[f"{module}.{kind}"].split(".")
                key = str(own.pop("id", ""))
                self.add(other, key, there, {**own, "id": record_id}, at=at)
            else:
                children = self._children(module, parent, kind)
                child = self._made(module, parent, kind, own, self._seconds(at))
                key = child.key
                if key in children:
                    raise ValueError(f"{kind} of {record_id} has {key} already")
                self._changed.setdefault(kind, {})[record_id] = {**children, key: child}
            self._touch(module, record_id, at, touch=touch)
            return key

    def change(  # noqa: PLR0913 (whose, which, what, how)
        self,
        module: str,
        record_id: str,
        kind: str,
        key: str,
        values: Mapping[str, Any],
        *,
        touch: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Change keys of a child's row; `touch` as in `add`."""
        with self._records.lock:
            if f"{module}.{kind}" in INVERSE:
                other, there = INVERSE[f"{module}.{kind}"].split(".")
                self.change(other, key, there, record_id, values)
            else:
                children, child = self._known(module, record_id, kind, key)
                row = {**child.row, **self._own(module, kind, dict(values))}
                changed = {**children, key: Child(key, child.at, row)}
                self._changed.setdefault(kind, {})[record_id] = changed
            self._touch(module, record_id, at, touch=touch)

    def remove(  # noqa: PLR0913 (whose, which, what, how)
        self,
        module: str,
        record_id: str,
        kind: str,
        key: str,
        *,
        touch: bool = False,
        at: datetime | None = None,
    ) -> None:
        """Take a child away; of a link, the record stays. `touch` as in `add`."""
        with self._records.lock:
            if f"{module}.{kind}" in INVERSE:
                other, there = INVERSE[f"{module}.{kind}"].split(".")
                self.remove(other, key, there, record_id)
            else:
                children, _ = self._known(module, record_id, kind, key)
                left = {one: child for one, child in children.items() if one != key}
                self._changed.setdefault(kind, {})[record_id] = left
            self._touch(module, record_id, at, touch=touch)

    def _touch(self, module: str, record_id: str, at: datetime | None, *, touch: bool) -> None:
        if touch:
            self._records.update(module, record_id, {}, at=at)

    def _parent(self, module: str, record_id: str) -> Record:
        record = self._records.find(module, record_id)
        if record is None:
            raise LookupError(f"no record {record_id} in {module}")
        return record

    def _known(
        self, module: str, record_id: str, kind: str, key: str
    ) -> tuple[dict[str, Child], Child]:
        children = self._children(module, self._parent(module, record_id), kind)
        if key not in children:
            raise LookupError(f"{kind} of {record_id} has no {key}")
        return children, children[key]

    def _children(self, module: str, parent: Record, kind: str) -> dict[str, Child]:
        if f"{module}.{kind}" in INVERSE:
            return self._from_behind(f"{module}.{kind}", parent)
        if not _is_link(module, kind) and kind not in {*_TIMES, BLUEPRINT}:
            raise LookupError(f"{module} has no children {kind}")
        changed = self._changed.get(kind, {}).get(str(parent.id))
        if changed is not None:
            return changed
        return {one.key: one for one in self._makers.made(module, kind, parent)}

    def _from_behind(self, kind: str, parent: Record) -> dict[str, Child]:
        changed = self._changed.get(INVERSE[kind].partition(".")[2], {})
        made = self._makers.links(kind, parent)
        found = {one.key: one for one in made if one.key not in changed}
        for key, children in changed.items():
            there = children.get(str(parent.id))
            if there is not None:
                found[key] = Child(key, there.at, there.row)
        return found

    def _made(self, module: str, parent: Record, kind: str, own: Row, at: int) -> Child:
        self._number += 1
        if _is_link(module, kind):
            key = str(own.pop("id", ""))
            self._parent(child_module(f"{module}.{kind}"), key)
            values = self._own(module, kind, own)
            return self._makers.link(f"{module}.{kind}", key, at, self._number, **values)
        make = {
            EMAILS: self._makers.email,
            SHARES: self._makers.share,
            LOCKS: self._makers.lock,
            TIMELINE: self._makers.entry,
        }.get(kind)
        if make is None:
            raise ValueError(f"{kind} follows from the record's values")
        made = make(module, parent, at, self._number)
        own = self._own(module, kind, own)
        key = own.get("message_id") or own.get("id") or own.get("shared_with", {}).get("id")
        return Child(str(key or made.key), at, {**made.row, **own})

    def _own(self, module: str, kind: str, values: Row) -> Row:
        if kind == SHARES and "shared_with" in values:
            return {**values, "shared_with": self._sharer(values["shared_with"]["id"])}
        if not _is_link(module, kind):
            return values
        own = LINKS[f"{module}.{kind}"]["own"]
        if not values.keys() <= own.keys():
            raise ValueError(f"{kind} of {module} has {', '.join(own)} alone")
        return {name: self._allowed(own[name], value) for name, value in values.items()}

    def _allowed(self, source: Any, value: Any) -> Any:
        if isinstance(source, list):
            allowed = next((one for one in source if one == value), None)
        else:
            wanted = value if isinstance(value, dict) else {"id": value}
            rows = [{"name": row["name"], "id": row["id"]} for row in self._content(source)]
            allowed = next((row for row in rows if wanted and wanted.items() <= row.items()), None)
        if allowed is None:
            raise ValueError(f"{value!r} is not among what a link can have")
        return allowed

    def _sharer(self, user_or_group: str) -> Row:
        for name, label in (("users", "full_name"), ("user_groups", "name"), ("roles", "name")):
            for row in self._content(name):
                if row["id"] == user_or_group:
                    kind = name.removeprefix("user_")
                    return {"name": row[label], "id": user_or_group, "type": kind}
        raise LookupError(f"no user, group or role {user_or_group}")

    def _seconds(self, at: datetime | None) -> int:
        return seconds(self._records.clock() if at is None else at)


def _is_link(module: str, kind: str) -> bool:
    return f"{module}.{kind}" in LINKS or f"{module}.{kind}" in INVERSE
