"""What could hide a missing record from the count that a read is compared with."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any, TypeAlias

import pytest
from support.altered import altered, answer, rows_of, with_rows
from support.pages import small_pages
from support.records import read_records
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import NO_CONTENT, Answer
from zohocrm_demo.calls import Request

Change: TypeAlias = Callable[[Request, Answer], Answer]


def keeps(_: Request, found: Answer) -> Answer:
    return found


@pytest.fixture
def lacking() -> Iterator[tuple[DemoOrganisation, list[Change]]]:
    """An organisation whose lists lack a record, and what changes its answers besides."""
    sample = awkward_sample()
    sample.records.resize("Tasks", 23)
    hidden = max((row["id"] for row in sample.records.read("Tasks", "id")), key=int)
    changes: list[Change] = [keeps]

    def alter(request: Request, found: Answer) -> Answer:
        if request.path.endswith("/v8/Tasks"):
            rows = [row for row in rows_of(found) if row["id"] != hidden]
            found = with_rows(found, rows) if rows else found
        return changes[0](request, found)

    with altered(sample, alter) as demo:
        yield demo, changes


def counts(request: Request) -> bool:
    return request.path.endswith("/coql") and b"COUNT(" in request.body


def once(change: Change) -> Change:
    """Return what changes the first count alone."""
    told: list[Request] = []

    def changed(request: Request, found: Answer) -> Answer:
        if not counts(request) or told:
            return found
        told.append(request)
        return change(request, found)

    return changed


def as_text(_: Request, found: Answer) -> Answer:
    (row,) = rows_of(found)
    return answer({**json.loads(found.body), "data": [{name: str(n) for name, n in row.items()}]})


@pytest.mark.parametrize("change", [once(lambda *_: NO_CONTENT), as_text], ids=["204", "text"])
def test_a_count_that_is_empty_or_a_text_is_not_zero(
    lacking: tuple[DemoOrganisation, list[Change]], change: Change
) -> None:
    demo, changes = lacking
    changes[0] = once(change)
    with small_pages(5):
        run = read_records(demo, "Tasks", read_path="rest")
    assert "some are missing" in run.error


def test_what_changes_meanwhile_hides_nothing(
    lacking: tuple[DemoOrganisation, list[Change]],
) -> None:
    demo, changes = lacking
    store = demo.organisation.records
    newest = sorted(store.read("Tasks", "id", "Modified_Time"), key=lambda r: r["Modified_Time"])
    changed: list[Any] = []

    def edit(request: Request, found: Answer) -> Answer:
        if request.path.endswith("/v8/Tasks") and not changed:
            changed.append(newest[-3]["id"])
            store.update("Tasks", changed[0], {"Subject": "changed"})
        return found

    changes[0] = edit
    with small_pages(5):
        run = read_records(demo, "Tasks", read_path="rest")
    assert changed[0] in {row["id"] for row in run.rows}
    assert "some are missing" in run.error


@pytest.mark.thorough
def test_a_read_that_goes_on_by_another_path_counts_nothing_twice(
    lacking: tuple[DemoOrganisation, list[Change]],
) -> None:
    demo, _ = lacking
    with small_pages(5):
        begun = read_records(demo, "Tasks", read_path="coql", credit_budget=7)
        assert 0 < len(begun.rows) < 23
        run = read_records(demo, "Tasks", read_path="rest", state=begun.state)
    assert "some are missing" in run.error
