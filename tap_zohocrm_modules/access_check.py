"""What `--test` does: finds out in seconds whether the organisation can be read."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import urlsplit

from tap_zohocrm_modules.zoho.metadata import MODULES
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy

QUICK = RetryPolicy(max_tries=2, max_time=10)
"""An interactive check had better say what is wrong than wait for it to pass."""

QUICK_TIMEOUT = 10.0
"""Seconds that it waits for an answer at the most, whatever `request_timeout` says."""


def check_access(client: ZohoClient) -> Iterator[str]:
    """Yield a line for each thing that works, in the order in which each needs the former.

    Raises:
        ZohoError: the first thing that does not, with its remedy.
    """
    token = client.auth.token()
    scopes = ", ".join(sorted(token.scopes)) or "scopes that Zoho did not list"
    yield f"token    ok: {urlsplit(client.accounts_url).hostname} gave an access token for {scopes}"
    yield f"API host ok: {client.api_url()}"
    modules = read_rows(client, Call(MODULES.path, MODULES.scope), MODULES.rows)
    readable = sum(module.get("api_supported") is True for module in modules)
    yield f"modules  ok: {len(modules)} modules, the records of {readable} can be read by API"
