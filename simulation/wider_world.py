"""Changes that only some seeds draw: see `simulation.draws`."""

from __future__ import annotations

import contextlib
from collections.abc import Callable
from datetime import timedelta
from random import Random
from typing import Any

from typing_extensions import override

from simulation.answers import RICH_TEXT
from simulation.draws import Drawn
from simulation.inline import MachineClock
from simulation.organisation import UNTRACKED
from simulation.visibility import Visibility
from simulation.world import World
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.organisation.records.table import KeptRecord
from zohocrm_demo.organisation.references import Row

_OFTEN = 0.3
# Seconds before now that an import sets; what lies beyond `lookback` only a sweep finds.
_AGES = (20, 120, 250, 4_000, 40 * 86_400)
_BETWEEN_RUNS = ("restores", "mass-deletions")
_WITHIN_LOOKBACK = 290
_SAME_KINDS = {
    "text": "text:120",
    "integer": "integer:9",
    "double": "double:8",
    "boolean": "boolean",
    "date": "date",
}
_LONG = 700
_USERS = 12


class WiderWorld(World):
    """A world in which more may happen.

    Attributes:
        only_swept: Records that nothing but a sweep finds.
        once_hidden: Records that a role has hidden at some time.
        unstamped: Records that got no `Modified_Time` when they were made.
        has_changed_roles: Whether a role hid or showed records since this was set to False.
        has_imported: Whether records of old times came since this was set to False.
        ahead: So many seconds one of Zoho's clocks is ahead.
        touched_users: Users that went to the list of deleted ones, or came from it.
    """

    def __init__(
        self,
        demo: DemoOrganisation,
        clock: MachineClock,
        random: Random,
        modules: list[str],
        drawn: Drawn,
    ) -> None:
        super().__init__(demo, clock, random, modules)
        self.drawn = drawn
        self.visibility = Visibility(demo, clock.monotonic, drawn)
        self.only_swept: set[str] = set()
        self.once_hidden: set[str] = set()
        self.unstamped: set[str] = set()
        self.has_changed_roles = False
        self.has_imported = False
        self.ahead = 0
        self.touched_users: set[str] = set()
        self._hidden: list[tuple[str, KeptRecord]] = []
        self._records: Any = demo.organisation.records
        if drawn.of("utf-16") is not None and self.probes in modules:
            line = f"{RICH_TEXT}|{RICH_TEXT}|textarea:rich_text|custom"
            demo.organisation.schema.add_field(self.probes, line)
            plain = self.values["textarea"]
            self.values["textarea"] = lambda random, field: (
                _long(random)
                if (field.get("textarea") or {}).get("type") == "rich_text"
                else plain(random, field)
            )
        if drawn.of("moving-lists") is not None:
            demo.organisation.put("users", demo.organisation.users[:_USERS])

    @override
    def change(self, *, within_run: bool) -> None:
        self.visibility.keep()
        for name, happen in self._wider_changes().items():
            random = self.drawn.of(name)
            # What comes back unchanged between two calls leaves no trace in either.
            if within_run and name in _BETWEEN_RUNS:
                continue
            if random is not None and random.random() < _OFTEN:
                happen(random)
                return
        super().change(within_run=within_run)

    @override
    def change_schema(self, *, of_modules: bool) -> None:
        self.show_all()
        for name, happen in self._schema_changes().items():
            random = self.drawn.of(name)
            if random is not None and self.probes in self.modules and random.random() < 0.6:
                happen(random)
                break
        else:
            super().change_schema(of_modules=of_modules)
        self.visibility.forget()

    @override
    def fill(self, module: str, count: int, crowd: int) -> None:
        super().fill(module, count, crowd)
        if (twins := self.drawn.of("case-twins")) is not None and module == self.probes:
            self._twin(twins)
        random = self.drawn.of("unstamped")
        if random is not None and self.has_modified_time(module) and random.random() < 0.7:
            self._insert_unstamped(module, random)

    def has_modified_time(self, module: str) -> bool:
        """Whether records of a module say when they changed."""
        return "Modified_Time" in self._records.fields(module)

    def show_all(self) -> None:
        """Show every record that a role hides."""
        self.has_changed_roles |= bool(self._hidden)
        for module, record in self._hidden:
            self._records.table(module).keep(record)
            self.log(f"show {module} {record.id}")
        self._hidden.clear()

    def _schema_changes(self) -> dict[str, Callable[[Random], None]]:
        return {
            "case-twins": self._twin,
            "replaced-fields": self._replace_field,
            "retype-recipe": lambda _: self._retype_field(),
        }

    def _wider_changes(self) -> dict[str, Callable[[Random], None]]:
        return {
            "hidden-records": self._hide_or_show,
            "old-times": self._import,
            "unstamped": lambda random: self._insert_unstamped(random.choice(self.modules), random),
            "silent-caps": self._wipe,
            "mass-deletions": self._wipe,
            "calls-under-way": self._delete_neighbors,
            "restores": self._bin_or_restore,
            "moving-lists": self._move_user,
        }

    def _hide_or_show(self, random: Random) -> None:
        self.has_changed_roles = True
        if self._hidden and random.random() < 0.5:
            self.show_all()
            return
        module = random.choice(self.modules)
        table = self._records.table(module)
        for _ in range(random.randrange(1, 5)):
            chosen = self._some(module)
            if chosen is None:
                return
            found = table.find(int(chosen))
            kept = KeptRecord(
                found.id, found.created, found.modified, table.materialised(found), found.approved
            )
            table.drop(found.id)
            self._hidden.append((module, kept))
            self.once_hidden.add(chosen)
            self.gone.add(chosen)
            self.log(f"hide {module} {chosen}")

    def _import(self, random: Random) -> None:
        module = random.choice(self.modules)
        for age in random.sample(_AGES, random.randrange(1, 4)):
            at = self.clock.server() - timedelta(seconds=age)
            made = self._store.insert(module, self._values(module, 0.6), at=at)
            self.has_imported = True
            # It becomes visible later still, and a bookmark may be of the clock that is ahead.
            if age + self.visibility.longest + self.ahead > _WITHIN_LOOKBACK:
                self.only_swept.add(made)
            self.log(f"import {module} {made} of {at:%d %H:%M:%S}")

    def _insert_unstamped(self, module: str, random: Random) -> None:
        for _ in range(random.randrange(1, 3)):
            made = self._store.insert(module, self._values(module, 0.6), stamped=False)
            self.unstamped.add(made)
            self.log(f"insert {module} {made} without Modified_Time")

    def _wipe(self, random: Random) -> None:
        module = random.choice(self.modules)
        if module in UNTRACKED and not self.deletes_untracked:
            return
        share = random.choice([0.3, 0.8, 1.0])
        for record in list(self._store.scan(module)):
            if random.random() < share:
                self._remove(module, str(record.id), permanent=random.random() < 0.5)

    def _bin_or_restore(self, random: Random) -> None:
        if self._binned and random.random() < 0.6:
            self._restore(self.probes, touch=False)
        else:
            self._delete(random.choice(self.modules))

    def _delete_neighbors(self, random: Random) -> None:
        """Delete a few records that follow each other: those behind them move forward."""
        module = random.choice(self.modules)
        if module in UNTRACKED and not self.deletes_untracked:
            return
        ids = sorted(record.id for record in self._store.scan(module))
        begin = random.randrange(max(1, len(ids)))
        for chosen in ids[begin : begin + random.randrange(2, 5)]:
            self._remove(module, str(chosen), permanent=random.random() < 0.5)

    def widen(self, random: Random) -> None:
        """Add a field in which most records have a value."""
        if self.probes in self.modules:
            name = f"Filled_{len(self.trace)}"
            kind = random.choice(["text:80", "integer:9", "date"])
            self.demo.organisation.schema.add_field(self.probes, f"{name}|{name}|{kind}|custom")
            self.log(f"add field {name} {kind}")

    def retire_user(self, random: Random) -> None:
        """Let a user go to the list of deleted ones: those behind it move forward."""
        there = [one for one in self.demo.organisation.users[2:] if one["status"] != "deleted"]
        if there:
            self._switch_user(random.choice(there))

    def _move_user(self, random: Random) -> None:
        # Not the first ones, who made the token and most of the records.
        users: list[Row] = self.demo.organisation.users[2:]
        self._switch_user(random.choice(users))

    def _switch_user(self, chosen: Row) -> None:
        goes = chosen["status"] != "deleted"
        chosen["status"] = "deleted" if goes else "active"
        self.touched_users.add(chosen["id"])
        self.log(f"user {chosen['id']} {'goes to' if goes else 'comes from'} the deleted ones")

    def _twin(self, random: Random) -> None:
        fields = self._fields()
        names = [name for name in fields if name.swapcase() in fields]
        if names and random.random() < 0.6:
            name = random.choice(names)
            self.demo.organisation.schema.drop_field(self.probes, name)
            self.vanished.add(name)
            self.log(f"drop field {name}, the other of {name.swapcase()}")
        elif fields:
            twin = random.choice(fields).swapcase()
            if twin not in self._store.fields(self.probes):
                line = f"{twin}|{twin}|integer:9|custom"
                self.demo.organisation.schema.add_field(self.probes, line)
                self.vanished.discard(twin)
                self.log(f"add field {twin}")
                self._fill_field(twin, random)

    def _fill_field(self, name: str, random: Random) -> None:
        for record in list(self._store.scan(self.probes)):
            if random.random() < 0.5:
                values = {name: random.randrange(10**6)}
                self._store.update(self.probes, str(record.id), values)
                self.log(f"update {self.probes} {record.id} [{name!r}]")

    def _replace_field(self, random: Random) -> None:
        known = self._store.fields(self.probes)
        names = [name for name in self._fields() if known[name]["data_type"] in _SAME_KINDS]
        if names:
            name = random.choice(names)
            kind = _SAME_KINDS[known[name]["data_type"]]
            with contextlib.suppress(LookupError):
                self.demo.organisation.schema.drop_field(self.probes, name)
            self.demo.organisation.schema.add_field(self.probes, f"{name}|{name}|{kind}|custom")
            self.log(f"replace field {name}")


def _long(random: Random) -> str:
    length = random.choice([480, 499, 500, 501, _LONG])
    return "".join(random.choice("ab 💧") for _ in range(length - 1)) + "."
