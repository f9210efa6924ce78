"""Faults that only a client of sockets sees; `answers/faults.yaml` has the others."""

from __future__ import annotations

import threading
import time

import pytest
import requests
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.faults import KINDS, fault_of, parse_fault

from .conftest import Client, assert_refused

ORG = "/crm/v8/org"


def test_an_error_of_zohos_a_body_and_a_header(client: Client) -> None:
    client.demo.inject(ORG, Fault.error(403, "NO_PERMISSION", "permission denied", {"a": 1}))
    assert assert_refused(client.get(ORG), 403, "NO_PERMISSION") == {"a": 1}
    client.demo.inject(ORG, Fault(status=200, body="[]"))
    assert client.get(ORG).text == "[]"
    client.demo.inject(ORG, Fault.empty(304))
    assert (client.get(ORG).status_code, client.get(ORG).status_code) == (304, 200)
    client.demo.inject(ORG, Fault(status=None, headers={"Date-Hint": "x"}))
    answer = client.get(ORG)
    assert (answer.status_code, answer.headers["date-hint"]) == (200, "x")


@pytest.mark.parametrize("fault", [Fault.cut(100), Fault.half()])
def test_a_cut_body_is_announced_whole(client: Client, fault: Fault) -> None:
    whole = client.get(ORG).content
    client.demo.inject(ORG, fault)

    answer = client.get(ORG, stream=True)

    assert answer.headers["content-length"] == str(len(whole))
    sent = fault.cut_body or len(whole) // 2
    with pytest.raises(requests.exceptions.ChunkedEncodingError, match=f"{sent} bytes read"):
        _ = answer.content
    assert client.get(ORG).content == whole


def test_a_reset_is_an_rst(client: Client) -> None:
    client.get(ORG)
    client.demo.inject(ORG, Fault.reset())

    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
        client.get(ORG)
    assert client.demo.calls[-1].status is None
    assert client.get(ORG).status_code == 200


@pytest.mark.parametrize("fault", [Fault.stall(), Fault.slow(30), Fault(status=500, delay=30)])
def test_stopping_releases_whoever_waits(fault: Fault) -> None:
    before = set(threading.enumerate())
    outcome: list[object] = []
    with DemoOrganisation(awkward_sample) as demo:
        client = Client(demo)
        client.mint()
        demo.inject(ORG, fault, times=None)

        def wait() -> None:
            try:
                outcome.append(client.get(ORG).status_code)
            except requests.exceptions.ReadTimeout:
                outcome.append("nobody was released")
            except requests.exceptions.ConnectionError as error:
                outcome.append(error)

        waiting = threading.Thread(target=wait)
        waiting.start()
        while len(demo.calls) < 2:
            time.sleep(0.01)
    waiting.join()
    client.session.close()

    assert outcome != ["nobody was released"]
    assert not [one for one in set(threading.enumerate()) - before if one.is_alive()]


def test_start_again() -> None:
    demo = DemoOrganisation(awkward_sample)
    with pytest.raises(RuntimeError, match="start"):
        _ = demo.api_url
    for _ in range(2):
        with demo:
            demo.start()
            client = Client(demo)
            with client.session:
                assert client.get(ORG).status_code == 200
    demo.stop()
    assert len(demo.calls) == 4


def test_a_fault_of_the_demos_own_is_an_internal_error(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    del client.demo.organisation.modules[3]["status"]

    answer = client.get("/crm/v8/settings/modules", params={"status": "visible"})
    assert_refused(answer, 500, "INTERNAL_ERROR")
    assert "KeyError" in caplog.text


def test_a_body_drips(client: Client) -> None:
    whole = client.get(ORG).content
    client.demo.inject(ORG, Fault.dripping(0.0001))

    assert b"".join(client.get(ORG, stream=True).raw.stream(1)) == whole


def test_a_flood_does_not_end(client: Client) -> None:
    client.demo.inject(ORG, Fault.flood())

    with client.get(ORG, stream=True) as answer:
        assert sum(len(answer.raw.read(65_536)) for _ in range(64)) == 64 * 65_536


@pytest.mark.parametrize("kind", ["429", "503", *KINDS])
def test_each_kind_of_the_command_is_read(kind: str) -> None:
    planned = parse_fault(f"{kind},path={ORG},nth=2,times=all")

    assert (planned.path, planned.nth, planned.times) == (ORG, 2, None)
    assert planned.fault == fault_of(kind) != Fault(status=None)
