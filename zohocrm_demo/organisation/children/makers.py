"""Children of made-up records: the same for the same record every time, worked out if asked for."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from zohocrm_demo.organisation.children.child import (
    BLUEPRINT,
    CHILD_IDS,
    EMAILS,
    INVERSE,
    KINDS,
    LINKS,
    LOCKS,
    SHARES,
    TIMELINE,
    Child,
    filled,
)
from zohocrm_demo.organisation.children.states import states
from zohocrm_demo.organisation.records.spot import PHRASES
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.records.times import written
from zohocrm_demo.organisation.references import Row, make_id, ref

_STRIDE = 7_919
_DAY = 86_400
_OFTEN = 3


class ChildMakers:
    """Makes the children that nobody has touched."""

    def __init__(self, records: RecordStore, content: Callable[[str], Any]) -> None:
        self._records = records
        self._content = content
        self._inverse: dict[str, tuple[Any, dict[str, list[Child]]]] = {}
        self._makers: Mapping[str, Callable[[str, Record], list[Child]]] = {
            EMAILS: self._emails,
            TIMELINE: self._timeline,
            SHARES: self._shares,
            LOCKS: self._locks,
            BLUEPRINT: lambda module, parent: states(
                records, content("blueprints") or (), module, parent
            ),
        }

    def made(self, module: str, kind: str, parent: Record) -> list[Child]:
        """The children of one kind of a record, as if nobody had changed them."""
        maker = self._makers.get(kind)
        return self.links(f"{module}.{kind}", parent) if maker is None else maker(module, parent)

    def links(self, kind: str, parent: Record) -> list[Child]:
        """The records linked to a record, seen from the side that the data file names."""
        if kind in INVERSE:
            return self._from_behind(kind).get(str(parent.id), [])
        link = LINKS[kind]
        module, row = kind.partition(".")[0], self._row(kind.partition(".")[0], parent)
        there = self._records.placement(link["child"])
        if row is None or not there.count:
            return []
        mix = self._mix(kind)
        rows = range(min(self._size(kind, link, row), there.count))
        places = dict.fromkeys((mix(row) + step * _STRIDE) % there.count for step in rows)
        spread = self._mix(module, kind, "own")
        return [
            self.link(kind, str(there.id_of(place)), parent.created + _DAY * step, spread(place))
            for step, place in enumerate(places)
        ]

    def link(self, kind: str, key: str, at: int, number: int, **own: Any) -> Child:
        """A link with what is given of its own, and the rest by a number."""
        made: Row = {}
        for name, source in LINKS[kind]["own"].items():
            rows = source if isinstance(source, list) else self._content(source)
            one = rows[number % len(rows)] if rows else None
            made[name] = ref(one, "name", "id") if isinstance(one, dict) else one
        return Child(key, at, made | own)

    def _from_behind(self, kind: str) -> dict[str, list[Child]]:
        # Kept as long as the parents are the same: there are many on this side.
        forward = INVERSE[kind]
        module, child = forward.partition(".")[0], LINKS[forward]["child"]
        world = (self._records.placement(module), self._records.placement(child))
        known, found = self._inverse.get(kind, (None, {}))
        if known == world:
            return found
        found = {}
        for parent in self._records.scan(module):
            for one in self.links(forward, parent):
                found.setdefault(one.key, []).append(Child(str(parent.id), one.at, one.row))
        self._inverse[kind] = world, found
        return found

    def _emails(self, module: str, parent: Record) -> list[Child]:
        row = self._row(module, parent)
        if row is None:
            return []
        mix = self._mix(module, EMAILS)
        count = self._size(f"{module}.{EMAILS}", KINDS["emails"], row)
        return [
            self.email(module, parent, parent.created + _DAY * step + row % _DAY, mix(row) + step)
            for step in range(count)
        ]

    def email(self, module: str, parent: Record, at: int, number: int) -> Child:
        """An e-mail of a record, by a number."""
        emails = KINDS["emails"]
        users = self._content("users")
        user, name = users[number % 3], self._name(module, parent)
        key = f"{parent.id:x}{number:08x}".zfill(64)
        person = PHRASES["first_names"][number % len(PHRASES["first_names"])]
        row = filled(
            "emails",
            "row",
            key=key,
            thread=key[::-1],
            subject=emails["subjects"][number % len(emails["subjects"])].replace("<name>", name),
            user_name=user["full_name"],
            user_email=user["email"],
            name=person,
            address=f"{parent.id}.{number % 97}@mail.example",
            time=self._time(at),
            flag=number % 2 == 0,
            source=emails["sources"][number % len(emails["sources"])],
            status=[{"type": "sent"}] if number % _OFTEN else [self._opened(at)],
            record={"module": self._module(module), "name": name, "id": str(parent.id)},
            user={"name": user["full_name"], "id": user["id"]},
            mood=emails["moods"][number % len(emails["moods"])],
        )
        return Child(key, at, row)

    def _opened(self, at: int) -> Row:
        first, last = self._time(at + _DAY), self._time(at + 2 * _DAY)
        return {"type": "opened", "first_open": first, "last_open": last, "count": "2"}

    def _timeline(self, module: str, parent: Record) -> list[Child]:
        row = self._row(module, parent)
        if row is None:
            return []
        mix = self._mix(module, TIMELINE)
        first, last = parent.created, max(parent.created + 1, self._modified(module, parent))
        count = self._size(f"{module}.{TIMELINE}", KINDS["timeline"], row)
        added = self.entry(module, parent, first, mix(row), action="added")
        return [
            added,
            *(
                self.entry(
                    module,
                    parent,
                    first + (last - first) * (step + 1) // count,
                    mix(row) + step + 1,
                    changes=self._edit(module, mix(row) + step),
                )
                for step in range(count)
            ),
        ]

    def _modified(self, module: str, parent: Record) -> int:
        # Of a record that somebody has edited, what has happened since is in the history.
        placement = self._records.placement(module)
        row = placement.row_of(parent.id)
        modified = None if row is None else placement.modified(row)
        return parent.created if modified is None else modified

    def _edit(self, module: str, number: int) -> list[Row]:
        fields = [one for one in self._records.fields(module).values() if one["pick_list_values"]]
        if not fields:
            return []
        field = fields[number % len(fields)]
        values = [one["actual_value"] for one in field["pick_list_values"]]
        old, new = (values[(number + step) % len(values)] for step in (0, 1))
        return [{**ref(field, "data_type", "api_name", "id"), "_value": {"new": new, "old": old}}]

    def entry(self, module: str, parent: Record, at: int, number: int, **more: Any) -> Child:
        """An entry of a record's timeline; more: `action`, `changes`, `by`."""
        users, by = self._content("users"), more.get("by")
        user = next((one for one in users if one["id"] == by), users[number % 3])
        key = make_id(CHILD_IDS + (parent.id * 1_009 + number) % 10_000_000_000)
        row = filled(
            "timeline",
            "row",
            key=key,
            time=self._time(at),
            action=more.get("action", "updated"),
            source=KINDS["timeline"]["sources"][number % 4] if by is None else "crm_ui",
            done_by={
                "name": user["full_name"],
                "id": user["id"],
                "profile": ref(user["profile"], "name", "id"),
                "type__s": user["type__s"],
            },
            record={
                "module": self._module(module),
                "name": self._name(module, parent),
                "id": str(parent.id),
            },
            field_history=more.get("changes") or None,
        )
        return Child(key, at, row)

    def _shares(self, module: str, parent: Record) -> list[Child]:
        row = self._row(module, parent)
        if row is None:
            return []
        mix = self._mix(module, SHARES)
        rows = range(self._size(f"{module}.{SHARES}", KINDS["shares"], row))
        return [self.share(module, parent, parent.created + step, mix(row) + step) for step in rows]

    def share(self, module: str, parent: Record, at: int, number: int) -> Child:
        """One with whom a record is shared, by a number."""
        groups, users = self._content("user_groups"), self._content("users")
        if number % 5 == 0 and groups:
            group = groups[number % len(groups)]
            shared_with = {"name": group["name"], "id": group["id"], "type": "groups"}
        else:
            user = users[1 + number % (len(users) - 1)]
            shared_with = {"name": user["full_name"], "id": user["id"], "type": "users"}
        permissions = KINDS["shares"]["permissions"]
        first = users[0]
        row = filled(
            "shares",
            "row",
            shared_with=shared_with,
            flag=number % 2 == 1,
            module={"name": self._module(module)["api_name"], "id": self._module(module)["id"]},
            record_id=str(parent.id),
            time=self._time(at),
            permission=permissions[number % len(permissions)],
            shared_by={"name": first["full_name"], "id": first["id"], "zuid": first["zuid"]},
        )
        return Child(shared_with["id"], at, row)

    def _locks(self, module: str, parent: Record) -> list[Child]:
        if not parent.value("Locked__s"):
            return []
        return [self.lock(module, parent, parent.modified or parent.created, 0)]

    def lock(self, module: str, parent: Record, at: int, number: int) -> Child:
        """The lock of a record."""
        user = self._content("users")[number % 3]
        key = make_id(CHILD_IDS + 10_000_000_000 + parent.id % 1_000_000_000)
        configurations = self._content("record_locking_configurations").get(module) or []
        name = self._name(module, parent)
        row = filled(
            "locks",
            "row",
            key=key,
            time=self._time(at),
            locked_by={"name": user["full_name"], "id": user["id"], "module": "Users"},
            locked_for={"module": self._module(module), "name": name, "id": str(parent.id)},
            reason="Signed",
            configuration=configurations[0]["id"] if configurations else None,
        )
        return Child(key, at, row)

    def _size(self, kind: str, sizes: Mapping[str, Any], row: int) -> int:
        number = sizes["many"].get(row)
        if number is None:
            number = sizes["sizes"][self._mix(kind, "size")(row) % len(sizes["sizes"])]
        return int(number)

    def _row(self, module: str, parent: Record) -> int | None:
        return self._records.placement(module).row_of(parent.id)

    def _mix(self, *salt: str) -> Callable[[int], int]:
        return self._records.world.mixer(*salt)

    def _name(self, module: str, parent: Record) -> str:
        return str(self._records.namer(module)(str(parent.id)))

    def _module(self, name: str) -> Row:
        return self._records.view().module_reference(name)

    def _time(self, at: int) -> str:
        return written(at, self._records.zone)
