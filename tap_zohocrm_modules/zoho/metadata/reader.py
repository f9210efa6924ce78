"""Reads endpoints: in parallel, each call once, in an order that is the same every run.

An endpoint's *parts* are its calls' rows, one part per parent (or one in all). Streams
that need the same endpoint get the same parts.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import threading
from collections.abc import Callable, Generator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tap_zohocrm_modules.definitions.endpoint import DetailCall, Endpoint, ForEach, Row, value_at
from tap_zohocrm_modules.zoho.metadata.derived import derived_rows
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import CRM, CRM_BULK, Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    SCOPE_MISSING,
    PermissionRefusedError,
    RunEndError,
    UnavailableError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.executors import DaemonPool
from tap_zohocrm_modules.zoho.transport.prefetch import ordered

_FAILURES_THAT_END_AN_ENDPOINT = 3


@dataclasses.dataclass(frozen=True, slots=True)
class EndpointResult:
    """What one call, with its pages and details, returned; `error` in place of rows if it failed.

    A row whose details Zoho does not offer is as it was listed, and the error is there too.
    """

    of: str
    rows: tuple[dict[str, Any], ...] = ()
    error: ZohoError | None = None
    inherited: bool = False
    """Whether the error is that of the parents' endpoint, whose stream reports it."""
    is_last: bool = False
    """Whether no further call was made after it."""


class _Parts:
    """The parts of one endpoint as they arrive; several threads may iterate over them."""

    def __init__(self) -> None:
        self._parts: list[EndpointResult] = []
        self._complete = False
        self._failure: BaseException | None = None
        self._changed = threading.Condition()

    def fill(self, parts: Iterable[EndpointResult]) -> None:
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

    def __iter__(self) -> Iterator[EndpointResult]:
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


