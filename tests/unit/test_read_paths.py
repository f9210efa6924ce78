"""A further read path takes part without a change of the engine, which knows none by name."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from unittest import mock

import pytest
from typing_extensions import override

from tap_zohocrm_modules.zoho.records.engine import RecordEngine
from tap_zohocrm_modules.zoho.records.field_types import NUMERAL, TEXT
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import ID, RecordField, RecordModule
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.read_path import Reading, ReadPath
from tap_zohocrm_modules.zoho.records.read_paths import read_paths
from tap_zohocrm_modules.zoho.records.reading import (
    Executors,
    Page,
    PathRefusedError,
    Source,
    Window,
)
from tap_zohocrm_modules.zoho.records.records import Rows
from tap_zohocrm_modules.zoho.transport.errors import ApiError, Refusal, ZohoError
from tap_zohocrm_modules.zoho.transport.machine import Machine

FIELDS = (RecordField(ID, ID, NUMERAL), RecordField("Name", "Name", TEXT))
WINDOW = Window(None, datetime(2026, 1, 1, tzinfo=timezone.utc), unstamped=True)


class ShelfPath(ReadPath):
    """Reads from a shelf in memory, one record a page, for nothing."""

    name = "shelf"
    label = "the shelf"
    rank = -1
    is_complete = False

    def __init__(self, names: Sequence[str]) -> None:
        self._names = names
        self.readings: list[Reading] = []

    @override
    def reads(self, module: RecordModule) -> bool:
        return module.api_name == "Books"

    @override
    def credits(self, fields: Sequence[RecordField], records: int) -> int:
        return 0

    @override
    def credits_to_checkpoint(
        self, fields: Sequence[RecordField], records: int, *, by_time: bool
    ) -> int:
        return 0

    @override
    def pages(self, reading: Reading) -> Iterator[Page]:
        self.readings.append(reading)
        begin = int(reading.checkpoint["row"]) if reading.checkpoint else 0
        for number, name in enumerate(self._names[begin:], begin + 1):
            record = {"id": str(number), "Name": name, "additional_properties": None}
            is_last = number == len(self._names)
            yield Page(Rows([record]), checkpoint=None if is_last else {"row": number})


class RefusedPath(ShelfPath):
    """Is refused, whatever it is asked for."""

    name = "refused"
    rank = -2

    @override
    def pages(self, reading: Reading) -> Iterator[Page]:
        yield from ()
        raise PathRefusedError(self.name, ApiError("no", Refusal(400, "NOT_ALLOWED")), frozenset())


@pytest.fixture(scope="module")
def executors() -> Iterator[Executors]:
    with ThreadPoolExecutor(2) as pool:
        yield Executors(pool, pool, 2)


def engine(
    executors: Executors, *paths: ReadPath, only: str | None = None, left: int | None = None
) -> RecordEngine:
    client = mock.Mock()
    client.credits.left = left
    module = RecordModule("Books", "Books", "custom", FIELDS)
    source = Source(client, module, FIELDS, "Books")
    others = read_paths(Limits(), DownloadPacer(Machine()))
    return RecordEngine(source, (*others, *paths), executors, only)


def names(pages: Iterator[Page]) -> list[str]:
    return [record["Name"] for page in pages for record in page.records]


def test_a_fourth_path_is_chosen_where_it_is_cheapest(executors: Executors) -> None:
    shelf = ShelfPath(["Emma", "Ulysses", "Middlemarch"])
    read = engine(executors, shelf)
    read.expected = 1_000
    assert names(read.pages(WINDOW)) == [
        "Emma",
        "Ulysses",
        "Middlemarch",
    ]
    assert shelf.readings[0].plan.fields == FIELDS


def test_a_fourth_path_goes_on_from_its_own_checkpoint(executors: Executors) -> None:
    shelf = ShelfPath(["Emma", "Ulysses", "Middlemarch"])
    first = engine(executors, shelf, only="shelf").pages(WINDOW)
    kept = next(first).checkpoint
    assert kept == {"row": 1, "path": "shelf"}
    again = engine(executors, shelf, only="shelf").pages(WINDOW, checkpoint=kept)
    assert names(again) == ["Ulysses", "Middlemarch"]


def test_where_a_fourth_path_is_refused_another_one_reads(executors: Executors) -> None:
    read = engine(executors, RefusedPath(["x"]), ShelfPath(["Emma"]))
    read.expected = 1_000
    assert names(read.pages(WINDOW)) == ["Emma"]


@pytest.mark.parametrize(
    "kept", [{"path": "papyrus"}, {"path": 5}, {"path": "coql", "without": "all"}]
)
def test_a_checkpoint_of_no_path_is_an_error_that_names_the_stream(
    executors: Executors, kept: dict[str, object]
) -> None:
    with pytest.raises(ZohoError, match=r"^Books: STATE has a position of the read path"):
        next(engine(executors).pages(WINDOW, checkpoint=kept))


@pytest.mark.parametrize(
    "kept",
    [
        {"path": "coql", "after": "1 or 1 = 1"},
        {"path": "bulk"},
        {"path": "bulk", "bulk_jobs": ["x/../y"]},
        {"path": "bulk", "bulk_jobs": ["1"], "bulk_pages_given": 2},
    ],
)
def test_a_checkpoint_that_its_path_has_not_written_is_an_error(
    executors: Executors, kept: dict[str, object]
) -> None:
    with pytest.raises(ZohoError, match=r"^Books: STATE has .* which the read path"):
        next(engine(executors).pages(WINDOW, checkpoint=kept))
