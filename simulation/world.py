"""Changes of the organisation, each drawn from the seed."""

from __future__ import annotations

import contextlib
from collections.abc import Callable, Mapping
from random import Random
from typing import Any

from simulation.inline import MachineClock
from simulation.organisation import PROBES, UNTRACKED
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.organisation.references import Row

_CHANGES = {
    "insert": 5,
    "update": 8,
    "delete": 4,
    "purge": 2,
    "restore": 3,
    "restore untouched": 2,
    "convert": 1,
    "burst": 1,
}
_SCHEMA_CHANGES = {"add field": 5, "drop field": 3, "rename field": 2, "retype field": 2}
_MODULE_CHANGES = {"rename module": 1, "replace module": 1}
_NEW_TYPES = ("text:80", "integer:9", "double:8", "boolean", "date", "picklist:Low;High")
_RETYPES = {"integer": "text:40", "text": "textarea:large", "date": "text:40"}
_KEPT = frozenset({"Name"})
_SYSTEM = frozenset({"id", "Created_Time", "Modified_Time", "Last_Activity_Time", "Layout", "Tag"})

_VALUES: Mapping[str, Callable[[Random, Row], Any]] = {
    "text": lambda random, _: random.choice(["", "ü", "two words", "a,b", f"t{random.random()}"]),
    "textarea": lambda random, _: random.choice(["", "line\nline", f"n{random.random()}"]),
    "picklist": lambda random, field: random.choice(field["pick_list_values"])["actual_value"],
    "multiselectpicklist": lambda random, field: [
        value["actual_value"] for value in field["pick_list_values"] if random.random() < 0.5
    ],
    "integer": lambda random, _: random.choice([None, 0, random.randrange(10**6)]),
    "bigint": lambda random, _: random.choice([None, random.randrange(10**15)]),
    "double": lambda random, _: random.choice([None, 0, random.randrange(10**5) / 100]),
    "boolean": lambda random, _: random.random() < 0.5,
    "date": lambda random, _: random.choice([None, f"2025-0{random.randrange(1, 10)}-11"]),
    "datetime": lambda random, _: random.choice(
        [None, f"2025-0{random.randrange(1, 10)}-11T04:05:06+00:00"]
    ),
}


