"""Which modules have records to be read, and what these consist of.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""

from __future__ import annotations

import functools
import logging
from collections.abc import Iterable, Mapping, Sequence
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


def describe_modules(
    client: ZohoClient, rows: Sequence[Mapping[str, Any]]
) -> list[RecordModule | ZohoError]:
    """Return modules, or why one cannot be described, by a call for each of their rows."""
    calls = [functools.partial(_describe, client, row) for row in rows]
    pool = client.machine.pool(LEAST_CONCURRENCY, "describe")
    try:
        return list(Prefetch(pool, calls, 2 * LEAST_CONCURRENCY))
    finally:
        pool.shutdown(wait=False, cancel_futures=True)


def with_names(rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """Return the rows of modules that have an API name, and warn of the others."""
    named = []
    for row in rows:
        if is_name(row.get("api_name")):
            named.append(row)
        else:
            logger.warning(
                "modules: Zoho lists the module %s without a name to ask for its records by: there"
                " is no stream for it. Please report it to Zoho.",
                one_line(ascii(row.get("module_name") or row.get("id"))),
            )
    return named


def describe_from(
    row: Mapping[str, Any], fields: Sequence[Mapping[str, Any]]
) -> RecordModule | ZohoError:
    """Return a module of which Zoho lists these fields."""
    return describe(row, fields) if fields else _WITHOUT_FIELDS


def _describe(client: ZohoClient, row: Mapping[str, Any]) -> RecordModule | ZohoError:
    params = (("module", str(row["api_name"])), ("type", "all"))
    call = Call(FIELDS_PATH, FIELDS_SCOPE, params, stream=FIELDS)
    try:
        return describe_from(row, read_rows(client, call, FIELDS))
    except ZohoError as error:
        return error
