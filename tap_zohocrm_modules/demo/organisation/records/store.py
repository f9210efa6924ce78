"""The organisation's records: read by the calls, changed by tests while the server runs."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from tap_zohocrm_modules.demo.organisation.ids import make_id
from tap_zohocrm_modules.demo.organisation.records.accepted import accepted
from tap_zohocrm_modules.demo.organisation.records.bulk_jobs import BulkJobs
from tap_zohocrm_modules.demo.organisation.records.deletions import Deletion, Deletions
from tap_zohocrm_modules.demo.organisation.records.kinds import COMPUTED, SILENT_TYPES, kind_of
from tap_zohocrm_modules.demo.organisation.records.making import Makers, world_of
from tap_zohocrm_modules.demo.organisation.records.placement import Placement
from tap_zohocrm_modules.demo.organisation.records.record import KeptRecord, Record
from tap_zohocrm_modules.demo.organisation.records.sample import NOTHING, SAMPLE_SIZES, USUAL, Size
from tap_zohocrm_modules.demo.organisation.records.table import By, Table
from tap_zohocrm_modules.demo.organisation.records.times import LOS_ANGELES, seconds
from tap_zohocrm_modules.demo.organisation.records.truth import native
from tap_zohocrm_modules.demo.organisation.records.undescribed import UNDESCRIBED
from tap_zohocrm_modules.demo.organisation.records.view import OrganisationView
from tap_zohocrm_modules.demo.organisation.references import Row, by_api_name

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import tzinfo

    from tap_zohocrm_modules.demo.organisation import Organisation

_FIRST_RECORD = 100_000_000_000
_RECORDS_PER_MODULE = 8_000_000_000
_INSERTED = 980_000_000_000
_SYSTEM = frozenset({"id", "Created_Time", "Modified_Time"})


class RecordStore:
    """All records of one organisation; safe to use from several threads.

    A module's records are made up when somebody reads them, and kept once somebody changes them.

    Attributes:
        clock: Tells the (aware) time of inserts, changes and deletions.
        zone: The caller's time zone, in which REST, COQL and Bulk Read write date-times.
        bulk_jobs: The jobs of Bulk Read, and how they are to go.
        stale_counts: What `/actions/count` says of a module, whatever is true: its index lags.
        lock: Held by every method; hold it to make several changes at once.

    Args:
        organisation: Whose records these are.
    """

    def __init__(self, organisation: Organisation) -> None:
        self.clock: Callable[[], datetime] = _utc_now
        self.zone: tzinfo = LOS_ANGELES
        self.bulk_jobs = BulkJobs()
        self.stale_counts: dict[str, int] = {}
        self.lock = threading.RLock()
        self._organisation = organisation
        self._deletions = Deletions(organisation)
        self._tables: dict[str, Table] = {}
        self._sizes: dict[str, Size] = {}
        self._usual = NOTHING
        self._inserted = 0

    def fill_with_sample(self) -> None:
        """Give every module the sample's number of records."""
        self._sizes, self._usual = dict(SAMPLE_SIZES), USUAL

    def resize(self, module: str, count: int, *, crowd: int = 0, unstamped: int = 0) -> None:
        """Replace a module's records by so many made-up ones.

        Args:
            module: API name.
            count: How many.
            crowd: How many of them were changed in one and the same second.
            unstamped: How many of them have no `Modified_Time`.
        """
        with self.lock:
            self._sizes[module] = Size(count, crowd, unstamped)
            self._tables.clear()

    def fields(self, module: str) -> dict[str, Row]:
        """The fields of a module by API name, also where the Fields API tells none."""
        known = self._organisation.fields.get(module)
        return by_api_name(UNDESCRIBED.get(module, []) if known is None else known)

    def view(self) -> OrganisationView:
        """What ids refer to, as of now."""
        return OrganisationView(self._organisation, self.zone, self.namer)

    def placement(self, module: str) -> Placement:
        """Where a module's made-up rows lie among the ids and in time."""
        position = next(
            (
                place
                for place, known in enumerate(self._organisation.modules)
                if known["api_name"] == module
            ),
            None,
        )
        if position is None:
            raise LookupError(f"no module {module}")
        size = self._sizes.get(module, self._usual)
        first = int(make_id(_FIRST_RECORD + position * _RECORDS_PER_MODULE))
        return Placement(size.count, first, size.crowd, size.unstamped)

    def table(self, module: str) -> Table:
        """A module's records. Hold the lock while calling its methods.

        Raises:
            LookupError: There is no such module.
        """
        with self.lock:
            table = self._tables.get(module)
            if table is None:
                world = world_of(self._organisation, self.placement, self.fields)
                makers = Makers(world, module, self.fields)
                table = self._tables[module] = Table(self.placement(module), makers)
            return table

    def scan(self, module: str, by: By = "id", **bounds: Any) -> Iterator[Record]:
        """The records of a module in order of a key, as they are now: see `Table.scan`."""
        with self.lock:
            return self.table(module).scan(by, **bounds)

    def find(self, module: str, record_id: str) -> Record | None:
        """The record with this id; None if there is none (any more)."""
        if not record_id.isdecimal():
            return None
        with self.lock:
            return self.table(module).find(int(record_id))

    def count(self, module: str) -> int:
        """How many records a module has, converted leads and unapproved records included."""
        with self.lock:
            return self.table(module).count

    def namer(self, module: str) -> Callable[[str], str | None]:
        """Tells what a record is called; None for unknown ones and in modules without names."""
        display = next(
            (name for name, field in self.fields(module).items() if field["display_field"]), ""
        )

        def name_of(record_id: str) -> str | None:
            record = self.find(module, record_id)
            return None if record is None else record.value(display)

        return name_of

    def read(self, module: str, *fields: str) -> Iterator[dict[str, Any]]:
        """The truth: every record in order of ids, with the values that its fields really have.

        Values are text, int, Decimal, bool, aware date-times in UTC, lists of text, ids of records
        and users, and JSON values; what no reader can get (restricted fields) is None.

        Args:
            module: API name.
            *fields: API names of the fields; all that are kept unless given.
        """
        known = self.fields(module)
        wanted = fields or tuple(n for n, f in known.items() if kind_of(f) not in COMPUTED)
        for record in self.scan(module):
            yield {"id": str(record.id), **{n: native(known[n], record) for n in wanted}}

    def insert(  # noqa: PLR0913 (all but the first two by keyword)
        self,
        module: str,
        values: Mapping[str, Any] | None = None,
        *,
        by: str | None = None,
        at: datetime | None = None,
        stamped: bool = True,
        approved: bool = True,
    ) -> str:
        """Add a record; returns its id, which is greater than all others.

        Args:
            module: API name.
            values: Values by field, as `accepted` takes them; other fields stay empty.
            by: Id of the user who does it; the caller unless given.
            at: When; the clock's time unless given.
            stamped: Whether it gets a `Modified_Time`.
            approved: False for a record that waits for approval.

        Raises:
            ValueError: A field isn't there or can't hold its value.
        """
        with self.lock:
            table = self.table(module)
            now = self._now(at)
            user = by or self._caller
            known = self.fields(module)
            defaults: dict[str, Any] = {
                "Owner": user,
                "Created_By": user,
                "Modified_By": user,
                "Tag": (),
            }
            kept = {name: value for name, value in defaults.items() if name in known}
            if "Converted__s" in known:
                kept["Converted__s"] = False
            kept.update(self._accepted(module, values or {}))
            self._inserted += 1
            record_id = int(make_id(_INSERTED + self._inserted))
            table.keep(KeptRecord(record_id, now, now if stamped else None, kept, approved))
            return str(record_id)

    def update(
        self,
        module: str,
        record_id: str,
        values: Mapping[str, Any],
        *,
        by: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Change a record. A change of nothing but formulas and roll-ups leaves no trace in it.

        Raises:
            LookupError: There is no such record.
            ValueError: A field isn't there or can't hold its value.
        """
        with self.lock:
            table = self.table(module)
            record = self._existing(module, record_id)
            known = self.fields(module)
            new = self._accepted(module, values)
            kept = {**table.materialised(record), **new}
            modified = record.modified
            if any(known[name]["data_type"] not in SILENT_TYPES for name in new) or not new:
                modified = self._now(at)
                if "Modified_By" in known:
                    kept["Modified_By"] = by or self._caller
            table.keep(KeptRecord(record.id, record.created, modified, kept, record.approved))

    def delete(
        self,
        module: str,
        record_id: str,
        *,
        permanent: bool = False,
        by: str | None = None,
        at: datetime | None = None,
    ) -> None:
        """Delete a record: into the recycle bin, where the module has one, or for good.

        Raises:
            LookupError: There is no such record.
        """
        with self.lock:
            record = self._existing(module, record_id)
            now, user = self._now(at), by or self._caller
            self.table(module).drop(record.id)
            if permanent or not self._deletions.bins(module):
                line = Deletion(record_id, None, "permanent", now, user, None)
                self._deletions.purge(module, line)
                return
            name = self._name(module, record)
            author = record.value("Created_By") or user
            line = Deletion(record_id, name, "recycle", now, user, author)
            self._deletions.recycle(module, record, line, self.zone)

    def purge(
        self, module: str, record_id: str, *, by: str | None = None, at: datetime | None = None
    ) -> None:
        """Empty one record out of the recycle bin: the list then has it as `permanent`."""
        with self.lock:
            self._deletions.restored(module, record_id)
            line = Deletion(record_id, None, "permanent", self._now(at), by or self._caller, None)
            self._deletions.purge(module, line)

    def restore(
        self, module: str, record_id: str, *, touch: bool = True, at: datetime | None = None
    ) -> None:
        """Bring a record back from the recycle bin.

        Args:
            module: API name.
            record_id: Whose deletion it undoes.
            touch: Whether `Modified_Time` becomes the present; no document says what Zoho does.
            at: When; the clock's time unless given.

        Raises:
            LookupError: It isn't in the recycle bin, or was there before the run began.
        """
        with self.lock:
            record = self._deletions.restored(module, record_id)
            table = self.table(module)
            modified = self._now(at) if touch else record.modified
            kept = table.materialised(record)
            table.keep(KeptRecord(record.id, record.created, modified, kept, record.approved))

    def convert_lead(self, lead_id: str, *, at: datetime | None = None) -> dict[str, str]:
        """Convert a lead into an account, a contact and a deal; returns their ids by module.

        Raises:
            LookupError: There is no such lead.
            ValueError: It has been converted already.
        """
        with self.lock:
            lead = self._existing("Leads", lead_id)
            if lead.value("Converted__s"):
                raise ValueError(f"lead {lead_id} has been converted already")
            company, person = lead.value("Company"), lead.value("Last_Name")
            account = self.insert("Accounts", {"Account_Name": company}, at=at)
            contact = {"Last_Name": person, "Full_Name": person, "Account_Name": account}
            made = {"Accounts": account, "Contacts": self.insert("Contacts", contact, at=at)}
            deal = {"Deal_Name": company, "Stage": "Qualification", "Account_Name": account}
            made["Deals"] = self.insert("Deals", deal, at=at)
            result = {
                "Converted__s": True,
                "Converted_Date_Time": self.clock() if at is None else at,
                "Converted_Account": account,
                "Converted_Contact": made["Contacts"],
                "Converted_Deal": made["Deals"],
            }
            self.update("Leads", lead_id, result, at=at)
            return made

    def deletions(self, module: str) -> list[Deletion]:
        """What `GET /{module}/deleted` has to tell, the latest first."""
        with self.lock:
            return self._deletions.lines(module, self.placement(module))

    def _accepted(self, module: str, values: Mapping[str, Any]) -> dict[str, Any]:
        known = self.fields(module)
        unknown = [name for name in values if name not in known or name in _SYSTEM]
        if unknown:
            raise ValueError(f"{module} takes no values for {', '.join(unknown)}")
        return {name: accepted(known[name], value) for name, value in values.items()}

    def _existing(self, module: str, record_id: str) -> Record:
        record = self.find(module, record_id)
        if record is None:
            raise LookupError(f"no record {record_id} in {module}")
        return record

    def _name(self, module: str, record: Record) -> str | None:
        return self.namer(module)(str(record.id)) or str(record.id)

    def _now(self, at: datetime | None) -> int:
        return seconds(self.clock() if at is None else at)

    @property
    def _caller(self) -> str:
        return str(self._organisation.users[0]["id"])


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)