class World:
    """The organisation, its clock, and everything that happens to it.

    Attributes:
        modules: The simulated modules by the names that they have now.
        vanished: The names that fields of the custom module had, and none has now.
        untouched: Records that came back from the recycle bin without a change of their times.
        replaced: Records of modules in whose place another one has come.
        gone: Records that were not there at some time, whether they have come back or not.
        deletions: How many records have been deleted, one by one or many at once.
        values: What makes a field's value, by its data type.
        trace: What has happened, one line each.
    """

    def __init__(
        self, demo: DemoOrganisation, clock: MachineClock, random: Random, modules: list[str]
    ) -> None:
        self.demo = demo
        self.clock = clock
        self.modules = modules
        self.probes = PROBES
        self.trace: list[str] = []
        self.deletes_untracked = False
        self.vanished: set[str] = set()
        self.untouched: set[str] = set()
        self.deletions = 0
        self.gone: set[str] = set()
        self.replaced: set[str] = set()
        self._random = random
        self._store = demo.organisation.records
        self.values = dict(_VALUES)
        self._binned: list[tuple[str, str]] = []
        self._number = 0

    def log(self, text: str) -> None:
        """Note what happens, and when."""
        self.trace.append(f"{self.clock.server():%d %H:%M:%S} {text}")

    def change(self, *, within_run: bool) -> None:
        """Change a record of one of the modules.

        Args:
            within_run: A run is under way. What then comes back unchanged between two of its calls
                leaves no trace in either, so that no reader can see it.
        """
        kind = self._draw(_CHANGES)
        if within_run and kind == "restore untouched":
            kind = "restore"
        module = self._random.choice(self.modules)
        getattr(self, f"_{kind.replace(' ', '_')}")(module)

    def change_schema(self, *, of_modules: bool) -> None:
        """Change the fields of the custom module, or the module itself."""
        if self.probes not in self.modules:
            return
        kinds = {**_SCHEMA_CHANGES, **(_MODULE_CHANGES if of_modules else {})}
        getattr(self, f"_{self._draw(kinds).replace(' ', '_')}")()

    def fill(self, module: str, count: int, crowd: int) -> None:
        """Give a module its first records."""
        if module == self.probes:
            for _ in range(count):
                self._insert(module)
                if self._random.random() > crowd / (count + 1):
                    self.clock.sleep(self._random.randrange(3))
        else:
            unstamped = min(2, count) if self._random.random() < 0.3 else 0
            self._store.resize(module, count, crowd=min(crowd, count), unstamped=unstamped)

    def _draw(self, weights: Mapping[str, int]) -> str:
        return self._random.choices(list(weights), list(weights.values()))[0]

    def _values(self, module: str, share: float) -> dict[str, Any]:
        return {
            name: self.values[field["data_type"]](self._random, field)
            for name, field in self._store.fields(module).items()
            if self._random.random() < share and self._is_editable(module, name, field)
        }

    def _is_editable(self, module: str, name: str, field: Row) -> bool:
        if name in _SYSTEM or name.endswith("__s"):
            return False
        if module == self.probes:
            return field["data_type"] in _VALUES
        is_list = field.get("json_type") == "jsonarray"
        return field["data_type"] in _VALUES and not is_list and not field.get("virtual_field")

    def _some(self, module: str) -> str | None:
        ids = [str(record.id) for record in self._store.scan(module)]
        return self._random.choice(ids) if ids else None

    def _insert(self, module: str) -> None:
        made = self._store.insert(module, self._values(module, 0.6))
        self.log(f"insert {module} {made}")

    def _burst(self, module: str) -> None:
        for _ in range(self._random.randrange(2, 12)):
            self._insert(module)

    def _update(self, module: str) -> None:
        chosen = self._some(module)
        values = self._values(module, 0.3)
        if chosen is not None and values:
            self._store.update(module, chosen, values)
            self.log(f"update {module} {chosen} {sorted(values)}")

    def _delete(self, module: str, *, permanent: bool = False) -> None:
        chosen = self._some(module)
        if chosen is None or (module in UNTRACKED and not self.deletes_untracked):
            return
        self._remove(module, chosen, permanent=permanent)
        if not permanent:
            self._binned.append((module, chosen))

    def _remove(self, module: str, chosen: str, *, permanent: bool) -> None:
        self._store.delete(module, chosen, permanent=permanent)
        self.deletions += 1
        self.gone.add(chosen)
        self.log(f"{'purge' if permanent else 'delete'} {module} {chosen}")

    def _purge(self, module: str) -> None:
        self._delete(module, permanent=True)

    def _restore(self, _: str, *, touch: bool = True) -> None:
        if not self._binned:
            return
        module, chosen = self._binned.pop(self._random.randrange(len(self._binned)))
        # Some modules have no recycle bin.
        with contextlib.suppress(LookupError):
            self._store.restore(module, chosen, touch=touch)
            self.untouched |= set() if touch else {chosen}
            self.log(f"restore {module} {chosen}{'' if touch else ' untouched'}")

    def _restore_untouched(self, module: str) -> None:
        self._restore(module, touch=False)

    def _convert(self, module: str) -> None:
        chosen = self._some(module)
        if module == "Leads" and chosen is not None:
            # It may have been converted already.
            with contextlib.suppress(ValueError):
                self._store.convert_lead(chosen)
                self.log(f"convert {chosen}")

    def _fields(self) -> list[str]:
        known = self._store.fields(self.probes)
        return [
            name
            for name, field in known.items()
            if field["data_type"] in _VALUES
            and name not in _KEPT
            and self._is_editable(self.probes, name, field)
        ]

    def _add_field(self) -> None:
        self._number += 1
        known = self._store.fields(self.probes)
        # A name that has been used before, now and then.
        name = self._random.choice([f"Added_{self._number}", "Depth", "Serial", "Notes"])
        if name not in known:
            kind = self._random.choice(_NEW_TYPES)
            self.vanished.discard(name)
            self.demo.organisation.schema.add_field(self.probes, f"{name}|{name}|{kind}|custom")
            self.log(f"add field {name} {kind}")

    def _drop_field(self) -> None:
        if names := self._fields():
            name = self._random.choice(names)
            self.demo.organisation.schema.drop_field(self.probes, name)
            self.vanished.add(name)
            self.log(f"drop field {name}")

    def _rename_field(self) -> None:
        if names := self._fields():
            self._number += 1
            name, new = self._random.choice(names), f"Renamed_{self._number}"
            self.demo.organisation.schema.rename_field(self.probes, name, new)
            self.vanished.add(name)
            self.log(f"rename field {name} {new}")

    def _retype_field(self) -> None:
        known = self._store.fields(self.probes)
        names = [name for name in self._fields() if known[name]["data_type"] in _RETYPES]
        if names:
            name = self._random.choice(names)
            kind = _RETYPES[known[name]["data_type"]]
            self.demo.organisation.schema.retype_field(self.probes, name, kind)
            self.log(f"retype field {name} {kind}")

    def _rename_module(self) -> None:
        self._number += 1
        old, new = self.probes, f"Renamed_{self._number}_Probes"
        self.demo.organisation.schema.rename_module(old, new)
        self._moved(old, new)
        self.log(f"rename module {old} {new}")

    def _replace_module(self) -> None:
        old = self.probes
        self.vanished |= self._store.fields(old).keys()
        self.replaced.update(str(one.id) for one in self._store.scan(old))
        self.gone |= self.replaced
        self.demo.organisation.schema.drop_module(old)
        self._binned = [one for one in self._binned if one[0] != old]
        self.demo.organisation.schema.add_module(old, "Probe/Probes")
        self.vanished -= self._store.fields(old).keys()
        self.log(f"replace module {old}")

    def _moved(self, old: str, new: str) -> None:
        self.probes = new
        self.modules[self.modules.index(old)] = new
        self._binned = [(new if name == old else name, chosen) for name, chosen in self._binned]
