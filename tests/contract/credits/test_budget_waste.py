"""A spent `credit_budget` wastes no page that was paid for, and ends no read uncompared."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta, timezone
from random import Random

import pytest
from support.demo import sample_demo
from support.pages import paged_demo
from support.records import existing, read_records, read_whole, truth

from zohocrm_demo import DemoOrganisation

COUNT, PER_PAGE, BUDGET = 400, 5, 20
# What each run costs besides: modules, fields, looks at what was deleted, and the page that an
# increment begins with.
OF_A_RUN = 6
BEGINNING = datetime(2025, 1, 1, tzinfo=timezone.utc)


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with paged_demo("Events", COUNT, PER_PAGE) as organisation:
        store, random, time = organisation.organisation.records, Random(1), BEGINNING
        for row in list(store.read("Events", "Event_Title")):
            is_pause = random.random() < 0.01
            pause = timedelta(hours=random.randint(1, 20))
            time += pause if is_pause else timedelta(seconds=int(random.paretovariate(0.9)))
            store.update("Events", row["id"], {}, at=time)
        yield organisation


@pytest.mark.thorough
@pytest.mark.parametrize("path", ["rest", "coql"])
def test_all_runs_within_a_budget_cost_little_more_than_the_pages_that_there_are(
    demo: DemoOrganisation, path: str
) -> None:
    calls_of_a_page = {"rest": 1, "coql": 2}[path]
    spent, runs, found, state = 0, 0, set[str](), None
    is_complete = False
    while not is_complete:
        run = read_records(demo, "Events", read_path=path, credit_budget=BUDGET, state=state)
        spent, runs, state = spent + run.credits, runs + 1, run.state
        found |= existing(run).keys()
        is_complete = run.code == 0
        assert runs <= COUNT / PER_PAGE

    assert len(found) == COUNT
    # A page begins with the records of its first second, which the one before had already.
    assert spent <= 1.2 * calls_of_a_page * COUNT / PER_PAGE + OF_A_RUN * runs


@pytest.mark.parametrize(
    ("module", "path"), [("Tasks", "rest"), ("Tasks", "coql"), ("Notes", "rest")]
)
def test_a_first_read_without_a_credit_for_its_comparison_goes_on(module: str, path: str) -> None:
    with sample_demo() as demo:
        demo.organisation.records.resize(module, 40)
        whole = read_whole(demo, module, read_path=path)
        cut_off = read_records(demo, module, read_path=path, credit_budget=whole.credits - 1)
        assert cut_off.code == 1
        assert f"credit_budget is {whole.credits - 1}, " in cut_off.error
        assert cut_off.state["bookmarks"][module]["position"]
        second = read_whole(demo, module, read_path=path, state=cut_off.state)
        assert (
            existing(cut_off).keys() | existing(second).keys() == truth(demo, module, ["id"]).keys()
        )
        assert "position" not in second.state["bookmarks"][module]
