"""Reads families: in parallel, each call once, in an order that is the same every run.

A family's *parts* are its calls' rows, one part a parent (or one in all). Whoever needs a family
that others need too gets the same parts.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tap_zohocrm_modules.zoho.answers import read_rows
from tap_zohocrm_modules.zoho.calls import Call
from tap_zohocrm_modules.zoho.client import ZohoClient
from tap_zohocrm_modules.zoho.daemon_pool import DaemonPool
from tap_zohocrm_modules.zoho.errors import (
    REPORT,
    SCOPE_MISSING,
    AccessError,
    OutOfCreditsError,
    PermissionRefusedError,
    UnavailableError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.families.family import Family, Row
from tap_zohocrm_modules.zoho.prefetch import ordered

_FAILURES_THAT_END_A_FAMILY = 3


@dataclasses.dataclass(frozen=True, slots=True)
class Part:
    """What one call (with its pages and details) gave; `error` instead of rows if it failed.

    A row whose details Zoho does not offer comes as it was listed, and with the error.
    """

    of: str
    rows: tuple[dict[str, Any], ...] = ()
    error: ZohoError | None = None
    inherited: bool = False
    """Whether the error is the parents' family's, which tells of it itself."""
    is_last: bool = False
    """Whether there was no point in asking on after it."""


class _Parts:
    """The parts of one family as they come, to be iterated over by several threads."""

    def __init__(self) -> None:
        self._parts: list[Part] = []
        self._complete = False
        self._failure: BaseException | None = None
        self._changed = threading.Condition()

    def fill(self, parts: Iterable[Part]) -> None:
        """Take all parts; a defect on the way is raised where the parts are read."""
        try:
            for part in parts:
                with self._changed:
                    self._parts.append(part)
                    self._changed.notify_all()
        except BaseException as error:  # noqa: BLE001 - raised again in __iter__
            self._failure = error
        with self._changed:
            self._complete = True
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Part]:
        position = 0
        while True:
            with self._changed:
                self._changed.wait_for(lambda at=position: len(self._parts) > at or self._complete)  # type: ignore[misc]
                if len(self._parts) <= position:
                    break
                part = self._parts[position]
            yield part
            position += 1
        if self._failure is not None:
            raise self._failure


class FamilyReader:
    """Reads the families of one organisation; thread-safe, and to be closed.

    Args:
        client: The organisation.
        families: The table, by name.
        concurrency: How many calls are made at a time.
    """

    def __init__(
        self, client: ZohoClient, families: Mapping[str, Family], *, concurrency: int
    ) -> None:
        self._client = client
        self._families = families
        self._window = 2 * concurrency
        self._pool = DaemonPool(concurrency, "zoho")
        self._lock = threading.Lock()
        self._started: dict[str, _Parts] = {}

    def close(self) -> None:
        """Begin no further call."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def start(self, name: str) -> None:
        """Begin to read a family, for `parts` to be there sooner."""
        self._parts(name)

    def parts(self, name: str) -> Iterable[Part]:
        """Return a family's parts in their parents' order."""
        return self._parts(name)

    def forget(self, name: str) -> None:
        """Free the parts of a family that nothing else needs."""
        if not any(
            family.each and family.each.family == name for family in self._families.values()
        ):
            with self._lock:
                self._started.pop(name, None)

    def _parts(self, name: str) -> _Parts:
        with self._lock:
            if name not in self._started:
                parts = self._started[name] = _Parts()
                threading.Thread(
                    target=parts.fill,
                    args=(self._read(self._families[name]),),
                    name=f"family {name}",
                    daemon=True,
                ).start()
            return self._started[name]

    def _read(self, family: Family) -> Iterator[Part]:
        """Yield the parts until there is no point in asking on."""
        failures = 0
        with contextlib.closing(self._ordered(self._jobs(family))) as parts:
            for part in self._completed(family, parts) if family.detail else parts:
                failures = failures + 1 if _failed(part) else 0
                if _ends_family(part) or failures == _FAILURES_THAT_END_A_FAMILY:
                    yield dataclasses.replace(part, is_last=True)
                    return
                yield part

    def _ordered(self, jobs: Iterable[Callable[[], Part]]) -> Generator[Part, None, None]:
        return ordered(self._pool, jobs, self._window)

    def _completed(self, family: Family, parts: Iterable[Part]) -> Iterator[Part]:
        """Yield the parts row by row, each completed by a further call."""

        def jobs() -> Iterator[Callable[[], Part]]:
            for part in parts:
                if not part.rows:
                    yield functools.partial(_same, part)
                for row in part.rows:
                    yield functools.partial(self._complete, family, part, row)

        with contextlib.closing(self._ordered(jobs())) as completed:
            yield from completed

    def _jobs(self, family: Family) -> Iterator[Callable[[], Part]]:
        if family.each is None:
            for variant in family.variants:
                yield functools.partial(self._part, family, {}, variant)
            return
        for part in self.parts(family.each.family):
            if part.error is not None:
                yield functools.partial(_same, dataclasses.replace(part, inherited=True))
            for parent in filter(family.each.where, part.rows):
                for variant in family.variants:
                    yield functools.partial(self._part, family, parent, variant)

    def _part(self, family: Family, parent: Row, variant: Mapping[str, str]) -> Part:
        columns: dict[str, Any] = {}
        try:
            columns = _columns(family, family.each.columns if family.each else {}, parent)
            rows = tuple(self._rows(family, parent, columns, variant))
            return Part(_label(columns, variant), rows)
        except ZohoError as error:
            return Part(_label(columns, variant), error=error)

    def _rows(
        self, family: Family, parent: Row, columns: Row, variant: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        if family.derived is not None:
            for row in family.derived(parent):
                yield {**columns, **row}
            return
        call = _call(family, family.path, columns, {**family.params, **variant})
        for row in read_rows(self._client, call, family.key, per_page=family.per_page):
            yield {**columns, **family.adapt(row)}

    def _complete(self, family: Family, part: Part, row: dict[str, Any]) -> Part:
        detail = family.detail
        if detail is None:
            return Part(part.of, (row,))
        label = f"{part.of} {row.get(family.keys[-1])}".strip()
        try:
            call = _call(family, detail.path, _columns(family, detail.columns, row), detail.params)
            found = read_rows(self._client, call, family.key)
        except UnavailableError as error:
            return Part(label, (row,), error)
        except ZohoError as error:
            return Part(label, error=error)
        return Part(label, (dict(family.adapt({**row, **(found[0] if found else {})})),))


def _same(part: Part) -> Part:
    return part


def _failed(part: Part) -> bool:
    """Whether it failed for a reason that may be everyone's; what is refused is refused quickly."""
    return part.error is not None and not isinstance(
        part.error, (UnavailableError, PermissionRefusedError)
    )


def _ends_family(part: Part) -> bool:
    """Whether the other parts are bound to fail likewise."""
    error = part.error
    if isinstance(error, PermissionRefusedError):
        return error.refusal.code.upper() == SCOPE_MISSING
    return isinstance(error, (AccessError, OutOfCreditsError))


def _columns(family: Family, columns: Mapping[str, str], row: Row) -> dict[str, Any]:
    return {column: _value(family, row, path) for column, path in columns.items()}


def _value(family: Family, row: Row, path: str) -> Any:
    value: Any = row
    for name in path.split("."):
        value = value.get(name) if isinstance(value, dict) else None
    if value is None:
        raise UnreadableAnswerError(
            f"{family.path or family.name}: cannot be asked for, since Zoho gave a row without"
            f" {path}. {REPORT}"
        )
    return value


def _label(columns: Row, variant: Mapping[str, str]) -> str:
    return " ".join(str(value) for value in (*columns.values(), *variant.values()))


def _call(family: Family, path: str, columns: Row, params: Mapping[str, str]) -> Call:
    quoted = {name: quote(str(value), safe="") for name, value in columns.items()}
    return Call(
        path=path.format(**quoted),
        base=family.base,
        scope=family.scope,
        params=tuple((name, value.format(**columns)) for name, value in params.items()),
        stream=family.name,
    )
