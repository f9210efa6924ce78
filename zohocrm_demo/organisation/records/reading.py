"""Reading the organisation's records."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, tzinfo
from typing import TYPE_CHECKING, Any

from zohocrm_demo.clock import utc_now
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.fields import undescribed_fields
from zohocrm_demo.organisation.records.bulk_jobs import BulkJobs
from zohocrm_demo.organisation.records.conditions import native
from zohocrm_demo.organisation.records.deletions import Deletion, Deletions
from zohocrm_demo.organisation.records.history import History
from zohocrm_demo.organisation.records.kinds import COMPUTED, Origins, kind_of
from zohocrm_demo.organisation.records.makers import Makers
from zohocrm_demo.organisation.records.spot import Placement, World
from zohocrm_demo.organisation.records.table import By, Record, Table
from zohocrm_demo.organisation.records.times import LOS_ANGELES
from zohocrm_demo.organisation.records.values import OrganisationView
from zohocrm_demo.organisation.references import Row, by_api_name, make_id, several_targets

if TYPE_CHECKING:
    from zohocrm_demo.organisation import Organisation

NOTHING: Mapping[str, int] = {"count": 0}
_FIRST_RECORD = 100_000_000_000
_RECORDS_PER_MODULE = 8_000_000_000
# The ids have room for so many modules of that size; those after them are smaller.
_ROOMY = 100
_RECORDS_PER_MORE = 70_000_000


class ReadableRecords:
    """The half of `RecordStore` that reads: the records of one organisation."""

    def __init__(self, organisation: Organisation) -> None:
        # The (aware) time of inserts, changes and deletions.
        self.clock: Callable[[], datetime] = utc_now
        # The caller's, in which REST, COQL and Bulk Read write date-times.
        self.zone: tzinfo = LOS_ANGELES
        # Whether made-up values are ordinary ones, if set before anybody reads them.
        self.plain = False
        self.seed = 0  # makes other values in made-up records, if set before anybody reads them
        self.bulk_jobs = BulkJobs()
        self.history = History()
        # Whether COQL has `{name, id}` of looked-up records and users: Zoho's pages since version 7
        # say so, clients in production get `{id}`.
        self.names_in_coql = False
        # Whether a page token stands for how many records came before, so that those behind a
        # deleted one move forward, rather than for the last of them: no document says.
        self.positional_tokens = False
        # What `/actions/count` says of a module, whatever is true: its index lags.
        self.stale_counts: dict[str, int] = {}
        self.lock = threading.RLock()  # held by every method, and for several changes at once
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
        if self.plain:
            for name, size in self._sizes.items():
                self._sizes[name] = {"count": size["count"]}

    def resize(self, module: str, count: int, *, crowd: int = 0, unstamped: int = 0) -> None:
        """Replace a module's records by made-up ones, some changed in one second, some never."""
        with self.lock:
            self._sizes[module] = {"count": count, "crowd": crowd, "unstamped": unstamped}
            self._tables.pop(module, None)
            self._remake()

    def purge_long_ago(self, module: str, count: int) -> None:
        """Let so many other records of a module have been deleted for good before the run."""
        self._deletions.purged_long_ago[module] = count

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
        number = _FIRST_RECORD + min(place, _ROOMY) * _RECORDS_PER_MODULE
        number += max(0, place - _ROOMY) * _RECORDS_PER_MORE
        crowd, unstamped = (size.get(key, 0) for key in ("crowd", "unstamped"))
        return Placement(size["count"], int(make_id(number)), crowd, unstamped)

    def _place(self, module: str) -> int:
        places = {row["api_name"]: place for place, row in enumerate(self._organisation.modules)}
        places |= self._origins.places
        if module not in places:
            raise LookupError(f"no module {module}")
        return places[module]

    def table(self, module: str) -> Table:
        """A module's records, or LookupError; hold the lock while calling their methods."""
        with self.lock:
            table = self._tables.get(module)
            if table is None:
                table = Table(self.placement(module), self._makers(module))
                self._tables[module] = table
            return table

    @property
    def world(self) -> World:
        """What made-up records refer to."""
        return World(
            *(self._organisation, self.placement, self.fields, self._origins, self.holding),
            *(self.seed, self.plain),
        )

    def _makers(self, module: str) -> Makers:
        return Makers(self.world, module)

    def scan(self, module: str, by: By = "id", **bounds: Any) -> Iterator[Record]:
        """The records of a module in order of a key, as they are now: see `Table.scan`."""
        with self.lock:
            return self.table(module).scan(by, **bounds)

    def holding(self, module: str, field: str, value: Any) -> list[Record]:
        """The records of a module that have this value, as it is kept, in a field; by id."""
        with self.lock:
            return self.table(module).holding(field, value)

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

        Text, int, Decimal, bool, aware date-times in UTC, lists, ids, JSON; restricted is None.
        """
        known = self.fields(module)
        wanted = fields or tuple(n for n, f in known.items() if kind_of(f) not in COMPUTED)
        for record in self.scan(module):
            yield {"id": str(record.id), **{n: native(known[n], record) for n in wanted}}

    def deletions(self, module: str) -> list[Deletion]:
        """What `GET /{module}/deleted` has to tell, the latest first."""
        with self.lock:
            return self._deletions.lines(module, self.placement(module))
