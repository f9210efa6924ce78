"""The gate: narrow at first, wider with success, halved by a refusal, slower after each."""

from __future__ import annotations

import threading
import time

from tap_zohocrm_modules.zoho.transport.gate import Gate


def succeed(gate: Gate, times: int) -> None:
    for _ in range(times):
        with gate.passing():
            pass
        gate.succeeded()


def refuse(gate: Gate) -> None:
    with gate.passing() as number:
        pass
    gate.refused(number)


def test_successes_widen_it_to_what_is_allowed() -> None:
    gate = Gate(5)
    assert gate.width == 2
    succeed(gate, 10)
    assert gate.width == 5
    gate.allow(7)
    succeed(gate, 10)
    assert gate.width == 7


def test_it_is_never_wider_than_allowed_nor_narrower_than_one() -> None:
    assert Gate(1).width == 1
    gate = Gate(3)
    for _ in range(5):
        refuse(gate)
    assert gate.width == 1


def test_a_refusal_halves_it_and_quiet_widens_it_again() -> None:
    gate = Gate(8)
    succeed(gate, 6)
    refuse(gate)
    assert gate.width == 4
    succeed(gate, 39)
    assert gate.width == 4
    succeed(gate, 1)
    assert gate.width == 5


def test_each_further_refusal_asks_for_a_longer_quiet() -> None:
    gate = Gate(8)
    refuse(gate)
    refuse(gate)
    succeed(gate, 79)
    assert gate.width == 1
    succeed(gate, 1)
    assert gate.width == 2


def test_calls_that_are_refused_together_narrow_it_once() -> None:
    gate = Gate(8)
    succeed(gate, 6)
    with gate.passing() as first, gate.passing() as second, gate.passing() as third:
        pass
    for number in (first, second, third):
        gate.refused(number)
    assert gate.width == 4


def test_places_go_to_those_who_came_first() -> None:
    gate, order = Gate(1), list[int]()
    threads = []

    def pass_through(number: int) -> None:
        with gate.passing():
            order.append(number)

    with gate.passing():
        for number in range(20):
            threads.append(threading.Thread(target=pass_through, args=(number,)))
            threads[-1].start()
            while len(gate._waiting) <= number:
                time.sleep(0.001)
    for thread in threads:
        thread.join()
    assert order == [*range(20)]
