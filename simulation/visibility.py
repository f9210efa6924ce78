"""What the calls of an organisation see: its records as they were some time ago."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable, Iterator, Mapping
from random import Random
from typing import Any

from simulation.draws import Drawn
from zohocrm_demo import DemoOrganisation
from zohocrm_demo.calls import Request
from zohocrm_demo.organisation.records.table import Table

KINDS = ("list", "query", "export", "single", "deleted", "count")
"""The kinds of calls that may see different moments."""

_LATE = (15, 40, 90, 240)
_UNEVEN = (0, 0, 20, 60, 150)


def kind_of(request: Request) -> str | None:
    """Return the kind of a call; None for those that do not read records."""
    path = request.path
    is_metadata = "/settings/" in path or path.endswith(("/users", "/org"))
    if not path.startswith("/crm/") or is_metadata:
        return None
    if path.endswith("/deleted"):
        return "deleted"
    if path.endswith("/coql"):
        return "count" if b"COUNT(" in request.body.upper() else "query"
    if path.endswith("/actions/count"):
        return "count"
    if "/bulk/" in path:
        return "export"
    return "single" if path.count("/") > 3 or "ids=" in request.query else "list"


@dataclasses.dataclass(frozen=True)
class _Picture:
    """The records, and what is gone of them, before a change."""

    until: float
    tables: Mapping[str, Table]
    purged: Mapping[str, list[Any]]
    binned: Mapping[tuple[str, str], Any]
    bin_rows: list[Any]


class Visibility:
    """Lets calls see the organisation's records as they were.

    Args:
        demo: The organisation.
        now: Returns seconds that pass evenly.
        drawn: What the seed draws.
    """

    def __init__(self, demo: DemoOrganisation, now: Callable[[], float], drawn: Drawn) -> None:
        self._store: Any = demo.organisation.records
        self._organisation = demo.organisation
        self._now = now
        self._lags = _lags(drawn)
        self._pictures: list[_Picture] = []

    @property
    def longest(self) -> int:
        """Seconds after which everybody sees a change."""
        return max(self._lags.values(), default=0)

    def keep(self) -> None:
        """Remember how everything is before it changes."""
        if not self._lags:
            return
        store = self._store
        self._pictures = [one for one in self._pictures if one.until > self._now() - self.longest]
        self._pictures.append(
            _Picture(
                self._now(),
                {name: table.snapshot() for name, table in store._tables.items()},  # noqa: SLF001
                {name: [*lines] for name, lines in store._deletions._purged.items()},  # noqa: SLF001
                dict(store._deletions._binned),  # noqa: SLF001
                [*self._organisation.recycle_bin],
            )
        )

    def forget(self) -> None:
        """Let everybody see everything, as after a change of the schema."""
        self._pictures.clear()

    @contextlib.contextmanager
    def seen_by(self, request: Request) -> Iterator[None]:
        """Let a call see what it sees while it is answered."""
        kind = kind_of(request)
        since = self._now() - self._lags.get(kind or "", 0)
        with self._as_of(since) if kind is not None else contextlib.nullcontext():
            yield

    def of_long_ago(self) -> contextlib.AbstractContextManager[None]:
        """Show what every kind of call has seen."""
        return self._as_of(self._now() - self.longest)

    @contextlib.contextmanager
    def _as_of(self, since: float) -> Iterator[None]:
        picture = next((one for one in self._pictures if one.until > since), None)
        if picture is None:
            yield
            return
        store, bin_rows = self._store, self._organisation.recycle_bin
        now = store._tables, store._deletions._purged, store._deletions._binned  # noqa: SLF001
        present = [*bin_rows]
        store._tables = dict(picture.tables)  # noqa: SLF001
        store._deletions._purged = dict(picture.purged)  # noqa: SLF001
        store._deletions._binned = dict(picture.binned)  # noqa: SLF001
        bin_rows[:] = picture.bin_rows
        try:
            yield
        finally:
            store._tables, store._deletions._purged, store._deletions._binned = now  # noqa: SLF001
            bin_rows[:] = present


def _lags(drawn: Drawn) -> Mapping[str, int]:
    lags: dict[str, int] = {}
    if (random := drawn.of("late-visibility")) is not None:
        lags = dict.fromkeys(KINDS, random.choice(_LATE))
    if (random := drawn.of("uneven-visibility")) is not None:
        lags = {kind: lags.get(kind, 0) + _some(random) for kind in KINDS}
    return lags


def _some(random: Random) -> int:
    return random.choice(_UNEVEN)
