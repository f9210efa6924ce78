"""The reader of endpoints with a client of our own: order, sharing, failures, closing."""

from __future__ import annotations

import collections
import contextlib
import random
import threading
import time
from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from typing import Any

import pytest

from tap_zohocrm_modules.definitions.endpoint import DetailCall
from tap_zohocrm_modules.zoho.metadata import Endpoint, EndpointReader, EndpointResult, ForEach
from tap_zohocrm_modules.zoho.transport import errors
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call

PARENTS = 30
SCOPE = "ZohoCRM.settings.READ"


def endpoint(name: str, path: str, **more: Any) -> Endpoint:
    return Endpoint(name, SCOPE, "page", path, **{"rows": "rows", **more})


TABLE = (
    endpoint("parents", "/parents"),
    endpoint(
        "children", "/children", params={"of": "{of}"}, for_each=ForEach("parents", {"of": "id"})
    ),
    endpoint("derived", "", rows="lines", for_each=ForEach("children", {"child": "id"})),
    endpoint(
        "detailed",
        "/parents",
        params={"details": "1"},
        detail=DetailCall("/one/{id}", {"id": "id"}),
    ),
)


class FakeClient:
    """Has 30 parents with two children each; a test may let some calls take time, or fail."""

    def __init__(self, act: Callable[[Call], Answer | None] = lambda _: None) -> None:
        self.act = act
        self.calls: list[str] = []

    def server_now(self) -> datetime:
        return datetime(2024, 12, 31, tzinfo=timezone.utc)

    def call(self, call: Call) -> Answer:
        self.calls.append(str(call))
        if answer := self.act(call):
            return answer
        if parent := dict(call.params).get("of"):
            return rows(*(_child(f"{parent}-{letter}") for letter in "ab"))
        if call.path == "/parents":
            return rows(*({"id": str(number), "name": "N"} for number in range(PARENTS)))
        return rows({"id": call.path.rpartition("/")[2], "more": True})


def _child(child: str) -> dict[str, Any]:
    return {"id": child, "lines": [{"id": child}, {"id": child}]}


def rows(*found: Mapping[str, Any]) -> Answer:
    return Answer(200, {"rows": list(found)})


Readers = Callable[..., EndpointReader]


@pytest.fixture
def readers() -> Iterator[Readers]:
    with contextlib.ExitStack() as made:

        def make(client: FakeClient, concurrency: int = 8, *more: Endpoint) -> EndpointReader:
            endpoints = {one.name: one for one in (*TABLE, *more)}
            reader = EndpointReader(client, endpoints, concurrency=concurrency)  # type: ignore[arg-type]
            return made.enter_context(contextlib.closing(reader))

        yield make


def all_ids(parts: list[EndpointResult]) -> list[str]:
    return [row["id"] for part in parts for row in part.rows]


def refused(kind: type[Any], code: str = "NO_PERMISSION") -> errors.ZohoError:
    error: errors.ZohoError = kind(code, errors.Refusal(403, code))
    return error


def failing(error: Exception, *of: int) -> Callable[[Call], None]:
    """Fail for these parents, or for all of them."""

    def act(call: Call) -> None:
        parent = dict(call.params).get("of")
        if parent is not None and (not of or int(parent) in of):
            raise error

    return act


def dawdling(seed: int) -> Callable[[Call], None]:
    chance = random.Random(seed)
    return lambda _: time.sleep(chance.random() * 0.01)


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


@pytest.mark.parametrize("name", ["children", "derived"])
@pytest.mark.parametrize("concurrency", [1, 8])
def test_a_defect_in_a_thread_surfaces_where_the_rows_are_read(
    readers: Readers, name: str, concurrency: int
) -> None:
    reader = readers(FakeClient(failing(ZeroDivisionError("a defect"), 5)), concurrency)
    for _ in range(2):
        seen: list[EndpointResult] = []
        with pytest.raises(ZeroDivisionError, match="a defect"):
            seen.extend(reader.results(name))
        assert all(part.error is None for part in seen)


def test_a_defect_in_making_rows_surfaces(readers: Readers) -> None:
    odd = endpoint("odd", "", derive="nothing", for_each=ForEach("parents", {}))
    with pytest.raises(KeyError, match="nothing"):
        list(readers(FakeClient(), 8, odd).results("odd"))


