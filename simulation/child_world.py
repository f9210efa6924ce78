"""What happens to records and their children, each change drawn from the seed."""

from __future__ import annotations

import contextlib
from collections.abc import Sequence
from datetime import datetime
from random import Random
from typing import Any

from simulation.child_organisation import LISTS, PARENTS
from simulation.inline import MachineClock
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.organisation.references import Row

_KINDS = {
    "add": 8,
    "change": 5,
    "remove": 6,
    "insert": 3,
    "update": 3,
    "delete": 3,
    "purge": 1,
    "restore": 3,
}
_TOUCHED = 0.5


class ChildWorld:
    """The organisation, its clock, and everything that happens to it.

    Attributes:
        trace: What has happened, one line each.
        number: How many changes there were.
        first_change_unseen: A sweep that began later sees every change so far.
    """

    def __init__(self, demo: DemoOrganisation, clock: MachineClock, random: Random) -> None:
        self._demo, self._clock, self._random = demo, clock, random
        self._store: Any = demo.organisation.records
        self._children: Any = demo.organisation.children
        self._binned: list[tuple[str, str]] = []
        self.trace: list[str] = []
        self.number = 0
        self.first_change_unseen: datetime = clock.server()

    def log(self, text: str) -> None:
        """Note what happens, and when."""
        self.trace.append(f"{self._clock.server():%d %H:%M:%S} {text}")

    def change(self, *, within_run: bool) -> None:
        """Change a record or what belongs to it.

        Args:
            within_run: A run is under way. What then comes back unchanged between two of its calls
                leaves no trace in either, so that no reader can see it.
        """
        kind = self._random.choices(list(_KINDS), list(_KINDS.values()))[0]
        self.number += 1
        self.first_change_unseen = self._clock.server()
        if kind in {"add", "change", "remove"}:
            # A record may have the child already, or there may be none to add.
            with contextlib.suppress(LookupError, ValueError):
                self._change_child(kind)
        elif kind == "restore":
            self._restore(touch=within_run or self._random.random() < 0.5)
        else:
            self._change_record(kind)

    def some_parent(self, entries: Sequence[str]) -> str | None:
        """Return the id of a record that one of these lists belongs to, None without any."""
        return self._some(self._random.choice(entries).partition(".")[0])

    def _some(self, module: str) -> str | None:
        ids = [str(record.id) for record in self._store.scan(module)]
        return self._random.choice(ids) if ids else None

    def _change_record(self, kind: str) -> None:
        module = self._random.choice(PARENTS)
        chosen = self._some(module)
        if kind == "insert":
            name = {"Leads": "Last_Name", "Contacts": "Last_Name", "Deals": "Deal_Name"}
            values = {name.get(module, "Campaign_Name"): f"N{self.number}"}
            chosen = self._store.insert(module, values)
        elif chosen is None:
            return
        elif kind == "update":
            self._store.update(module, chosen, {"Description": f"D{self.number}"})
        else:
            self._store.delete(module, chosen, permanent=kind == "purge")
            if kind == "delete":
                self._binned.append((module, chosen))
        self.log(f"{kind} {module} {chosen}")

    def _restore(self, *, touch: bool) -> None:
        if self._binned:
            module, chosen = self._binned.pop(self._random.randrange(len(self._binned)))
            self._store.restore(module, chosen, touch=touch)
            self.log(f"restore {module} {chosen}{'' if touch else ' untouched'}")

    def _change_child(self, kind: str) -> None:
        entry = self._random.choice(LISTS)
        module, _, name = entry.partition(".")
        parent = self._some(module)
        if parent is None:
            return
        touch = self._random.random() < _TOUCHED
        if kind == "add":
            key = self._children.add(module, parent, name, self._own(entry), touch=touch)
        else:
            # Entries of a timeline stay as they are.
            had = [] if name == "Timeline" else self._children.of_record(module, parent, name)
            if not had:
                return
            key = self._random.choice(had).key
            if kind == "remove":
                self._children.remove(module, parent, name, key, touch=touch)
            else:
                values = {one: value for one, value in self._own(entry).items() if one in _VALUES}
                self._children.change(module, parent, name, key, values, touch=touch)
        self.log(f"{kind} {entry} {parent} {key}{' with its record' if touch else ''}")

    def _own(self, entry: str) -> Row:
        random, organisation = self._random, self._demo.organisation
        if entry == "Deals.Contact_Roles":
            role = random.choice(organisation.contact_roles)
            return {"id": self._some("Contacts") or "0", "Contact_Role": role["id"]}
        if entry == "Campaigns.Leads":
            status = random.choice(["Planned", "Invited", "Responded"])
            return {"id": self._some("Leads") or "0", "Member_Status": status}
        if entry == "Deals.Shares":
            user = random.choice(organisation.users)
            permission = random.choice(["read_only", "read_write"])
            return {"shared_with": {"id": user["id"]}, "permission": permission}
        if entry == "Contacts.Emails":
            return {"subject": f"S{self.number}"}
        return {}


_VALUES = frozenset({"Contact_Role", "Member_Status", "permission", "subject"})