class EndpointReader:
    """Reads the endpoints of one organisation; thread-safe, and to be closed.

    Args:
        client: The organisation.
        endpoints: The table, by name.
        concurrency: How many calls are made at a time.
    """

    def __init__(
        self, client: ZohoClient, endpoints: Mapping[str, Endpoint], *, concurrency: int
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._window = 2 * concurrency
        self._pool = DaemonPool(concurrency, "zoho")
        self._lock = threading.Lock()
        self._started: dict[str, _Parts] = {}

    def close(self) -> None:
        """Make no further call."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def start(self, name: str) -> None:
        """Begin to read an endpoint, for `parts` to be there sooner."""
        self._parts(name)

    def parts(self, name: str) -> Iterable[EndpointResult]:
        """Return an endpoint's parts in their parents' order."""
        return self._parts(name)

    def forget(self, name: str) -> None:
        """Free the parts of an endpoint that nothing else needs."""
        if not any(
            endpoint.for_each and endpoint.for_each.endpoint == name
            for endpoint in self._endpoints.values()
        ):
            with self._lock:
                self._started.pop(name, None)

    def _parts(self, name: str) -> _Parts:
        with self._lock:
            if name not in self._started:
                parts = self._started[name] = _Parts()
                threading.Thread(
                    target=parts.fill,
                    args=(self._read(self._endpoints[name]),),
                    name=f"endpoint {name}",
                    daemon=True,
                ).start()
            return self._started[name]

    def _read(self, endpoint: Endpoint) -> Iterator[EndpointResult]:
        """Yield the parts until further calls would fail likewise."""
        failures = 0
        with contextlib.closing(self._ordered(self._jobs(endpoint))) as parts:
            for part in self._completed(endpoint, parts) if endpoint.detail else parts:
                failures = failures + 1 if _failed(part) else 0
                if _ends_all(part) or failures == _FAILURES_THAT_END_AN_ENDPOINT:
                    yield dataclasses.replace(part, is_last=True)
                    return
                yield part

    def _ordered(
        self, jobs: Iterable[Callable[[], EndpointResult]]
    ) -> Generator[EndpointResult, None, None]:
        return ordered(self._pool, jobs, self._window)

    def _completed(
        self, endpoint: Endpoint, parts: Iterable[EndpointResult]
    ) -> Iterator[EndpointResult]:
        """Yield the parts row by row, each completed by a further call."""

        def jobs() -> Iterator[Callable[[], EndpointResult]]:
            for part in parts:
                if not part.rows:
                    yield functools.partial(_same, part)
                for row in part.rows:
                    yield functools.partial(self._complete, endpoint, part, row)

        with contextlib.closing(self._ordered(jobs())) as completed:
            yield from completed

    def _jobs(self, endpoint: Endpoint) -> Iterator[Callable[[], EndpointResult]]:
        variants = self._variants(endpoint)
        if endpoint.for_each is None:
            for variant in variants:
                yield functools.partial(self._part, endpoint, {}, variant)
            return
        for part in self.parts(endpoint.for_each.endpoint):
            if part.error is not None:
                yield functools.partial(_same, dataclasses.replace(part, inherited=True))
            for parent in part.rows:
                if not self._is_parent(endpoint.for_each, parent):
                    continue
                for variant in variants:
                    yield functools.partial(self._part, endpoint, parent, variant)

    def _variants(self, endpoint: Endpoint) -> Iterable[Mapping[str, str]]:
        if not endpoint.years:
            return endpoint.variants
        this_year = self._client.server_now().year
        return (*endpoint.variants, *({"year": str(this_year + off)} for off in endpoint.years))

    def _is_parent(self, for_each: ForEach, row: Row) -> bool:
        chosen = all(row.get(name) == value for name, value in for_each.where.items())
        return chosen and self._endpoints[for_each.endpoint].is_parent(row)

    def _part(self, endpoint: Endpoint, parent: Row, variant: Mapping[str, str]) -> EndpointResult:
        columns: dict[str, Any] = {}
        try:
            columns = _columns(
                endpoint, endpoint.for_each.columns if endpoint.for_each else {}, parent
            )
            rows = tuple(self._rows(endpoint, parent, columns, variant))
            return EndpointResult(_label(columns, variant), rows)
        except ZohoError as error:
            return EndpointResult(_label(columns, variant), error=error)

    def _rows(
        self, endpoint: Endpoint, parent: Row, columns: Row, variant: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        if not endpoint.path:
            for row in derived_rows(endpoint, parent):
                yield {**columns, **endpoint.adapt(row)}
            return
        call = _call(endpoint, endpoint.path, columns, {**endpoint.params, **variant})
        for row in read_rows(self._client, call, endpoint.rows, per_page=endpoint.per_page):
            yield {**columns, **endpoint.adapt(row)}

    def _complete(
        self, endpoint: Endpoint, part: EndpointResult, row: dict[str, Any]
    ) -> EndpointResult:
        detail = endpoint.detail
        if detail is None:
            return EndpointResult(part.of, (row,))
        label = f"{part.of} {row.get(endpoint.keys[-1])}".strip()
        try:
            more = self._details(endpoint, detail, row)
        except UnavailableError as error:
            return EndpointResult(label, (row,), error)
        except ZohoError as error:
            return EndpointResult(label, error=error)
        return EndpointResult(label, (endpoint.adapt({**row, **more}),))

    def _details(self, endpoint: Endpoint, detail: DetailCall, row: Row) -> Row:
        if not detail.each:
            columns = _columns(endpoint, detail.columns, row)
            call = _call(endpoint, detail.path, columns, detail.params)
            return next(iter(read_rows(self._client, call, endpoint.rows)), {})
        elements: list[Any] = []
        for element in row.get(detail.each) or ():
            one = dataclasses.replace(detail, each="")
            more = self._details(endpoint, one, {**row, detail.each: element})
            elements += more.get(detail.each) or [element]
        return {detail.each: elements} if elements else {}


def _same(part: EndpointResult) -> EndpointResult:
    return part


def _failed(part: EndpointResult) -> bool:
    """Whether it failed for a reason that may be everyone's; what is refused is refused quickly."""
    return part.error is not None and not isinstance(
        part.error, (UnavailableError, PermissionRefusedError)
    )


def _ends_all(part: EndpointResult) -> bool:
    """Whether the other parts are bound to fail likewise."""
    error = part.error
    if isinstance(error, PermissionRefusedError):
        return error.refusal.code.upper() == SCOPE_MISSING
    return isinstance(error, RunEndError)


def _columns(endpoint: Endpoint, columns: Mapping[str, str], row: Row) -> dict[str, Any]:
    return {column: _value(endpoint, row, path) for column, path in columns.items()}


def _value(endpoint: Endpoint, row: Row, path: str) -> Any:
    value = value_at(row, path)
    if value is None:
        raise UnreadableAnswerError(
            f"{endpoint.path or endpoint.name}: cannot be asked for, since Zoho gave a row without"
            f" {path}. {REPORT}"
        )
    return value


def _label(columns: Row, variant: Mapping[str, str]) -> str:
    return " ".join(str(value) for value in (*columns.values(), *variant.values()))


def _call(endpoint: Endpoint, path: str, columns: Row, params: Mapping[str, str]) -> Call:
    quoted = {name: quote(str(value), safe="") for name, value in columns.items()}
    return Call(
        path=path.format(**quoted),
        base=CRM_BULK if endpoint.bulk else CRM,
        scope=endpoint.scope,
        params=tuple((name, value.format(**columns)) for name, value in params.items()),
        stream=endpoint.name,
    )
