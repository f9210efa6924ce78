"""Where made-up values come from, whatever has become of their modules and fields since.

A made-up value follows from the names and the type that its module and field had at first.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.records.accepted import accepted
from zohocrm_demo.organisation.records.kinds import kind_of

if TYPE_CHECKING:
    from zohocrm_demo.organisation.references import Row


@dataclass(slots=True)
class Origins:
    """The first names of modules, and the first state of fields.

    Attributes:
        modules: First names by present ones, of modules that have been renamed.
        fields: By present module and name, the metadata that a changed field had at first; None
            for one that was added to a module with records, and is empty in those.
        places: What keeps the ids of modules' records apart, by present name.
    """

    modules: dict[str, str] = field(default_factory=dict)
    fields: dict[tuple[str, str], Row | None] = field(default_factory=dict)
    places: dict[str, int] = field(default_factory=dict)

    def first_name(self, module: str) -> str:
        """What a module was called at first."""
        return self.modules.get(module, module)

    def present_name(self, module: str) -> str:
        """What the module of this first name is called now."""
        return next((now for now, first in self.modules.items() if first == module), module)

    def first_field(self, module: str, known: Row) -> Row | None:
        """The metadata that a field had at first; None if its made-up values are empty."""
        return self.fields.get((module, known["api_name"]), known)

    def rename_module(self, old: str, new: str) -> None:
        """Let a module have a new name."""
        self.modules[new] = self.modules.pop(old, old)
        self.places[new] = self.places.pop(old)
        for module, name in [key for key in self.fields if key[0] == old]:
            self.fields[new, name] = self.fields.pop((module, name))

    def change_field(self, module: str, before: Row, new_name: str) -> None:
        """Remember a field as it was before its first change."""
        first = self.fields.pop((module, before["api_name"]), before)
        self.fields[module, new_name] = None if first is None else dict(first)


def converted(known: Row, value: Any) -> Any:
    """A kept value of another type, as the field keeps it; None where the field can't hold it."""
    if kind_of(known) in {"text", "rich_text"} and value is not None and value != ():
        value = ";".join(map(str, value)) if isinstance(value, tuple | list) else str(value)
    try:
        return accepted(known, value)
    except ValueError:
        return None
