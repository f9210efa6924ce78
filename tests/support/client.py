"""Speaks to a demo organisation with the tap's own client, below the command line."""

from __future__ import annotations

import contextlib
import dataclasses
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, TypeVar
from unittest import mock

from support.run import FAST
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
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


def server_time(*, now: Callable[[], datetime]) -> contextlib.AbstractContextManager[object]:
    """Let the tap take this for the time of Zoho's API host."""
    return mock.patch.object(ZohoClient, "server_now", side_effect=now)


def calls_made_by(
    call: Callable[[ZohoClient, Call], Answer],
) -> contextlib.AbstractContextManager[object]:
    """Let this make the calls of the tap's client; the client's own does it best."""
    return mock.patch.object(ZohoClient, "call", call)


def at_once(count: int, call: Callable[[], T]) -> list[T]:
    """What `count` threads get that begin together; their first error is raised."""
    with ThreadPoolExecutor(count) as pool:
        futures = [pool.submit(call) for _ in range(count)]
    return [future.result() for future in futures]
