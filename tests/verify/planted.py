"""Faults of twelve kinds, planted into loaded tables."""

from __future__ import annotations

import itertools
from collections.abc import Callable, Iterator, Mapping
from datetime import datetime, timedelta
from typing import Any

from support.run import Run

from verify.loaders import Loader
from zohocrm_demo import DemoOrganisation

STREAMS = (
    *("Events", "Products", "Cases", "Sites", "Accounts", "Site_Contacts", "Sensors_X_Partners"),
    "modules",
)
EDITED = "Modified_Time"

Found = tuple[str, str, str, tuple[str, ...]]
"""A fault: stream, id, kind, fields."""


class Planter:
    """Plants faults into the tables of one loader.

    Args:
        run: The run whose messages have been loaded.
        loader: Where they are.
        demo: The organisation that they are of.
    """

    def __init__(self, run: Run, loader: Loader, demo: DemoOrganisation) -> None:
        self.faults: set[Found] = set()
        self._loader = loader
        self._store = demo.organisation.records
        self._rows = {
            stream: iter([row for row in run.rows_of(stream) if not row.get("_sdc_deleted_at")])
            for stream in STREAMS
        }
        self._invented = itertools.count(5937104000099990001)

    def _next(self, stream: str, has: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        return next(row for row in self._rows[stream] if has(row))

    def _any(self, stream: str) -> dict[str, Any]:
        return self._next(stream, lambda _: True)

    def _fault(self, stream: str, row: Mapping[str, Any], kind: str, *fields: str) -> None:
        self.faults.add((stream, row["id"], kind, fields))

    def lost_row(self, stream: str) -> None:
        row = self._any(stream)
        self._loader.delete(stream, row["id"])
        self._fault(stream, row, "missing")

    def row_of_nothing(self, stream: str) -> None:
        row = {**self._any(stream), "id": str(next(self._invented))}
        self._loader.insert(stream, [row])
        self._fault(stream, row, "surplus")

    def lost_tombstone(self, stream: str) -> None:
        row = self._any(stream)
        self._store.delete(stream, row["id"], permanent=True)
        self._fault(stream, row, "surplus")

    def lost_change(self, stream: str) -> None:
        row = self._any(stream)
        older = datetime.fromisoformat(row[EDITED].replace("Z", "+00:00")) - timedelta(days=1)
        self._loader.set(stream, row["id"], **{EDITED: older.strftime("%Y-%m-%dT%H:%M:%SZ")})
        self._fault(stream, row, "stale")

    def time_of_nothing(self, stream: str) -> None:
        row = self._any(stream)
        self._loader.set(stream, row["id"], **{EDITED: None})
        self._fault(stream, row, "stale")

    def time_of_the_future(self, stream: str) -> None:
        row = self._any(stream)
        self._loader.set(stream, row["id"], **{EDITED: "2031-01-01T00:00:00Z"})
        self._fault(stream, row, "different", EDITED)

    def second_row(self, stream: str) -> None:
        row = self._any(stream)
        self._loader.insert(stream, [row])
        self._fault(stream, row, "doubled")

    def other_value(self, stream: str, name: str, change: Callable[[Any], Any]) -> None:
        row = self._next(stream, lambda row: row[name] not in (None, []))
        self._loader.set(stream, row["id"], **{name: change(row[name])})
        self._fault(stream, row, "different", name)

    def lost_value(self, stream: str, name: str) -> None:
        self.other_value(stream, name, lambda _: None)

    def value_of_nothing(self, stream: str, name: str, value: Any) -> None:
        row = self._next(stream, lambda row: row[name] is None)
        self._loader.set(stream, row["id"], **{name: value})
        self._fault(stream, row, "different", name)


def _an_hour_later(text: str) -> str:
    later = datetime.fromisoformat(text.replace("Z", "+00:00")) + timedelta(hours=1)
    return later.strftime("%Y-%m-%dT%H:%M:%SZ")


def plant(planter: Planter) -> Iterator[str]:
    """Plant forty faults, and yield the kind of each."""
    records = STREAMS[:-1]
    for stream in records:
        for kind in ("lost_row", "row_of_nothing"):
            getattr(planter, kind)(stream)
            yield kind
    for stream in ("Events", "Products", "Cases"):
        for kind in ("lost_tombstone", "lost_change", "second_row"):
            getattr(planter, kind)(stream)
            yield kind
    for stream in ("Sites", "Accounts"):
        for kind in ("time_of_nothing", "time_of_the_future"):
            getattr(planter, kind)(stream)
            yield kind
    for stream, name, change in (
        ("Events", "Event_Title", lambda text: f"{text} "),
        ("Products", "Unit_Price", lambda number: float(number) * 1.5),
        ("Cases", "Created_Time", _an_hour_later),
        ("Accounts", "Locked__s", lambda flag: not flag),
        ("Site_Contacts", "Parent_Id", lambda text: f"{text[:-1]}{9 - int(text[-1])}"),
        ("modules", "plural_label", str.upper),
        ("modules", "profiles", lambda rows: rows[1:]),
    ):
        planter.other_value(stream, name, change)
        yield f"other value: {type(change).__name__} {name}"
    for stream, name in (("Sites", "Name"), ("Products", "Product_Name"), ("modules", "id")):
        if name == "id":
            planter.lost_row(stream)
            yield "lost_row"
        else:
            planter.lost_value(stream, name)
            yield "lost_value"
    planter.value_of_nothing("Accounts", "Description", "made up")
    yield "value_of_nothing"
    planter.second_row("modules")
    yield "second_row"
    planter.row_of_nothing("modules")
    yield "row_of_nothing"
