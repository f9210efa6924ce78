"""The organisation's records: read by the calls, changed by tests while the server runs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import replace
from datetime import datetime
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.records.calculations import calculated
from zohocrm_demo.organisation.records.conversion import USUAL_DEAL, Conversion, convert
from zohocrm_demo.organisation.records.deletions import Change, Deletion
from zohocrm_demo.organisation.records.kinds import SILENT_TYPES, accepted, converted, leads_to
from zohocrm_demo.organisation.records.reading import NOTHING, ReadableRecords
from zohocrm_demo.organisation.records.table import KeptRecord, Record
from zohocrm_demo.organisation.records.times import seconds, written
from zohocrm_demo.organisation.references import Row, make_id

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation

_INSERTED = 980_000_000_000
_TAGS_MADE = 7_079_000_000
_SYSTEM = frozenset({"id", "Created_Time", "Modified_Time"})


class RecordStore(ReadableRecords):
    """All records of one organisation, kept once somebody changes them; safe in several threads."""

    def __init__(self, organisation: Organisation) -> None:
        super().__init__(organisation)
        self._inserted = 0
        self._tags_made = 0
        self._next_place = 0

    def insert(  # noqa: PLR0913 (all but the first two by keyword)
        self,
        module: str,
        values: Mapping[str, Any] | None = None,  # as `accepted` takes them; others stay empty
        *,
        by: str | None = None,  # the id of the user who does it; the caller by default
        at: datetime | None = None,  # the clock's time by default
        stamped: bool = True,  # whether it gets a `Modified_Time`
        approved: bool = True,  # whether it doesn't wait for approval
    ) -> str:
        """Add a record; returns its id, the greatest. ValueError: a field can't hold its value."""
        with self.lock:
            table = self.table(module)
            now, user = self._now(at), by or self._caller
            known = self.fields(module)
            usual: dict[str, Any] = dict.fromkeys(("Owner", "Created_By", "Modified_By"), user)
            usual = {**usual, "Tag": (), "Converted__s": False}
            kept = {name: value for name, value in usual.items() if name in known}
            kept.update(self._accepted(module, values or {}))
            self._inserted += 1
            record_id = int(make_id(_INSERTED + self._inserted))
            record = KeptRecord(record_id, now, now if stamped else None, kept, approved)
            table.keep(self._calculated(module, record, values or {}))
            self._note("added", module, str(record_id), now, user)
            return str(record_id)

    def put(
        self,
        module: str,
        values: Mapping[str, Any],
        record_id: str | None = None,  # a new one unless set
        *,
        created: int | None = None,  # in seconds since 1970; the clock's time unless set
        modified: int | None = None,
    ) -> str:
        """Keep a record as it was elsewhere, in place of one with the same id; returns its id."""
        with self.lock:
            kept, now = self._accepted(module, values), self._now(None)
            self._inserted += 1
            identity = int(record_id or make_id(_INSERTED + self._inserted))
            usual = {"Owner": self._caller, "Tag": (), "Converted__s": False}
            known = self.fields(module)
            kept = {**{name: one for name, one in usual.items() if name in known}, **kept}
            born = now if created is None else created
            table = self.table(module)
            table.keep(KeptRecord(identity, born, born if modified is None else modified, kept))
            return str(identity)

    def update(
        self,
        module: str,
        record_id: str,
        values: Mapping[str, Any],
        *,
        by: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Change a record; silently, if nothing but formulas and roll-ups."""
        with self.lock:
            table = self.table(module)
            record = self._existing(module, record_id)
            known = self.fields(module)
            new = self._accepted(module, values)
            before = table.materialised(record)
            kept = {**before, **new}
            modified = record.modified
            told = any(known[name]["data_type"] not in SILENT_TYPES for name in new) or not new
            if told:
                modified = self._now(at)
                if "Modified_By" in known:
                    kept["Modified_By"] = by or self._caller
            edited = KeptRecord(record.id, record.created, modified, kept, record.approved)
            if told:
                edited = self._calculated(module, edited, new)
            table.keep(edited)
            changes = [
                (one, before.get(one), new[one]) for one in new if new[one] != before.get(one)
            ]
            self._note("updated", module, record_id, self._now(at), by or self._caller, *changes)

    def delete(
        self,
        module: str,
        record_id: str,
        *,
        permanent: bool = False,
        by: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Delete a record: into the recycle bin, where the module has one, or for good."""
        with self.lock:
            record = self._existing(module, record_id)
            now, user = self._now(at), by or self._caller
            name = self.namer(module)(record_id) or record_id
            self._note("deleted", module, record_id, now, user)
            self.table(module).drop(record.id)
            if permanent or not self._organisation.the_module(module)["recycle_bin_on_delete"]:
                self._deletions.purge(module, Deletion(record_id, now, user))
                return
            author = record.value("Created_By") or user
            line = Deletion(record_id, now, user, "recycle", name, author)
            self._deletions.recycle(module, record, line, self.zone)

    def purge(
        self, module: str, record_id: str, *, by: str | None = None, at: datetime | None = None
    ) -> None:
        """Empty one record out of the recycle bin: the list then has it as `permanent`."""
        with self.lock:
            self._deletions.restored(module, record_id)
            line = Deletion(record_id, self._now(at), by or self._caller)
            self._deletions.purge(module, line)

    def restore(
        self, module: str, record_id: str, *, touch: bool = True, at: datetime | None = None
    ) -> None:
        """Bring a record back from the recycle bin; `touch`: with the present time."""
        with self.lock:
            record = self._deletions.restored(module, record_id)
            table = self.table(module)
            modified = self._now(at) if touch else record.modified
            kept = table.materialised(record)
            table.keep(KeptRecord(record.id, record.created, modified, kept, record.approved))
            self._note("restored", module, record_id, self._now(at), self._caller)

    def convert_lead(
        self,
        lead_id: str,
        *,
        at: datetime | None = None,
        deal: Mapping[str, Any] | None = USUAL_DEAL,
        owner: str | None = None,  # the lead's own unless set
        existing: Mapping[str, str] | None = None,  # `Accounts`, `Contacts`: ids, none is made
    ) -> dict[str, str]:
        """Convert a lead into an account, a contact and a deal, if it has values; returns ids."""
        with self.lock:
            how = Conversion(deal, owner, existing or {}, at)
            return convert(self, self._existing("Leads", lead_id), how)

    def admit(self, module: str) -> None:
        """Be ready for a module that is about to be added: it has no records."""
        with self.lock:
            self._pin()
            self._origins.places[module] = self._next_place
            self._sizes[module] = NOTHING

    def dismiss(self, module: str) -> None:
        """Forget the records of a module that is about to be dropped."""
        with self.lock:
            self._pin()
            self._tables.pop(module, None)
            self._origins.places.pop(module)
            self._remake()

    def rename(self, module: str, new_name: str) -> None:
        """Keep a module's records under the new name that it is about to have."""
        with self.lock:
            self._pin()
            self._origins.rename_module(module, new_name)
            self._sizes[new_name] = self._sizes.get(module, self._usual)
            self._deletions.rename_module(module, new_name)
            if module in self._tables:
                self._tables[new_name] = self._tables.pop(module)
            for table in self._tables.values():
                table.rewrite(
                    lambda values: {
                        name: (new_name, *value[1:]) if leads_to(value, module) else value
                        for name, value in values.items()
                    }
                )
            self._remake()

    def forget_field(self, module: str, name: str) -> None:
        """Let a field be empty in all records that there are."""
        with self.lock:
            self._origins.fields[module, name] = None
            self._rewrite(module, lambda values: {k: v for k, v in values.items() if k != name})

    def rename_field(self, module: str, before: Row, new_name: str) -> None:
        """Keep a field's values under the new name that it is about to have."""
        with self.lock:
            self._origins.change_field(module, before, new_name)
            names = {before["api_name"]: new_name}
            self._rewrite(module, lambda values: {names.get(k, k): v for k, v in values.items()})

    def retype_field(self, module: str, before: Row, field: Row) -> None:
        """Turn a field's values into those of its new type; what it can't hold becomes empty."""
        with self.lock:
            self._origins.change_field(module, before, before["api_name"])
            name = field["api_name"]

            def change(values: Mapping[str, Any]) -> dict[str, Any]:
                return {k: converted(field, v) if k == name else v for k, v in values.items()}

            self._rewrite(module, change)

    def make_tags(self, module: str, names: Iterable[str]) -> None:
        """Make those of these tags that a module doesn't have."""
        tags = self._organisation.tags.setdefault(module, [])
        for name in sorted(set(names) - {tag["name"] for tag in tags}):
            self._tags_made += 1
            now, user = written(self._now(None), self.zone), self._caller
            by = {"name": self.view().user(user)["name"], "id": user}
            times = {"created_time": now, "modified_time": now, "created_by": by, "modified_by": by}
            tag_id = make_id(_TAGS_MADE + self._tags_made)
            tags.append({**times, "name": name, "id": tag_id, "color_code": None})

    def rename_tag(self, module: str, name: str, new_name: str | None) -> None:
        """Give records another tag in place of one, or none; they don't count as changed."""
        with self.lock:

            def change(values: Mapping[str, Any]) -> dict[str, Any]:
                tags = [new_name if tag == name else tag for tag in values.get("Tag") or ()]
                kept = tuple(dict.fromkeys(tag for tag in tags if tag is not None))
                return {**values, "Tag": kept} if "Tag" in values else dict(values)

            self._rewrite(module, change)

    def _rewrite(self, module: str, change: Change) -> None:
        self.table(module).rewrite(change)
        self._deletions.rewrite(module, change)
        self._remake()

    def _pin(self) -> None:
        # From now on the place in the menu doesn't tell a module's ids any more.
        places = self._origins.places
        for row in self._organisation.modules:
            places.setdefault(row["api_name"], self._place(row["api_name"]))
        self._next_place = max(self._next_place, 1 + max(places.values(), default=-1))

    def _accepted(self, module: str, values: Mapping[str, Any]) -> dict[str, Any]:
        known = self.fields(module)
        unknown = [name for name in values if name not in known or name in _SYSTEM]
        if unknown:
            raise ValueError(f"{module} takes no values for {', '.join(unknown)}")
        kept = {name: accepted(known[name], value) for name, value in values.items()}
        self.make_tags(module, kept.get("Tag") or ())
        return kept

    def _calculated(self, module: str, record: KeptRecord, given: Collection[str]) -> KeptRecord:
        stamps = {"Created_Time": record.created, "Modified_Time": record.modified}
        found = calculated(self.world, module, str(record.id), {**record.values, **stamps}, given)
        return replace(record, values={**record.values, **found})

    def _existing(self, module: str, record_id: str) -> Record:
        record = self.find(module, record_id)
        if record is None:
            raise LookupError(f"no record {record_id} in {module}")
        return record

    def _note(
        self, action: str, module: str, record_id: str, at: int, by: str, *changes: Any
    ) -> None:
        row = self._organisation.the_module(module)
        name = self.namer(module)(record_id)
        self.history.note(action, (row["id"], record_id, name), at, by, *changes)

    def _now(self, at: datetime | None) -> int:
        return seconds(self.clock() if at is None else at)

    @property
    def _caller(self) -> str:
        return str(self._organisation.users[0]["id"])
