"""The reader of endpoints: order, sharing, closing."""

from __future__ import annotations

import collections
import functools
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from support.endpoints import (
    PARENTS,
    FakeClient,
    Readers,
    all_ids,
    dawdling,
    endpoint,
    rows,
)

from tap_zohocrm_modules.definitions.endpoint import DetailCall
from tap_zohocrm_modules.zoho.metadata import EndpointReader, EndpointResult
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call


@pytest.fixture
def readers() -> Iterator[Readers]:
    with Readers() as made:
        yield made


@pytest.mark.parametrize("concurrency", [1, 3, 16])
def test_the_order_is_the_parents_whatever_the_delays(readers: Readers, concurrency: int) -> None:
    reader = readers(FakeClient(dawdling(concurrency)), concurrency)
    expected = [f"{number}-{letter}" for number in range(PARENTS) for letter in "ab"]
    parts = list(reader.results("children"))
    assert [part.of for part in parts] == [str(number) for number in range(PARENTS)]
    assert all_ids(parts) == expected
    assert {row["of"] for row in parts[3].rows} == {"3"}
    assert all_ids(list(reader.results("derived"))) == [one for one in expected for _ in (1, 2)]


@pytest.mark.parametrize("concurrency", [1, 16])
def test_details_complete_each_row_in_order(readers: Readers, concurrency: int) -> None:
    client = FakeClient(dawdling(7))
    parts = list(readers(client, concurrency).results("detailed"))
    assert [part.rows for part in parts] == [
        ({"id": str(number), "name": "N", "more": True},) for number in range(PARENTS)
    ]
    assert len(set(client.calls)) == len(client.calls) == 1 + PARENTS


def test_a_detail_for_each_element_completes_the_elements(readers: Readers) -> None:
    def act(call: Call) -> Answer | None:
        if call.path == "/wizards":
            return rows({"id": "1", "parts": [{"of": "a"}, {"of": "b"}, {"of": "c"}]}, {"id": "2"})
        part = dict(call.params)["of"]
        return rows({"id": "1", "parts": [{"of": part, "more": True}]} if part != "b" else {})

    detail = DetailCall("/wizards/{id}", {"id": "id", "of": "parts.of"}, {"of": "{of}"}, "parts")
    reader = readers(FakeClient(act), 8, endpoint("wizards", "/wizards", detail=detail))
    assert [row for part in reader.results("wizards") for row in part.rows] == [
        {"id": "1", "parts": [{"of": "a", "more": True}, {"of": "b"}, {"of": "c", "more": True}]},
        {"id": "2"},
    ]


def test_years_around_the_servers_are_read_besides_the_usual_list(readers: Readers) -> None:
    client = FakeClient()
    yearly = endpoint("yearly", "/parents", years=(-1, 0))
    assert [part.of for part in readers(client, 8, yearly).results("yearly")] == [
        "",
        "2023",
        "2024",
    ]


def test_variants_are_read_one_after_the_other(readers: Readers) -> None:
    both = endpoint("both", "/parents", variants=({"type": "All"}, {"type": "Deleted"}))
    client = FakeClient(dawdling(1))
    assert [part.of for part in readers(client, 8, both).results("both")] == ["All", "Deleted"]
    assert len(client.calls) == 2


def test_each_call_is_made_once_for_all_who_want_its_rows(readers: Readers) -> None:
    client = FakeClient(dawdling(2))
    reader = readers(client)
    wanted = ["children", "derived", "parents", "children", "derived", "children"]
    together = threading.Barrier(len(wanted))

    def consume(name: str) -> list[EndpointResult]:
        together.wait(10)
        return list(reader.results(name))

    with ThreadPoolExecutor(len(wanted)) as pool:
        found = list(pool.map(consume, wanted))
    assert found[0] == found[3] == found[5]
    assert found[1] == found[4]
    assert [len(parts) for parts in found[:3]] == [PARENTS, 2 * PARENTS, 1]
    assert max(collections.Counter(client.calls).values()) == 1
    assert len(client.calls) == 1 + PARENTS


def test_what_is_forgotten_is_freed_unless_others_need_it(readers: Readers) -> None:
    client = FakeClient()
    reader = readers(client)
    for name in ("detailed", "parents"):
        assert list(reader.results(name))
        reader.forget(name)
    assert list(reader.results("children"))
    assert client.calls.count("GET /crm/v8/parents") == 1


def test_closing_ends_quickly_and_no_further_call_is_made(readers: Readers) -> None:
    go_on, called = threading.Event(), threading.Event()

    def act(call: Call) -> None:
        if "of" in dict(call.params):
            called.set()
            assert go_on.wait(10)

    client = FakeClient(act)
    reader = readers(client, 2)
    reader.results("children")
    assert called.wait(10)
    began = time.monotonic()
    reader.close()
    assert time.monotonic() - began < 1
    made = len(client.calls)
    go_on.set()
    with pytest.raises(Exception, match=r"^$|shutdown"):
        list(reader.results("children"))
    assert len(client.calls) == made < 1 + PARENTS


def test_what_is_asked_for_after_closing_is_an_error_and_no_empty_success(
    readers: Readers,
) -> None:
    client = FakeClient()
    reader = readers(client)
    reader.close()
    with pytest.raises(RuntimeError, match="shutdown"):
        list(reader.results("parents"))
    assert client.calls == []


class Borrowing:
    """Results of an endpoint whose thread takes what it lacks from another while it is closed."""

    def __init__(self, reader: EndpointReader) -> None:
        self.close = functools.partial(reader.results, "derived")


def test_a_reader_is_closed_while_what_it_reads_begins_another(readers: Readers) -> None:
    reader = readers(FakeClient())
    reader._begun["parents"] = Borrowing(reader)  # type: ignore[assignment]
    reader.close()
