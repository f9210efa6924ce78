"""The reader of endpoints: what becomes of failures."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from support.endpoints import (
    PARENTS,
    FakeClient,
    Readers,
    all_ids,
    endpoint,
    failing,
    refused,
    rows,
)

from tap_zohocrm_modules.definitions.endpoint import DetailCall
from tap_zohocrm_modules.zoho.metadata import EndpointResult, ForEach
from tap_zohocrm_modules.zoho.transport import errors
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call


@pytest.fixture
def readers() -> Iterator[Readers]:
    with Readers() as made:
        yield made


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


def test_a_detail_that_fails_is_reported_with_its_row(readers: Readers) -> None:
    error = errors.TransientError("503")

    def act(call: Call) -> Answer | None:
        if call.path == "/one/3":
            raise error
        return Answer(204, None) if call.path == "/one/4" else None

    parts = list(readers(FakeClient(act)).results("detailed"))
    assert len(parts) == PARENTS
    assert [(part.of, part.error) for part in parts if part.error] == [("3", error)]
    assert parts[4].rows == ({"id": "4", "name": "N"},)
    assert [part.of for part in parts if part.lacking] == ["4"]


def test_an_element_whose_details_cannot_be_asked_for_stands_as_it_is(readers: Readers) -> None:
    def act(call: Call) -> Answer | None:
        return rows({"id": "1", "parts": [{"of": None, "a": 1}]}) if call.path == "/w" else None

    detail = DetailCall("/w/{id}", {"id": "id", "of": "parts.of"}, {"of": "{of}"}, "parts")
    reader = readers(FakeClient(act), 8, endpoint("wizards", "/w", detail=detail))
    (part,) = reader.results("wizards")
    assert part.rows == ({"id": "1", "parts": [{"of": None, "a": 1}]},)
    assert part.lacking == "Zoho lists them without parts.of"


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
