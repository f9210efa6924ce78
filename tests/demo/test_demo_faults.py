from __future__ import annotations

import threading
import time

import pytest
import requests

from zohocrm_demo import DemoOrganisation, Fault
from zohocrm_demo.faults import KINDS, fault_of, parse_fault

from .conftest import TOKEN_PATH, Client, assert_refused

MODULES = "/crm/v8/settings/modules"


def test_an_error_of_zohos(client: Client) -> None:
    client.demo.inject(MODULES, Fault.error(403, "NO_PERMISSION", "permission denied", {"a": 1}))

    assert assert_refused(client.get(MODULES), 403, "NO_PERMISSION") == {"a": 1}
    client.demo.inject(MODULES, Fault())
    assert_refused(client.get(MODULES), 500, "INTERNAL_ERROR")
    client.demo.inject(MODULES, Fault(status=None, headers={"Date-Hint": "x"}))
    answer = client.get(MODULES)
    assert (answer.status_code, answer.headers["date-hint"]) == (200, "x")


def test_nth_and_times(client: Client) -> None:
    client.demo.inject(MODULES, Fault(status=503), nth=2, times=2)
    assert [client.get(MODULES).status_code for _ in range(4)] == [200, 503, 503, 200]

    client.demo.inject(MODULES, Fault.html(), times=None)
    answers = [client.get(MODULES) for _ in range(3)]
    assert {answer.status_code for answer in answers} == {502}
    assert answers[0].headers["content-type"].startswith("text/html")


def test_patterns_and_several_faults(client: Client) -> None:
    client.demo.inject("/crm/v8/settings/*", Fault(status=500))
    client.demo.inject(MODULES, Fault(status=503), times=2)

    # The second rule counts the call that the first one spoils.
    statuses = [client.get(MODULES).status_code for _ in range(3)]

    assert statuses == [500, 503, 200]
    assert client.get("/crm/v8/org").status_code == 200


@pytest.mark.parametrize("wrong", [{"nth": 0}, {"times": 0}])
def test_counting_begins_at_one(demo: DemoOrganisation, wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="count from 1"):
        demo.inject(MODULES, Fault(), **wrong)


def test_the_token_endpoint_fails_too(client: Client) -> None:
    client.demo.inject(TOKEN_PATH, Fault(status=200, body='{"error":"general_error"}'))

    assert client.mint().json() == {"error": "general_error"}


@pytest.mark.parametrize("status", [200, 204, 304])
def test_empty_bodies(client: Client, status: int) -> None:
    client.demo.inject(MODULES, Fault.empty(status))

    answer = client.get(MODULES)

    assert (answer.status_code, answer.content) == (status, b"")
    assert "content-type" not in answer.headers


def test_a_cut_body_is_the_real_one_cut(client: Client) -> None:
    whole = client.get(MODULES).content
    client.demo.inject(MODULES, Fault.cut(100))

    answer = client.get(MODULES, stream=True)

    assert answer.headers["content-length"] == str(len(whole))
    with pytest.raises(requests.exceptions.ChunkedEncodingError):
        _ = answer.content
    assert client.get(MODULES).content == whole


def test_a_reset_is_an_rst(client: Client) -> None:
    client.get(MODULES)
    client.demo.inject(MODULES, Fault.reset())

    with pytest.raises(requests.exceptions.ConnectionError, match="reset by peer"):
        client.get(MODULES)
    assert client.demo.calls[-1].status is None
    assert client.get(MODULES).status_code == 200


def test_slow_is_the_real_answer(client: Client) -> None:
    whole = client.get(MODULES).content
    client.demo.inject(MODULES, Fault.slow(0.2))

    begin = time.monotonic()
    answer = client.get(MODULES)

    assert time.monotonic() - begin >= 0.2
    assert answer.content == whole


@pytest.mark.parametrize("fault", [Fault.stall(), Fault.slow(30), Fault(status=500, delay=30)])
def test_stopping_releases_whoever_waits(fault: Fault) -> None:
    before = set(threading.enumerate())
    demo = DemoOrganisation()
    demo.start()
    client = Client(demo)
    client.mint()
    url = demo.api_url + MODULES
    demo.inject(MODULES, fault, times=None)
    outcome: list[object] = []

    def wait() -> None:
        try:
            outcome.append(requests.get(url, timeout=20).status_code)
        except requests.exceptions.ConnectionError as error:
            outcome.append(error)

    waiting = threading.Thread(target=wait)
    waiting.start()
    while len(demo.calls) < 2:
        time.sleep(0.01)

    begin = time.monotonic()
    demo.stop()
    took = time.monotonic() - begin
    waiting.join(5)
    client.session.close()

    assert took < 0.5
    assert outcome
    left = set(threading.enumerate()) - before
    assert not [thread for thread in left if thread.is_alive()]
    demo.stop()


def test_start_again(clock: object) -> None:
    del clock
    demo = DemoOrganisation()
    with pytest.raises(RuntimeError, match="start"):
        _ = demo.api_url
    for _ in range(2):
        with demo:
            demo.start()
            client = Client(demo)
            with client.session:
                assert client.get(MODULES).status_code == 200
    assert len(demo.calls) == 4


def test_a_fault_of_the_demos_own_is_an_internal_error(
    client: Client, caplog: pytest.LogCaptureFixture
) -> None:
    del client.demo.organisation.modules[3]["status"]

    assert_refused(client.get(MODULES, params={"status": "visible"}), 500, "INTERNAL_ERROR")
    assert "KeyError" in caplog.text


def test_half_a_body_is_announced_whole(client: Client) -> None:
    whole = client.get(MODULES).content
    client.demo.inject(MODULES, Fault.half())

    with pytest.raises(requests.exceptions.ChunkedEncodingError) as caught:
        client.get(MODULES)
    assert f"{len(whole) // 2} bytes read" in str(caught.value)


def test_a_body_drips(client: Client) -> None:
    whole = client.get("/crm/v8/org").content
    client.demo.inject("/crm/v8/org", Fault.dripping(0.0001))

    pieces = client.get("/crm/v8/org", stream=True).raw.stream(1)

    assert b"".join(pieces) == whole


def test_a_flood_does_not_end(client: Client) -> None:
    client.demo.inject("/crm/v8/org", Fault.flood())
    answer = client.get("/crm/v8/org", stream=True)

    taken = sum(len(answer.raw.read(65_536)) for _ in range(64))

    assert taken == 64 * 65_536
    answer.close()


@pytest.mark.parametrize("kind", ["429", "503", *KINDS])
def test_each_kind_of_the_command_is_read(kind: str) -> None:
    planned = parse_fault(f"{kind},path=/crm/v8/org,nth=2,times=all")

    assert (planned.path, planned.nth, planned.times) == ("/crm/v8/org", 2, None)
    assert planned.fault == fault_of(kind) != Fault(status=None)
