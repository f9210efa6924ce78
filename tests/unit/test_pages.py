"""Reading a list page by page comes to an end, and is whole or an error."""

from __future__ import annotations

from typing import Any

import pytest
from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Answer, Call
from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

LIST = Call("/settings/things", "ZohoCRM.settings.things.READ")
ROWS = [{"id": str(number)} for number in range(5)]


class Lists:
    """Answers with pages of two, and may pass over `page`."""

    def __init__(self, rows: list[dict[str, str]], *, has_more: bool, pages: bool = True) -> None:
        self.rows, self.has_more, self.pages = rows, has_more, pages
        self.calls = 0

    def call(self, call: Call) -> Answer:
        self.calls += 1
        assert self.calls < 10
        page = int(dict(call.params)["page"])
        begin = 2 * (page - 1) if self.pages else 0
        body: dict[str, Any] = {"things": self.rows[begin : begin + 2]}
        if self.has_more:
            body["info"] = {"more_records": begin + 2 < len(self.rows)}
        return Answer(200, body)


def read(lists: Lists) -> list[dict[str, str]]:
    return read_rows(lists, LIST, "things", per_page=2)  # type: ignore[arg-type]


@pytest.mark.parametrize("has_more", [True, False])
@pytest.mark.parametrize("count", range(6))
def test_all_pages_are_read(count: int, *, has_more: bool) -> None:
    lists = Lists(ROWS[:count], has_more=has_more)
    assert read(lists) == ROWS[:count]


def test_a_call_that_passes_over_the_page_gave_all_at_once() -> None:
    lists = Lists(ROWS[:2], has_more=False, pages=False)
    assert read(lists) == ROWS[:2]
    assert lists.calls == 2


def test_a_page_that_comes_again_and_again_is_an_error() -> None:
    lists = Lists(ROWS, has_more=True, pages=False)
    with pytest.raises(UnreadableAnswerError, match=r"page=2.*: the same page once more\."):
        read(lists)
    assert lists.calls == 2


def test_pages_that_go_in_circles_are_an_error() -> None:
    class Circle(Lists):
        @override
        def call(self, call: Call) -> Answer:
            page = int(dict(call.params)["page"]) % 2 + 1
            return super().call(Call(LIST.path, LIST.scope, (("page", str(page)),)))

    lists = Circle(ROWS, has_more=True)
    with pytest.raises(UnreadableAnswerError, match=r"page=3.*: the same page once more\."):
        read(lists)
    assert lists.calls == 3
