"""The cutoff follows the clock of the API host, and never that of the accounts host."""

from __future__ import annotations

import contextlib
import json
import socket
from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from email.utils import format_datetime

import pytest
from support.demo import metadata_catalog
from support.raw_server import Speak, raw_server, read_head
from support.run import FAST, run_tap

from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.connection import Connection, Credentials
from tap_zohocrm_modules.zoho.transport.errors import ClockError

TOKEN = {"access_token": "1000.a.b", "expires_in": 3600}


def saying(body: object, ahead: timedelta) -> Speak:
    """A host whose clock is ahead of this machine's."""

    def speak(connection: socket.socket) -> None:
        head = read_head(connection)
        date = format_datetime(datetime.now(timezone.utc) + ahead, usegmt=True)
        text = b"" if head.startswith(b"HEAD") else json.dumps(body).encode()
        connection.sendall(
            f"HTTP/1.1 200 OK\r\nDate: {date}\r\nContent-Type: application/json\r\n"
            f"Content-Length: {len(text)}\r\nConnection: close\r\n\r\n".encode()
            + text
        )

    return speak


@contextlib.contextmanager
def hosts(*, accounts: timedelta, api: timedelta) -> Iterator[Connection]:
    with (
        raw_server(saying(TOKEN, accounts)) as accounts_url,
        raw_server(saying({"modules": []}, api)) as api_url,
    ):
        yield Connection(Credentials(accounts_url, "1000.ID", "secret", "1000.R"), api_url=api_url)


@pytest.mark.parametrize("minutes", [-90, 0, 1])
def test_the_time_is_the_api_hosts(minutes: int) -> None:
    ahead = timedelta(minutes=minutes)
    with hosts(accounts=timedelta(minutes=7), api=ahead) as access, ZohoClient(access) as client:
        off = client.server_now() - (datetime.now(timezone.utc) + ahead)
        assert abs(off) < timedelta(seconds=20)
        assert (client.credits.calls, client.credits.spent) == (0, 0)


def test_a_host_years_ahead_is_an_error() -> None:
    far = timedelta(days=1_400)
    with (
        hosts(accounts=timedelta(), api=far) as access,
        ZohoClient(access, FAST) as client,
        pytest.raises(ClockError, match="more than a day apart"),
    ):
        client.server_now()


def test_a_run_of_increments_against_such_a_host_ends_before_it_reads() -> None:
    tags = {"replication-method": "INCREMENTAL", "replication-key": "modified_time"}
    with hosts(accounts=timedelta(), api=timedelta(days=1_400)) as access:
        run = run_tap(
            config={
                "client_id": "1000.ID",
                "client_secret": "secret",
                "refresh_token": "1000.R",
                "accounts_url": access.credentials.accounts_url,
                "api_url": access.api_url,
                "record_modules": [],
            },
            catalog=metadata_catalog(tags=tags),
        )
    assert "more than a day apart" in run.error
    assert run.rows == []
