"""How many rows the lists have that many calls depend on, for a credit each."""

from __future__ import annotations

import itertools
import logging
from collections.abc import Collection, Iterator, Mapping

from tap_zohocrm_modules.definitions.endpoint import Endpoint
from tap_zohocrm_modules.sync.run import Run
from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import ZohoError

logger = logging.getLogger(__name__)

_USERS = "users"
# The longest lists first.
_ORDER = (_USERS, "profiles")


def count_rows(run: Run, needed: Collection[str], spare: int) -> dict[str, int]:
    """Return the number of rows of lists that have a call for each of their rows.

    Args:
        run: The run.
        needed: The endpoints that the run reads.
        spare: How many credits may be spent; the longest lists come first.
    """
    chosen = itertools.islice(long_lists(run.endpoints, needed), spare)
    counts = {endpoint.name: _count(run.client, endpoint) for endpoint in chosen}
    return {name: rows for name, rows in counts.items() if rows is not None}


def long_lists(endpoints: Mapping[str, Endpoint], needed: Collection[str]) -> Iterator[Endpoint]:
    """Yield the lists with a call for each of their rows, that one call has; the longest first."""
    parents = {
        for_each.endpoint for name in needed if (for_each := endpoints[name].for_each) is not None
    }
    longest_first = sorted(needed, key=lambda name: (_rank(name), name))
    for endpoint in (endpoints[name] for name in longest_first if name != MODULES.name):
        has_calls_for_rows = endpoint.detail is not None or endpoint.name in parents
        is_one_call = endpoint.name == _USERS or not endpoint.per_page
        if has_calls_for_rows and is_one_call and endpoint.for_each is None:
            yield endpoint


def _rank(name: str) -> int:
    return _ORDER.index(name) if name in _ORDER else len(_ORDER)


def _count(client: ZohoClient, endpoint: Endpoint) -> int | None:
    """Return the length of a list, None if Zoho does not say.

    https://www.zoho.com/crm/developer/docs/api/v8/get-users-count.html
    """
    by_count = endpoint.name == _USERS
    path = f"{endpoint.path}/actions/count" if by_count else endpoint.path
    params = {"type": "AllUsers"} if by_count else endpoint.params
    call = Call(path, endpoint.scope, tuple(params.items()))
    try:
        if not by_count:
            return len(read_rows(client, call, endpoint.rows))
        count = (client.call(call).body or {}).get("count")
    except ZohoError as error:
        # An estimate has to do, and the run will say what is wrong with the list.
        logger.debug("%s: not counted: %s", endpoint.name, error)
        return None
    return count if isinstance(count, int) else None
