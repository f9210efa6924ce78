"""Records are related to one record, and their relations changed and taken away.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/update-related-records.html,
.../delink-related-records.html, .../update-notes.html, .../delete-attachments.html
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from typing_extensions import override

from zohocrm_demo.answers import Answer, ZohoError
from zohocrm_demo.calls import Context
from zohocrm_demo.families.records_write import changed
from zohocrm_demo.families.related import parent_of
from zohocrm_demo.families.relations import pointers, relation_of, sides, the_list
from zohocrm_demo.families.writing import answer_rows, each, rows_of
from zohocrm_demo.organisation.children.child import INVERSE, LINKS
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.references import Row

_NO_ID = "the related id given seems to be invalid"


def link(context: Context) -> Answer:
    """Relate up to 100 records to one, or change what their relation has: an answer for each."""
    tie, one = _tie(context), context.variables.get("child")

    def write(place: int, row: Row) -> Row:
        where = f"$.data[{place}]"
        key = one or row.get("id")
        if key is None:
            raise ZohoError("MANDATORY_NOT_FOUND", api_name="id", json_path=f"{where}.id")
        return tie.relate(str(key), row, where)

    with context.organisation.records.lock:
        return answer_rows(each(rows_of(context), write))


def unlink(context: Context) -> Answer:
    """Take relations to records away; the records stay, but for notes and files."""
    tie = _tie(context)
    ids = context.variables.get("child") or context.params.get("ids", "")

    def write(_: int, row: Row) -> Row:
        key = str(row["id"])
        if not tie.has(key):
            raise ZohoError("INVALID_DATA", _NO_ID, id=key)
        return tie.part(key)

    with context.organisation.records.lock:
        return answer_rows(each([{"id": one} for one in ids.split(",")], write))


@dataclass(frozen=True, slots=True)
class _Tie(ABC):
    """What relates records of a module to one record."""

    context: Context
    module: Row
    parent: Record
    row: Row  # the related list

    @abstractmethod
    def relate(self, key: str, row: Row, where: str) -> Row:
        """Add or change a relation; the answer for it."""

    @abstractmethod
    def part(self, key: str) -> Row:
        """Take a relation away that is there; the answer for it."""

    def has(self, key: str) -> bool:
        """Whether the record is related."""
        name = self.row["api_name"]
        related = relation_of(self.context.organisation, self.module, self.parent, name)
        return any(str(record.id) == key for record in related.records)

    @property
    def child(self) -> str:
        """Whose records are related."""
        return str(self.row["module"]["api_name"])

    def demand(self, key: str) -> None:
        """400 INVALID_DATA unless there is such a record."""
        if self.context.organisation.records.find(self.child, key) is None:
            raise ZohoError("INVALID_DATA", _NO_ID, id=key)


class _Links(_Tie):
    """Links with values of their own."""

    @override
    def relate(self, key: str, row: Row, where: str) -> Row:
        children, listed = self.context.organisation.children, self.row["api_name"]
        kind = f"{self.module['api_name']}.{listed}"
        names = LINKS[INVERSE.get(kind, kind)]["own"]
        own = {name: row[name] for name in names if name in row}
        at = self.module["api_name"], str(self.parent.id), listed
        self.demand(key)
        try:
            if self.has(key):
                children.change(*at, key, own)
            else:
                children.add(*at, {"id": key, **own})
        except ValueError as error:
            name = next(iter(own))
            raise ZohoError("INVALID_DATA", api_name=name, json_path=f"{where}.{name}") from error
        return _said(key, "relation updated")

    @override
    def part(self, key: str) -> Row:
        at = self.module["api_name"], str(self.parent.id), self.row["api_name"]
        self.context.organisation.children.remove(*at, key)
        return _said(key, "relation removed")


class _Linking(_Tie):
    """Rows of a linking module."""

    @override
    def relate(self, key: str, row: Row, where: str) -> Row:
        self.demand(key)
        if not self.has(key):
            store, lookups = self.context.organisation.records, self._lookups
            ends = {lookups[self.module["api_name"]]: str(self.parent.id), lookups[self.child]: key}
            store.insert(self.row["linkingmodule"], ends)
        return _said(key, "relation updated")

    @override
    def part(self, key: str) -> Row:
        store, lookups, linking = (
            self.context.organisation.records,
            self._lookups,
            self.row["linkingmodule"],
        )
        for one in store.holding(linking, lookups[self.child], key):
            if one.value(lookups[self.module["api_name"]]) == str(self.parent.id):
                store.delete(linking, str(one.id))
        return _said(key, "relation removed")

    @property
    def _lookups(self) -> Mapping[str, str]:
        return sides(self.context.organisation.records, self.row["linkingmodule"])


class _Lookups(_Tie):
    """Lookups of the related records."""

    @override
    def relate(self, key: str, row: Row, where: str) -> Row:
        self.demand(key)
        own = {name: value for name, value in row.items() if name not in self._pointers}
        changed(self.context, self.child, key, own, where)
        if not self.has(key):
            name, value = next(iter(self._pointers.items()))
            self.context.organisation.records.update(self.child, key, {name: value})
        return _said(key, "relation updated")

    @override
    def part(self, key: str) -> Row:
        store = self.context.organisation.records
        record = store.find(self.child, key)
        leading = [it for it, to in self._pointers.items() if record and record.value(it) == to]
        for name in leading:
            if store.fields(self.child)[name]["system_mandatory"]:
                raise ZohoError("MANDATORY_NOT_FOUND", id=key, api_name=name)
        store.update(self.child, key, dict.fromkeys(leading))
        return _said(key, "relation removed")

    @property
    def _pointers(self) -> dict[str, Any]:
        store = self.context.organisation.records
        return pointers(store, self.module["api_name"], self.parent, self.row)


class _Belongings(_Tie):
    """Notes and files, which are nothing without their record."""

    @override
    def relate(self, key: str, row: Row, where: str) -> Row:
        if self.child == "Attachments":
            raise ZohoError("INVALID_REQUEST_METHOD")
        if not self.has(key):
            raise ZohoError("INVALID_DATA", _NO_ID, id=key)
        own = {name: value for name, value in row.items() if name != "Parent_Id"}
        return changed(self.context, self.child, key, own, where, approval=False)

    @override
    def part(self, key: str) -> Row:
        self.context.organisation.records.delete(self.child, key)
        self.context.organisation.files.pop(key, None)
        return _said(key, "record deleted")


def _tie(context: Context) -> _Tie:
    module, parent = parent_of(context)
    row = the_list(context.organisation, module, context.variables["list"])
    kind = f"{module['api_name']}.{row['api_name']}"
    if kind in LINKS or kind in INVERSE:
        tie: type[_Tie] = _Links
    elif row["type"] == "multiselectlookup":
        tie = _Linking
    else:
        tie = _Belongings if row["module"]["api_name"] in _BELONGINGS else _Lookups
    return tie(context, module, parent, row)


_BELONGINGS = frozenset({"Notes", "Attachments"})


def _said(key: str, message: str) -> Row:
    return {"code": "SUCCESS", "details": {"id": key}, "message": message, "status": "success"}
