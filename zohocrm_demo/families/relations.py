"""What a related list of a record is made of: links of their own, a linking module, or lookups."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from zohocrm_demo.answers import ZohoError
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.organisation.children.child import INVERSE, LINKS, child_module
from zohocrm_demo.organisation.records.kinds import kind_of
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.references import Row

_NO_LIST = "the relation name given seems to be invalid"


@dataclass(frozen=True, slots=True)
class Relation:
    """The records that one related list of a record has."""

    module: str  # whose records they are
    records: list[Record]
    # What the relation itself has, by the id of the record.
    own: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)


def listed(organisation: Organisation, module: Row, wanted: Mapping[str, Any]) -> Row | None:
    """The metadata of a visible related list with these values; None if there is none."""
    for row in organisation.related_lists.get(module["api_name"], ()):
        if all(row.get(key) == value for key, value in wanted.items()):
            return row if row["status"] == "visible" else None
    return None


def the_list(organisation: Organisation, module: Row, name: str) -> Row:
    """The metadata of a related list; 400 INVALID_DATA if there is no such list to be read."""
    row = listed(organisation, module, {"api_name": name})
    if row is None or row["module"] is None:
        # Which lists are hidden, and so not to be read, only the metadata tells.
        raise ZohoError("INVALID_DATA", _NO_LIST, resource_path_index=2)
    return row


def relation_of(organisation: Organisation, module: Row, parent: Record, name: str) -> Relation:
    """The records of a related list; errors as of `the_list`."""
    row, kind = the_list(organisation, module, name), f"{module['api_name']}.{name}"
    if kind in LINKS or kind in INVERSE:
        children = organisation.children.of_record(module["api_name"], str(parent.id), name)
        child = child_module(kind)
        found = [organisation.records.find(child, one.key) for one in children]
        own = {one.key: one.row for one in children}
        return Relation(child, [record for record in found if record is not None], own)
    child, store = row["module"]["api_name"], organisation.records
    if row["type"] == "multiselectlookup":
        return _by_linking(store, module["api_name"], parent, row["linkingmodule"], child)
    by_lookup = pointers(store, module["api_name"], parent, row)
    known = {it.id: it for name, key in by_lookup.items() for it in store.holding(child, name, key)}
    return Relation(child, list(known.values()))


def pointers(store: RecordStore, module: str, parent: Record, row: Row) -> dict[str, Any]:
    """The lookups that put records into a list, with the kept value that does it."""
    found: dict[str, Any] = {}
    by_name = row.get("connectedlookupApiName")
    for name, one in store.fields(row["module"]["api_name"]).items():
        if by_name not in {None, name}:
            continue
        if kind_of(one) == "any_record" and module in store.targets(one):
            found[name] = (module, str(parent.id))
        elif kind_of(one) == "record" and one["lookup"]["module"]["api_name"] == module:
            found[name] = str(parent.id)
    return found


def sides(store: RecordStore, linking: str) -> dict[str, str]:
    """The lookups of a linking module, by the module that they lead to."""
    return {
        one["lookup"]["module"]["api_name"]: name
        for name, one in store.fields(linking).items()
        if kind_of(one) == "record"
    }


def _by_linking(
    store: RecordStore, module: str, parent: Record, linking: str, child: str
) -> Relation:
    lookups = sides(store, linking)
    links = store.holding(linking, lookups[module], str(parent.id))
    keys = dict.fromkeys(link.value(lookups[child]) for link in links)
    found = [store.find(child, key) for key in keys if key is not None]
    return Relation(child, [record for record in found if record is not None])
