"""Reads endpoints: in parallel, each call once, in an order that is the same every run.

An endpoint has one result per parent, or one in all. Streams that need the same endpoint get the
same results.
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import itertools
import threading
from collections.abc import Callable, Collection, Generator, Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import quote

from tap_zohocrm_modules.definitions.endpoint import DetailCall, Endpoint, ForEach, Row, value_at
from tap_zohocrm_modules.zoho.metadata.borrowed import with_objects
from tap_zohocrm_modules.zoho.metadata.derived import derived_rows
from tap_zohocrm_modules.zoho.metadata.result import EndpointResult
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import CRM, CRM_BULK, Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import (
    REPORT,
    SCOPE_MISSING,
    PermissionRefusedError,
    RefusedDespiteScopeError,
    RunEndError,
    UnavailableError,
    UnreadableAnswerError,
    ZohoError,
)
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch, Shared

_FAILURES_THAT_END_AN_ENDPOINT = 3
_RESULTS_AHEAD = 100


class EndpointReader:
    """Reads endpoints of one organisation, several calls at a time; thread-safe, to be closed.

    `removes` says that the destination loses what is not read, so that one false answer must not
    make even one parent's list empty.
    """

    def __init__(
        self,
        client: ZohoClient,
        endpoints: Mapping[str, Endpoint],
        *,
        concurrency: int,
        removes: bool = False,
    ) -> None:
        self._client = client
        self._endpoints = endpoints
        self._most = 2 * concurrency
        self._removes = removes
        self._pool = client.machine.pool(concurrency, "zoho")
        self._lock = threading.Lock()
        self._begun: dict[str, Shared[EndpointResult]] = {}
        self._listed: dict[str, tuple[EndpointResult, ...]] = {}

    def close(self) -> None:
        """Make no further call."""
        self._pool.shutdown(wait=False, cancel_futures=True)
        with self._lock:
            # One that is read may just begin another, of which it takes a part.
            begun = [*self._begun.values()]
        for results in begun:
            results.close()

    def results(self, name: str) -> Iterable[EndpointResult]:
        """Begin to read an endpoint; return its results in their parents' order."""
        with self._lock:
            if name not in self._begun:
                read = functools.partial(self._read, self._endpoints[name])
                thread = self._client.machine.pool(1, f"endpoint {name}")
                self._begun[name] = Shared(Prefetch.from_items(read, thread, _RESULTS_AHEAD))
            return self._begun[name]

    def rows(self, name: str) -> list[dict[str, Any]]:
        """Return all rows of an endpoint; ZohoError: some of them cannot be read."""
        found: list[dict[str, Any]] = []
        for result in self.results(name):
            if result.error is not None:
                raise result.error
            found += result.rows
        return found

    def list_ahead(self, names: Collection[str]) -> Mapping[str, int]:
        """Return how many rows the lists of endpoints have, as far as they can be read.

        Their results then begin with these lists, so that none is asked for twice.
        """
        calls = [(name, call) for name in names for call in self._calls(self._endpoints[name])]
        with self._ahead(call for _, call in calls) as results:
            listed = list(zip((name for name, _ in calls), results, strict=True))
        for name in names:
            self._listed[name] = tuple(result for of, result in listed if of == name)
        return {
            name: sum(len(result.rows) for result in self._listed[name])
            for name in names
            if all(result.error is None for result in self._listed[name])
        }

    def forget(self, name: str) -> None:
        """Free the results of an endpoint that nothing else needs."""
        if not any(name in endpoint.others for endpoint in self._endpoints.values()):
            with self._lock:
                self._begun.pop(name, None)

    def _read(self, endpoint: Endpoint) -> Iterator[EndpointResult]:
        """Yield the results, with what other endpoints have of them."""
        results, lender = self._until_they_fail(endpoint), endpoint.completed_by
        # What is refused of another endpoint is not a reason to end this one.
        yield from results if lender is None else with_objects(lender, results, self.results)

    def _until_they_fail(self, endpoint: Endpoint) -> Iterator[EndpointResult]:
        """Yield the results until further calls would fail likewise."""
        failures = 0
        listed = self._listed.pop(endpoint.name, None)
        calls = self._calls(endpoint) if listed is None else map(_returning, listed)
        detail = endpoint.detail
        with self._ahead(calls) as results:
            for result in self._completed(endpoint, detail, results) if detail else results:
                failures = failures + 1 if _failed(result) else 0
                if _ends_all(result) or failures == _FAILURES_THAT_END_AN_ENDPOINT:
                    yield dataclasses.replace(result, is_last=True)
                    return
                yield result

    def _ahead(
        self, calls: Iterable[Callable[[], EndpointResult]]
    ) -> contextlib.closing[Generator[EndpointResult, None, None]]:
        return contextlib.closing(Prefetch(self._pool, calls, self._most).items())

    def _completed(
        self, endpoint: Endpoint, detail: DetailCall, results: Iterable[EndpointResult]
    ) -> Iterator[EndpointResult]:
        """Yield the results row by row, each completed by a further call."""

        def calls() -> Iterator[Callable[[], EndpointResult]]:
            for result in results:
                if not result.rows:
                    yield _returning(result)
                for row in result.rows:
                    yield functools.partial(self._complete, endpoint, detail, result, row)

        with self._ahead(calls()) as completed:
            yield from completed

    def _calls(self, endpoint: Endpoint) -> Iterator[Callable[[], EndpointResult]]:
        variants = self._variants(endpoint)
        if endpoint.for_each is None:
            for variant in variants:
                yield functools.partial(self._result, endpoint, {}, variant)
            return
        for result in self.results(endpoint.for_each.endpoint):
            if result.error is not None:
                yield _returning(dataclasses.replace(result, inherited=True))
            parents = (row for row in result.rows if self._is_parent(endpoint.for_each, row))
            for parent, variant in itertools.product(parents, variants):
                yield functools.partial(self._result, endpoint, parent, variant)

    def _variants(self, endpoint: Endpoint) -> Iterable[Mapping[str, str]]:
        if not endpoint.years:
            return endpoint.variants
        this_year = self._client.server_now().year
        return (*endpoint.variants, *({"year": str(this_year + off)} for off in endpoint.years))

    def _is_parent(self, for_each: ForEach, row: Row) -> bool:
        chosen = all(row.get(name) == value for name, value in for_each.where.items())
        return chosen and self._endpoints[for_each.endpoint].is_parent(row)

    def _result(
        self, endpoint: Endpoint, parent: Row, variant: Mapping[str, str]
    ) -> EndpointResult:
        taken = endpoint.for_each.columns if endpoint.for_each else {}
        columns: dict[str, Any] = {}
        try:
            columns = _columns(endpoint, taken, parent)
            rows = tuple(self._rows(endpoint, parent, columns, variant))
            return EndpointResult(_label(columns, variant), rows)
        except ZohoError as error:
            return EndpointResult(_label(columns, variant), error=_of_parent(parent, error))

    def _rows(
        self, endpoint: Endpoint, parent: Row, columns: Row, variant: Mapping[str, str]
    ) -> Iterator[dict[str, Any]]:
        if not endpoint.path:
            for row in derived_rows(endpoint, parent):
                yield {**columns, **endpoint.adapt(row)}
            return
        call = _call(endpoint, endpoint.path, columns, {**endpoint.params, **variant})
        for row in read_rows(
            self._client,
            call,
            endpoint.rows,
            per_page=endpoint.per_page,
            # Most parents have nothing in some lists, and asking twice would cost as much again.
            may_be_empty=endpoint.for_each is not None and not self._removes,
        ):
            yield {**columns, **endpoint.adapt(row)}

    def _complete(
        self, endpoint: Endpoint, detail: DetailCall, result: EndpointResult, row: dict[str, Any]
    ) -> EndpointResult:
        label = f"{result.of} {row.get(endpoint.keys[-1])}".strip()
        try:
            more, lacking = self._details(endpoint, detail, row)
        except UnavailableError as error:
            return EndpointResult(label, (row,), error)
        except ZohoError as error:
            return EndpointResult(label, error=error)
        return EndpointResult(label, (endpoint.adapt({**row, **more}),), lacking=lacking)

    def _details(self, endpoint: Endpoint, detail: DetailCall, row: Row) -> tuple[Row, str]:
        """Return what a row has besides, and why that is not all."""
        if not detail.each:
            missing = [path for path in detail.columns.values() if value_at(row, path) is None]
            if missing and missing[0] not in endpoint.keys:
                return {}, f"Zoho lists them without {missing[0]}"
            columns = _columns(endpoint, detail.columns, row)
            call = _call(endpoint, detail.path, columns, detail.params)
            found = read_rows(self._client, call, endpoint.rows)
            return (found[0], "") if found else ({}, "Zoho answers with no content, twice")
        elements: list[Any] = []
        lacks = ""
        for element in row.get(detail.each) or ():
            one = dataclasses.replace(detail, each="")
            more, lacking = self._details(endpoint, one, {**row, detail.each: element})
            elements += more.get(detail.each) or [element]
            lacks = lacks or lacking
        return ({detail.each: elements} if elements else {}), lacks


