"""A life of its own: records are edited, created, deleted and restored, by a seed."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from random import Random
from typing import Any

from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of
from zohocrm_demo.organisation.references import Row

MODULES = ("Leads", "Accounts", "Contacts", "Deals", "Tasks")
_ATTEMPTS = 50
_KINDS = ("edited", "created", "deleted", "restored")
_WEIGHTS = (60, 20, 14, 6)
_VALUES: Mapping[str, Callable[[Random, Row], Any]] = {
    "text": lambda random, field: f"{field['field_label']} {random.randrange(10_000)}",
    "integer": lambda random, _: random.randrange(1_000),
    "boolean": lambda random, _: random.random() < 0.5,  # noqa: PLR2004 (even odds)
    "picklist": lambda random, field: random.choice(field["pick_list_values"])["actual_value"],
}


@dataclass(frozen=True, slots=True)
class Change:
    """One change of a record."""

    kind: str  # `edited`, `created`, `deleted` or `restored`
    module: str
    record_id: str


class Life:
    """Changes records; the same seed makes the same changes."""

    def __init__(
        self, organisation: Organisation, seed: int = 0, modules: Sequence[str] = MODULES
    ) -> None:
        self._organisation = organisation
        self.seed = seed
        self._random = Random(seed)  # noqa: S311 (a simulation)
        self._modules = [name for name in modules if organisation.module(name)]
        self.changes = 0
        self._created: list[tuple[str, str]] = []
        self._deleted: list[tuple[str, str]] = []

    def step(self, changes: int = 1) -> list[Change]:
        """Make so many changes; returns them. ValueError: the organisation has no such modules."""
        if not self._modules:
            raise ValueError("no module of the organisation lives")
        return [self._change() for _ in range(changes)]

    def _change(self) -> Change:
        self.changes += 1
        kind = self._random.choices(_KINDS, _WEIGHTS)[0]
        records = self._organisation.records
        with records.lock:
            if kind == "restored" and self._deleted:
                module, record_id = self._deleted.pop(self._random.randrange(len(self._deleted)))
                records.restore(module, record_id)
                return Change(kind, module, record_id)
            module = self._random.choice(self._modules)
            chosen = None if kind == "created" else self._some_record(module)
            if chosen is None:
                kind = "created"
                chosen = records.insert(module, self._values(module, mandatory=True))
                self._created.append((module, chosen))
            elif kind == "deleted":
                records.delete(module, chosen)
                self._deleted.append((module, chosen))
            else:
                kind = "edited"
                records.update(module, chosen, self._values(module, mandatory=False))
            return Change(kind, module, chosen)

    def _some_record(self, module: str) -> str | None:
        records = self._organisation.records
        placement = records.placement(module)
        created = [record_id for owner, record_id in self._created if owner == module]
        for _ in range(_ATTEMPTS):
            place = self._random.randrange(placement.count + len(created) or 1)
            if place < placement.count:
                record_id = str(placement.id_of(place))
            elif created:
                record_id = created[place - placement.count]
            else:
                return None
            if records.find(module, record_id) is not None:
                return record_id
        return None

    def _values(self, module: str, *, mandatory: bool) -> dict[str, Any]:
        fields = [
            field
            for field in self._organisation.records.fields(module).values()
            if field["data_type"] in _VALUES
            and kind_of(field) not in COMPUTED
            and field["type"] == "used"
            and not field["read_only"]
            and (field["data_type"] != "picklist" or field["pick_list_values"])
        ]
        needed = [field for field in fields if mandatory and field["system_mandatory"]]
        optional = [field for field in fields if field not in needed]
        chosen = [*needed, *self._random.sample(optional, min(2, len(optional)))]
        return {one["api_name"]: _VALUES[one["data_type"]](self._random, one) for one in chosen}
