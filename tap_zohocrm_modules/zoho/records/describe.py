"""Which modules have records to be read, and what these consist of.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import contextlib
import dataclasses
import functools
import logging
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from tap_zohocrm_modules.zoho.records.model import RecordModule, describe, is_name
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.edition import LEAST_CONCURRENCY
from tap_zohocrm_modules.zoho.transport.errors import NotByApiError, Refusal, ZohoError
from tap_zohocrm_modules.zoho.transport.prefetch import Prefetch
from tap_zohocrm_modules.zoho.transport.texts import one_line

logger = logging.getLogger(__name__)

FIELDS = "fields"
FIELDS_PATH = "/settings/fields"
FIELDS_SCOPE = "ZohoCRM.settings.fields.READ"

_WITHOUT_FIELDS = NotByApiError(
    f"Zoho lists no fields of it (GET {FIELDS_PATH}), and so there is nothing to ask for.",
    Refusal(204),
)


@dataclasses.dataclass(eq=False)
class FieldLists:
    """The fields of modules, a call for each; to be closed.

    Args:
        client: The organisation.
        expected: Names of modules whose fields are asked for at once, in the time that it takes
            to list the modules.
    """

    client: ZohoClient
    expected: dataclasses.InitVar[Collection[str]] = ()

    def __post_init__(self, expected: Collection[str]) -> None:
        """Begin with the expected ones."""
        self._pool = self.client.machine.pool(LEAST_CONCURRENCY, "describe")
        self._ahead = {name: self._pool.submit(self._fields, name) for name in expected}

    def described(self, rows: Sequence[Mapping[str, Any]]) -> list[RecordModule | ZohoError]:
        """Return modules, or why one cannot be described, by their rows."""
        calls = [functools.partial(self._fields_of, str(row["api_name"])) for row in rows]
        reading = Prefetch(self._pool, calls, 2 * LEAST_CONCURRENCY)
        return [
            found if isinstance(found, ZohoError) else describe_from(row, found)
            for row, found in zip(rows, reading, strict=True)
        ]

    def close(self) -> None:
        """Make no further call."""
        self._pool.shutdown(wait=False, cancel_futures=True)

    def _fields_of(self, name: str) -> list[Any] | ZohoError:
        ahead = self._ahead.get(name)
        return self._fields(name) if ahead is None else ahead.result()

    def _fields(self, name: str) -> list[Any] | ZohoError:
        call = Call(FIELDS_PATH, FIELDS_SCOPE, (("module", name), ("type", "all")), stream=FIELDS)
        try:
            return read_rows(self.client, call, FIELDS)
        except ZohoError as error:
            return error


def describe_modules(
    client: ZohoClient, rows: Sequence[Mapping[str, Any]]
) -> list[RecordModule | ZohoError]:
    """Return modules, or why one cannot be described, by a call for each of their rows."""
    with contextlib.closing(FieldLists(client)) as lists:
        return lists.described(rows)


def with_names(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of modules that have an API name, and warn of the others."""
    named = []
    for row in rows:
        if is_name(row.get("api_name")):
            named.append(row)
        else:
            logger.warning(
                "modules: Zoho lists the module %s without a name to ask for its records by, so it"
                " gets no stream. Please report it to Zoho.",
                one_line(ascii(row.get("module_name") or row.get("id"))),
            )
    return named


def describe_from(
    row: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]
) -> RecordModule | ZohoError:
    """Return a module of which Zoho lists these fields."""
    return describe(row, fields) if fields else _WITHOUT_FIELDS