@pytest.mark.parametrize("concurrency", [1, 8])
@pytest.mark.parametrize(
    "error",
    [errors.TransientError("503"), errors.UnreadableAnswerError("odd")],
    ids=lambda error: type(error).__name__,
)
def test_three_failures_in_a_row_end_an_endpoint(
    readers: Readers, error: errors.ZohoError, concurrency: int
) -> None:
    client = FakeClient(failing(error, *range(4, PARENTS)))
    parts = list(readers(client, concurrency).results("children"))
    assert [part.error for part in parts] == [None] * 4 + [error] * 3
    assert [part.of for part in parts] == [str(number) for number in range(7)]
    assert [part.of for part in parts if part.is_last] == ["6"]
    assert len(client.calls) <= 1 + 7 + 2 * concurrency


def test_failures_apart_from_each_other_do_not_end_an_endpoint(readers: Readers) -> None:
    error = errors.TransientError("503")
    reader = readers(FakeClient(failing(error, 1, 2, 4, 5, 8, 29)))
    parts = list(reader.results("children"))
    assert [int(part.of) for part in parts if part.error] == [1, 2, 4, 5, 8, 29]
    assert len(all_ids(parts)) == 2 * (PARENTS - 6)


@pytest.mark.parametrize(
    "error",
    [refused(errors.UnavailableError, "NOT_SUPPORTED"), refused(errors.PermissionRefusedError)],
    ids=lambda error: type(error).__name__,
)
def test_what_zoho_refuses_for_some_never_ends_an_endpoint(
    readers: Readers, error: errors.ZohoError
) -> None:
    reader = readers(FakeClient(failing(error, *range(PARENTS - 1))))
    assert [part.error for part in reader.results("children")] == [error] * (PARENTS - 1) + [None]


@pytest.mark.parametrize(
    "error",
    [
        refused(errors.PermissionRefusedError, "OAUTH_SCOPE_MISMATCH"),
        errors.AuthError("no token"),
        errors.OutOfCreditsError("no credits"),
    ],
    ids=str,
)
def test_what_is_bound_to_fail_again_ends_an_endpoint_at_once(
    readers: Readers, error: errors.ZohoError
) -> None:
    client = FakeClient(failing(error))
    reader = readers(client, 1)
    (part,) = reader.results("children")
    assert part.error is error
    assert len(client.calls) <= 1 + 1 + 2
    assert [part.error for part in reader.results("derived")] == [error]


@pytest.mark.parametrize("name", ["children", "derived"])
def test_what_their_parents_lack_is_said_of_the_children(readers: Readers, name: str) -> None:
    for error in (errors.TransientError("503"), refused(errors.UnavailableError, "NOT_SUPPORTED")):

        def act(call: Call, error: errors.ZohoError = error) -> None:
            if call.path == "/parents":
                raise error

        assert [part.error for part in readers(FakeClient(act)).results(name)] == [error]


def test_a_detail_that_fails_is_told_of_its_row(readers: Readers) -> None:
    error = errors.TransientError("503")

    def act(call: Call) -> Answer | None:
        if call.path == "/one/3":
            raise error
        return Answer(204, None) if call.path == "/one/4" else None

    parts = list(readers(FakeClient(act)).results("detailed"))
    assert len(parts) == PARENTS
    assert [(part.of, part.error) for part in parts if part.error] == [("3", error)]
    assert parts[4].rows == ({"id": "4", "name": "N"},)


def test_a_row_whose_details_zoho_does_not_offer_comes_as_it_was_listed(readers: Readers) -> None:
    error = refused(errors.UnavailableError, "NOT_SUPPORTED")

    def act(call: Call) -> None:
        if call.path == "/one/3":
            raise error

    parts = list(readers(FakeClient(act)).results("detailed"))
    assert all_ids(parts) == [str(number) for number in range(PARENTS)]
    assert [(part.rows, part.error) for part in parts if part.error] == [
        (({"id": "3", "name": "N"},), error)
    ]


@pytest.mark.parametrize("name", ["children", "derived", "detailed"])
def test_a_row_that_does_not_tell_what_to_ask_for_is_an_error(readers: Readers, name: str) -> None:
    def act(call: Call) -> Answer | None:
        wanted = "/children" if name == "derived" else "/parents"
        return rows({"name": "N"}) if call.path == wanted else None

    first = next(iter(readers(FakeClient(act)).results(name)))
    assert isinstance(first.error, errors.UnreadableAnswerError)
    assert "without id" in str(first.error)
    assert not str(first.error).startswith(":")


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
