"""How clients get in: forms of all kinds, ports, HTTPS, the proxy for Zoho's own host names."""

from __future__ import annotations

import socket
from collections.abc import Iterator
from contextlib import closing
from urllib.parse import urlencode

import pytest
import requests
from support.sample import awkward_sample

from zohocrm_demo import Clock, DemoOrganisation
from zohocrm_demo.calls import Journal, Request, parts_of
from zohocrm_demo.limits import Cost, Limits

from .conftest import TOKEN_PATH, Client


def test_a_token_request_may_be_a_multipart_form(client: Client) -> None:
    form = {name: (None, value) for name, value in client.credentials().items()}

    answer = requests.post(client.demo.accounts_url + TOKEN_PATH, files=form, timeout=5)

    assert "access_token" in answer.json()


def test_a_body_may_come_in_chunks(client: Client) -> None:
    text = urlencode(client.credentials())

    def pieces() -> Iterator[bytes]:
        for place in range(0, len(text), 7):
            yield text[place : place + 7].encode()

    answer = requests.post(
        client.demo.api_url + TOKEN_PATH,
        data=pieces(),
        headers={"Content-Type": "application/x-www-form-urlencoded"},
        timeout=5,
    )

    assert "access_token" in answer.json()


@pytest.mark.parametrize(
    ("head", "status"),
    [
        ("Content-Length: 99999999999999", b"413"),
        ("Content-Length: x", b"400"),
        ("Transfer-Encoding: gzip", b"400"),
        ("Transfer-Encoding: chunked\r\n\r\nxyz", b"400"),
        ("Transfer-Encoding: chunked\r\n\r\nffffffffff", b"413"),
    ],
)
def test_a_body_that_cannot_be_read_is_refused(
    demo: DemoOrganisation, head: str, status: bytes
) -> None:
    host, port = demo.api_url.removeprefix("http://").split(":")
    with closing(socket.create_connection((host, int(port)), timeout=5)) as connection:
        connection.sendall(f"POST /crm/v8/coql HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())

        assert connection.recv(12).split()[1] == status


def test_a_client_that_asks_whether_to_go_on_is_told_so(demo: DemoOrganisation) -> None:
    host, port = demo.api_url.removeprefix("http://").split(":")
    head = "Content-Length: 2\r\nExpect: 100-continue"
    with closing(socket.create_connection((host, int(port)), timeout=5)) as connection:
        connection.sendall(f"POST /crm/v8/coql HTTP/1.1\r\nHost: x\r\n{head}\r\n\r\n".encode())

        assert connection.recv(1_000) == b"HTTP/1.1 100 Continue\r\n\r\n"
        connection.sendall(b"{}")
        assert connection.recv(12).split()[1] == b"401"


@pytest.mark.parametrize("kind", ["application/octet-stream", "message/rfc822", "text/plain"])
def test_files_keep_their_bytes(kind: str) -> None:
    content = bytes(range(256)) + b"\r\n--x\n\r\n"
    made = requests.Request(
        "POST", "http://x", files={"file": ("a b.bin", content, kind), "id": (None, "7")}
    )
    prepared = made.prepare()
    assert isinstance(prepared.body, bytes)

    file, value = parts_of({"content-type": prepared.headers["Content-Type"]}, prepared.body)

    assert (file.name, file.file_name, file.content) == ("file", "a b.bin", content)
    assert (value.name, value.file_name, value.content) == ("id", None, b"7")


def test_a_port_is_free_at_once_though_connections_linger() -> None:
    demo = on_four_ports()
    with demo, requests.Session() as lingering:
        port = int(demo.api_url.rpartition(":")[2])
        lingering.get(demo.api_url, timeout=5)
        # The server's end closes first, and so stays in TIME_WAIT.
        demo.stop()
        with DemoOrganisation(awkward_sample, port=port) as again:
            assert Client(again).get("/crm/v8/org").ok


def on_four_ports() -> DemoOrganisation:
    for port in range(21_000, 29_000, 97):
        demo = DemoOrganisation(awkward_sample, port=port)
        try:
            demo.start()
        except OSError:
            continue
        return demo
    raise AssertionError("no four ports in a row are free")


def test_the_same_seed_gives_the_same_bytes() -> None:
    seen = []
    for _ in range(2):
        with DemoOrganisation(awkward_sample, seed=7, clock=Clock()) as demo:
            client = Client(demo)
            client.mint()
            page = client.get("/crm/v8/Leads?fields=id").json()
            token = page["info"]["next_page_token"].split(".")
            # The last part is the time at which it expires.
            seen.append((client.token, page["data"], token[1:-1]))

    assert seen[0] == seen[1]


def test_credits_come_back_one_by_one_after_a_day() -> None:
    clock = Clock()
    limits = Limits(10, 5, 5, clock)
    for _ in range(3):
        with limits.admit(Cost(2)):
            clock.advance(3_600)

    assert limits.headers == {"X-API-CREDITS-REMAINING": "4"}
    clock.advance(22 * 3_600)
    assert limits.headers == {}


def test_the_journal_keeps_the_latest_calls() -> None:
    journal = Journal(most=3)
    numbers = [journal.arrived(Request("GET", f"/{n}", "", {}, b"")) for n in range(5)]
    for number in numbers:
        journal.answered(number, 200 + number)

    assert [(call.path, call.status) for call in journal.calls] == [
        ("/2", 202),
        ("/3", 203),
        ("/4", 204),
    ]


@pytest.fixture(scope="module")
def secure() -> Iterator[tuple[DemoOrganisation, requests.Session]]:
    with DemoOrganisation(awkward_sample, https=True) as demo, requests.Session() as session:
        # What the machine trusts besides must not matter.
        session.trust_env = False
        session.verify = demo.authority_file
        yield demo, session


def test_https_by_an_authority_of_its_own(
    secure: tuple[DemoOrganisation, requests.Session],
) -> None:
    demo, session = secure
    answer = session.post(
        demo.accounts_url + TOKEN_PATH, data=Client(demo).credentials(), timeout=5
    )

    assert answer.json()["api_domain"] == demo.api_url
    assert demo.api_url.startswith("https://")


@pytest.mark.parametrize(
    ("accounts", "api", "download"),
    [
        ("accounts.zoho.com", "www.zohoapis.com", "download.zoho.com"),
        ("accounts.zoho.com.au", "www.zohoapis.com.au", "download.zoho.com.au"),
        ("accounts.zohocloud.ca", "www.zohoapis.ca", "download.zohocloud.ca"),
    ],
)
def test_clients_with_fixed_hosts_come_through_the_proxy(
    secure: tuple[DemoOrganisation, requests.Session], accounts: str, api: str, download: str
) -> None:
    demo, session = secure
    session.proxies = {"https": demo.proxy_url}
    minted = session.post(
        f"https://{accounts}{TOKEN_PATH}", data=Client(demo).credentials(), timeout=5
    ).json()

    assert minted["api_domain"] == f"https://{api}"
    session.headers["Authorization"] = f"Zoho-oauthtoken {minted['access_token']}"
    exports = session.get(f"https://{api}/crm/v8/settings/audit_log_export", timeout=5).json()
    link = exports["audit_log_export"][0]["download_links"][0]
    assert link.startswith(f"https://{download}/v2/crm/")
    assert session.get(link, timeout=5).text.startswith("Audited Time,")


def test_the_proxy_leads_to_zoho_only(
    secure: tuple[DemoOrganisation, requests.Session],
) -> None:
    demo, session = secure
    session.proxies = {"https": demo.proxy_url}

    with pytest.raises(requests.exceptions.ProxyError):
        session.get("https://www.example.org/", timeout=5)
