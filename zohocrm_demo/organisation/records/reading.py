"""Reading the organisation's records."""

from __future__ import annotations

import threading
from datetime import datetime, timezone
from typing import TYPE_CHECKING, Any

from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.fields import undescribed_fields
from zohocrm_demo.organisation.ids import make_id
from zohocrm_demo.organisation.records.bulk_jobs import BulkJobs
from zohocrm_demo.organisation.records.deletions import Deletion, Deletions
from zohocrm_demo.organisation.records.kinds import COMPUTED, kind_of
from zohocrm_demo.organisation.records.makers import Makers
from zohocrm_demo.organisation.records.origins import Origins
from zohocrm_demo.organisation.records.placement import Placement
from zohocrm_demo.organisation.records.spot import World
from zohocrm_demo.organisation.records.table import By, Table
from zohocrm_demo.organisation.records.times import LOS_ANGELES
from zohocrm_demo.organisation.records.truth import native
from zohocrm_demo.organisation.records.view import OrganisationView
from zohocrm_demo.organisation.references import Row, by_api_name, several_targets

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping
    from datetime import tzinfo

    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.records.record import Record

NOTHING: Mapping[str, int] = {"count": 0}
_FIRST_RECORD = 100_000_000_000
_RECORDS_PER_MODULE = 8_000_000_000
# The ids have room for so many modules of that size; those after them are smaller.
_ROOMY = 100
_RECORDS_PER_MORE = 70_000_000


class ReadableRecords:
    """The half of `RecordStore` that reads.

    Attributes:
        clock: Returns the (aware) time of inserts, changes and deletions.
        zone: The caller's time zone, in which REST, COQL and Bulk Read write date-times.
        seed: Makes other values in made-up records; set it before anybody reads them.
        bulk_jobs: The jobs of Bulk Read, and how they are to go.
        names_in_coql: Whether COQL has names of looked-up records and users, too: `{name, id}`.
            Pages since version 7 say so, clients in production get `{id}`.
        positional_tokens: Whether a page token stands for how many records came before, so that
            those behind a deleted one move forward, rather than for the last of them. No document
            says, of Get Records or of Bulk Read.
        stale_counts: What `/actions/count` says of a module, whatever is true: its index lags.
        lock: Held by every method; hold it to make several changes at once.

    Args:
        organisation: Whose records these are.
    """

    def __init__(self, organisation: Organisation) -> None:
        self.clock: Callable[[], datetime] = _utc_now
        self.zone: tzinfo = LOS_ANGELES
        self.seed = 0
        self.bulk_jobs = BulkJobs()
        self.names_in_coql = False
        self.positional_tokens = False
        self.stale_counts: dict[str, int] = {}
        self.lock = threading.RLock()
        self._organisation = organisation
        self._deletions = Deletions(organisation)
        self._tables: dict[str, Table] = {}
        self._sizes: dict[str, Mapping[str, int]] = {}
        self._usual: Mapping[str, int] = NOTHING
        self._origins = Origins()

    def fill_with_sample(self) -> None:
        """Give every module the sample's number of records."""
        content = read_file("records.yaml")
        self._sizes, self._usual = dict(content["modules"]), {"count": content["usual"]}

    def resize(self, module: str, count: int, *, crowd: int = 0, unstamped: int = 0) -> None:
        """Replace a module's records by so many made-up ones; other modules keep their changes.

        Args:
            module: API name.
            count: How many.
            crowd: How many of them were changed in one and the same second.
            unstamped: How many of them have no `Modified_Time`.
        """
        with self.lock:
            self._sizes[module] = {"count": count, "crowd": crowd, "unstamped": unstamped}
            self._tables.pop(module, None)
            self._remake()

    def _remake(self) -> None:
        # What made-up values refer to may be gone, or be called otherwise.
        for name, table in self._tables.items():
            table.remake(self._makers(name))

    def fields(self, module: str) -> dict[str, Row]:
        """The fields of a module by API name, also where the Fields API shows none."""
        known = self._organisation.fields.get(module)
        if known is None:
            row = self._organisation.module(module)
            known = undescribed_fields(row) if row is not None else []
        return by_api_name(known)

    def targets(self, field: Row) -> list[str]:
        """API names of the modules that a lookup leads to, if they may be several."""
        return several_targets(field, self._organisation.open_lookups)

    def view(self) -> OrganisationView:
        """What ids refer to, as of now."""
        return OrganisationView(
            self._organisation, self.zone, self.namer, names_in_coql=self.names_in_coql
        )

    def placement(self, module: str) -> Placement:
        """Where a module's made-up rows lie among the ids and in time."""
        place = self._place(self._origins.present_name(module))
        size = self._sizes.get(self._origins.present_name(module), self._usual)
        more = place - _ROOMY
        if more < 0:
            number = _FIRST_RECORD + place * _RECORDS_PER_MODULE
        else:
            number = _FIRST_RECORD + _ROOMY * _RECORDS_PER_MODULE + more * _RECORDS_PER_MORE
        crowd, unstamped = (size.get(key, 0) for key in ("crowd", "unstamped"))
        return Placement(size["count"], int(make_id(number)), crowd, unstamped)

    def _place(self, module: str) -> int:
        place = self._origins.places.get(module)
        if place is not None:
            return place
        for place, known in enumerate(self._organisation.modules):
            if known["api_name"] == module:
                return place
        raise LookupError(f"no module {module}")

    def table(self, module: str) -> Table:
        """A module's records. Hold the lock while calling its methods.

        Raises:
            LookupError: There is no such module.
        """
        with self.lock:
            table = self._tables.get(module)
            if table is None:
                table = Table(self.placement(module), self._makers(module))
                self._tables[module] = table
            return table

    def _makers(self, module: str) -> Makers:
        world = World(self._organisation, self.placement, self.fields, self._origins, self.seed)
        return Makers(world, module)

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
        """Returns what a record is called; None for unknown ones and in modules without names."""
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
            *fields: API names of the fields; all that are kept by default.
        """
        known = self.fields(module)
        wanted = fields or tuple(n for n, f in known.items() if kind_of(f) not in COMPUTED)
        for record in self.scan(module):
            yield {"id": str(record.id), **{n: native(known[n], record) for n in wanted}}

    def deletions(self, module: str) -> list[Deletion]:
        """What `GET /{module}/deleted` has to tell, the latest first."""
        with self.lock:
            return self._deletions.lines(module, self.placement(module))


def _utc_now() -> datetime:
    return datetime.now(timezone.utc)
