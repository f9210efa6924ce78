"""From what rows call other things to one key for each thing of the organisation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, TypeVar

import msgspec

from zohocrm_atlas.intake.listings import listing_of
from zohocrm_atlas.model.entities import Field, Item, Layout, Module, PicklistValue, Use

_T = TypeVar("_T", Field, Item, Layout)


class Keys:
    """The things that there are, by all that others call them."""

    def __init__(
        self,
        modules: Iterable[Module],
        fields: Iterable[Field],
        values: Iterable[PicklistValue],
    ) -> None:
        self._known: dict[str, tuple[str, ...]] = {}
        for module in modules:
            self._known[module.id] = self._known[f"module:{module.api_name}"] = (module.id,)
        # A field's label is what it is called in older merge fields; its API name comes first.
        listed = list(fields)
        for field in listed:
            self._known.setdefault(f"{field.module}.{field.label}", (field.id,))
        for field in listed:
            self._known[field.id] = self._known[f"{field.module}.{field.api_name}"] = (field.id,)
        for value in values:
            key = value_key(value)
            self._known[value.id] = (*self._known.get(value.id, ()), key)
            for name in {value.value, value.label} - {""}:
                self._known[f"{value.field_id}={name}"] = (key,)
                self._known[f"{value.module}.{value.field}={name}"] = (key,)

    def add_ids(self, *several: Iterable[Any]) -> None:
        """Adds things that are called by their ids alone."""
        for things in several:
            for thing in things:
                id_ = row_id(thing)
                self._known.setdefault(id_, (id_,))

    def resolve(self, things: Iterable[_T]) -> tuple[_T, ...]:
        """The things, with what they use by its key; what is none of the organisation's is left."""
        return tuple(self._resolved(thing) for thing in things)

    def _resolved(self, thing: _T) -> _T:
        if not thing.uses:
            return thing
        own = row_id(thing)
        found = {
            Use(key, use.role): None
            for use in thing.uses
            for key in self._known.get(use.key, ())
            if key != own
        }
        return msgspec.structs.replace(thing, uses=tuple(found))


def row_id(thing: Any) -> str:
    """The id by which others call it: of a key of several columns, the last if it is one."""
    id_ = str(thing.id)
    if not isinstance(thing, Item):
        return id_
    listing = listing_of(thing.stream)
    return id_.rpartition(" ")[2] if listing.key[-1] == "id" and not listing.repeats else id_


def value_key(value: PicklistValue) -> str:
    """The key of a picklist's value: values of two fields may have one id."""
    return f"{value.field_id} {value.id}"