def _returning(result: EndpointResult) -> Callable[[], EndpointResult]:
    return lambda: result


def _failed(result: EndpointResult) -> bool:
    """Whether it failed for a reason that may be everyone's; what is refused is refused quickly."""
    return result.error is not None and not isinstance(
        result.error, (UnavailableError, PermissionRefusedError)
    )


def _ends_all(result: EndpointResult) -> bool:
    """Whether the other results are bound to fail likewise."""
    error = result.error
    if isinstance(error, RefusedDespiteScopeError):
        return False
    if isinstance(error, PermissionRefusedError):
        return error.refusal.code.upper() == SCOPE_MISSING
    return isinstance(error, RunEndError)


def _of_parent(parent: Row, error: ZohoError) -> ZohoError:
    """Return the error of a parent's call: a module that nobody may view need not be offered.

    Zoho lists such modules as supported, and refuses what belongs to them by various codes.
    """
    if parent.get("viewable") is False and isinstance(error, PermissionRefusedError):
        return UnavailableError(str(error), error.refusal)
    return error


def _columns(endpoint: Endpoint, columns: Mapping[str, str], row: Row) -> dict[str, Any]:
    values = {column: value_at(row, path) for column, path in columns.items()}
    if missing := next((columns[column] for column in columns if values[column] is None), None):
        raise UnreadableAnswerError(
            f"{endpoint.path or endpoint.name}: cannot be asked for, since Zoho gave a row without"
            f" {missing}. {REPORT}"
        )
    return values


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
