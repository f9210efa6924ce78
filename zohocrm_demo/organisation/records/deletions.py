"""Records that are gone: what `GET /{module}/deleted` says of them, and what restores them.

Source: https://www.zoho.com/crm/developer/docs/api/v8/get-deleted-records.html
"""

from __future__ import annotations

import functools
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timezone, tzinfo
from typing import TYPE_CHECKING, Any, Literal, TypeAlias

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.records.spot import Placement
from zohocrm_demo.organisation.records.table import KeptRecord, Record
from zohocrm_demo.organisation.records.times import seconds, written
from zohocrm_demo.organisation.references import Row, ref

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation

Change: TypeAlias = Callable[[Mapping[str, Any]], dict[str, Any]]

_PURGED_FROM = seconds(datetime(2025, 6, 2, 18, tzinfo=timezone.utc))
_PURGED_EVERY = 1_801

_LATEST = operator.attrgetter("deleted", "id")

# Zoho keeps no trace of what is deleted in these: their rows belong to other records.
_UNTRACED = frozenset({"subform", "static_subform", "linking"})


@dataclass(frozen=True, slots=True)
class Deletion:
    """One line of the list of deleted records; what is gone for good has no name and author."""

    id: str
    deleted: int  # when, in seconds since 1970
    deleted_by: str
    type: Literal["recycle", "permanent"] = "permanent"
    display_name: str | None = None
    created_by: str | None = None


class Deletions:
    """What has been deleted. The recycle bin itself is the organisation's."""

    def __init__(self, organisation: Organisation) -> None:
        self._organisation = organisation
        self._purged: dict[str, list[Deletion]] = {}
        sizes = read_file("records.yaml")["modules"].items()
        self.purged_long_ago = {name: size["purged"] for name, size in sizes if "purged" in size}
        self._binned: dict[tuple[str, str], tuple[Record, str | None]] = {}

    def recycle(self, module: str, record: Record, line: Deletion, zone: tzinfo) -> None:
        """Put a record into the recycle bin."""
        self._binned[module, line.id] = record, line.created_by
        users = {user["id"]: user["full_name"] for user in self._organisation.users}
        deleted_by = {"name": users.get(line.deleted_by), "id": line.deleted_by}
        row = {
            "display_name": line.display_name,
            "deleted_time": written(line.deleted, zone),
            "owner": deleted_by,
            "module": ref(self._organisation.the_module(module)),
            "deleted_by": deleted_by,
            "id": line.id,
        }
        self._organisation.recycle_bin.insert(0, row)

    def purge(self, module: str, line: Deletion) -> None:
        """Note that a record is gone for good; it leaves the recycle bin if it was there."""
        self._out_of_bin(module, line.id)
        if self._organisation.the_module(module)["generated_type"] not in _UNTRACED:
            self._purged.setdefault(module, []).append(line)

    def restored(self, module: str, record_id: str) -> Record:
        """Take a record out of the recycle bin; LookupError: it isn't there."""
        record, _ = self._binned.pop((module, record_id))
        self._out_of_bin(module, record_id)
        return record

    def rename_module(self, old: str, new: str) -> None:
        """Let a module have a new name."""
        self._purged[new] = self._purged.pop(old, [])
        for key in [key for key in self._binned if key[0] == old]:
            self._binned[new, key[1]] = self._binned.pop(key)

    def rewrite(self, module: str, change: Change) -> None:
        """Change the values of a module's records in the bin, as those of its table are."""
        for key, (record, author) in self._binned.items():
            if key[0] == module and isinstance(record, KeptRecord):
                self._binned[key] = replace(record, values=change(record.values)), author

    def lines(self, module: str, made: Placement) -> list[Deletion]:
        """The deleted records of a module, the latest first."""
        lines = list(self._purged.get(module, ()))
        lines.extend(
            self._from_bin(module, row)
            for row in self._organisation.recycle_bin
            if row["module"]["api_name"] == module
        )
        if made.count:
            count = self.purged_long_ago.get(module, 0)
            lines += _purged_long_ago(count, made, self._organisation.users[0]["id"])
        return sorted(lines, key=_LATEST, reverse=True)

    def _from_bin(self, module: str, row: Row) -> Deletion:
        _, created_by = self._binned.get((module, row["id"]), (None, row["owner"]["id"]))
        when = seconds(datetime.fromisoformat(row["deleted_time"]))
        deleter, name = row["deleted_by"]["id"], row["display_name"]
        return Deletion(row["id"], when, deleter, "recycle", name, created_by)

    def _out_of_bin(self, module: str, record_id: str) -> None:
        self._binned.pop((module, record_id), None)
        bin_ = self._organisation.recycle_bin
        bin_[:] = [
            row for row in bin_ if row["id"] != record_id or row["module"]["api_name"] != module
        ]


@functools.lru_cache(maxsize=64)
def _purged_long_ago(count: int, made: Placement, by: str) -> tuple[Deletion, ...]:
    return tuple(
        Deletion(str(made.id_of(-1 - number)), _PURGED_FROM + number * _PURGED_EVERY, by)
        for number in range(count)
    )
