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
        assert self.calls < 60
        page = int(dict(call.params)["page"])
        begin = 2 * (page - 1) if self.pages else 0
        body: dict[str, Any] = {"things": self.rows[begin : begin + 2]}
        if self.has_more:
            body["info"] = {"more_records": begin + 2 < len(self.rows)}
        return self.arriving(Answer(200, body))

    def arriving(self, answer: Answer) -> Answer:
        """What arrives of the answer to the call."""
        return answer


def read(lists: Lists, *, may_be_empty: bool = False) -> list[dict[str, str]]:
    client: Any = lists
    return read_rows(client, LIST, "things", per_page=2, may_be_empty=may_be_empty)


class False204(Lists):
    """Answers one call with no content."""

    def __init__(self, number: int, rows: list[dict[str, str]], **more: Any) -> None:
        super().__init__(rows, **more)
        self.number = number

    @override
    def arriving(self, answer: Answer) -> Answer:
        return Answer(204, None) if self.calls == self.number else answer


class FalseEnd(False204):
    """Denies once that more follow."""

    @override
    def arriving(self, answer: Answer) -> Answer:
        if self.calls != self.number:
            return answer
        return Answer(200, {**(answer.body or {}), "info": {"more_records": False}})


@pytest.mark.parametrize("kind", [False204, FalseEnd])
@pytest.mark.parametrize("number", range(1, 6))
def test_one_false_answer_takes_no_row_away(kind: type[False204], number: int) -> None:
    assert read(kind(number, ROWS, has_more=True)) == ROWS


def test_a_list_is_asked_for_twice_before_it_is_empty_unless_that_does_no_harm() -> None:
    lists = Lists([], has_more=False)
    assert read(lists) == []
    assert lists.calls == 2
    lists = Lists([], has_more=False)
    assert read(lists, may_be_empty=True) == []
    assert lists.calls == 1


@pytest.mark.parametrize("number", range(1, 4))
def test_a_row_that_goes_between_two_pages_takes_no_other_along(number: int) -> None:
    class Moving(Lists):
        @override
        def arriving(self, answer: Answer) -> Answer:
            if self.calls == number:
                self.rows = self.rows[1:]
            return answer

    assert {row["id"] for row in read(Moving(ROWS, has_more=True))} >= {"1", "2", "3", "4"}


def test_a_row_that_goes_after_a_page_that_denied_more_takes_no_other_along() -> None:
    class Going(FalseEnd):
        @override
        def arriving(self, answer: Answer) -> Answer:
            found = super().arriving(answer)
            if self.calls == self.number:
                # The last one moves to the page that has just been read.
                del self.rows[2]
            return found

    rows = [*ROWS]
    assert read(Going(2, rows, has_more=True)) == rows
    assert len(rows) == 4


def test_a_list_that_never_rests_is_an_error() -> None:
    class Restless(Lists):
        @override
        def arriving(self, answer: Answer) -> Answer:
            assert self.calls < 50
            self.rows = [{"id": f"{self.calls} {place}"} for place in range(5)]
            return answer

    with pytest.raises(UnreadableAnswerError, match="run again when there is less going on"):
        read(Restless(ROWS, has_more=True))


def test_pages_smaller_than_asked_for_are_no_end_where_info_does_not_say_so() -> None:
    class Small(Lists):
        @override
        def call(self, call: Call) -> Answer:
            page = int(dict(call.params)["page"])
            return Answer(200, {"things": self.rows[page - 1 : page]})

    assert read(Small(ROWS, has_more=False)) == ROWS


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
