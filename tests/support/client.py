"""Speaks to a demo organisation with the tap's own client, below the command line."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any, TypeVar

from support.run import FAST
from tap_zohocrm_modules.zoho.transport.calls import Call
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.connection import Connection, Credentials, TimeLimits
from tap_zohocrm_modules.zoho.transport.retry import RetryPolicy
from zohocrm_demo import DemoOrganisation

T = TypeVar("T")

LIST_MODULES = Call(path="/settings/modules", scope="ZohoCRM.settings.modules.READ")


def credentials_for(demo: DemoOrganisation) -> Credentials:
    return Credentials(demo.accounts_url, demo.client_id, demo.client_secret, demo.refresh_token)


def client_for(demo: DemoOrganisation, policy: RetryPolicy = FAST, **access: Any) -> ZohoClient:
    """A client of this organisation; to be closed."""
    default = Connection(credentials=credentials_for(demo), times=TimeLimits(request=10))
    return ZohoClient(dataclasses.replace(default, **access), policy)


def at_once(count: int, call: Callable[[], T]) -> list[T]:
    """What `count` threads get that begin together; their first error is raised."""
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(call) for _ in range(count)]
    return [future.result() for future in futures]
