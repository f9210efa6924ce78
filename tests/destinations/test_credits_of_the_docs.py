"""What the docs say a run costs is what it costs on the sample organisation."""

from __future__ import annotations

import re

import pytest
from pipelines.conftest import ROOT
from support.demo import config_for
from support.records import read_whole
from support.run import Message, Run, run_tap
from support.sample import awkward_sample

from tap_zohocrm_modules.zoho.records.deletions import DELETION_CREDITS
from tap_zohocrm_modules.zoho.records.limits import Limits
from tap_zohocrm_modules.zoho.records.model import DELETED_AT
from tap_zohocrm_modules.zoho.records.pacer import DownloadPacer
from tap_zohocrm_modules.zoho.records.read_path import PathPlan
from tap_zohocrm_modules.zoho.records.read_paths import read_paths
from tap_zohocrm_modules.zoho.transport.machine import Machine
from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]

PAGE = (ROOT / "docs" / "how-to" / "choose-streams.md").read_text("utf-8")
PATHS = ("rest", "coql", "bulk", "auto")
ALL_FOUR = ("Leads", "Contacts", "Accounts", "Deals")
FIRST_RUNS = re.findall(r"^\| `(\w+)`: ([\d,]+) .+?((?: \| \d+){4}) \|$", PAGE, re.MULTILINE)

LIMITS = Limits()


def near(documented: str | int, found: int) -> bool:
    """Whether the page is right within 5 %, or a credit."""
    return abs(int(documented) - found) <= max(1, found * 0.05)


def figure(row: str) -> int:
    (found,) = re.findall(rf"^\| {row} \| (\d+) \|$", PAGE, re.MULTILINE)
    return int(found)


def live(run: Run) -> list[Message]:
    """The records; a first read emits what Zoho lists as deleted as well."""
    return [row for row in run.rows if row.get(DELETED_AT) is None]


@pytest.mark.parametrize("row", FIRST_RUNS, ids=lambda row: row[0])
def test_each_read_path_costs_what_the_page_says(row: tuple[str, str, str]) -> None:
    module, records, costs = row
    for path, cost in zip(PATHS, re.findall(r"\d+", costs), strict=True):
        with DemoOrganisation(awkward_sample) as demo:
            run = read_whole(demo, module, read_path=path, record_modules=[module])
        assert len(live(run)) == int(records.replace(",", ""))
        assert near(cost, run.credits), f"{path}: {run.credits}"


def test_runs_of_four_modules_cost_what_the_page_says() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        first = read_whole(demo, *ALL_FOUR, record_modules=[*ALL_FOUR])
        second = read_whole(demo, *ALL_FOUR, state=first.state, record_modules=[*ALL_FOUR])
    assert f"{len(live(first)):,} records, first run" in PAGE
    assert second.rows == []
    assert near(figure(".+ first run"), first.credits), first.credits
    assert near(figure("the same with nothing changed"), second.credits), second.credits


def test_metadata_costs_what_the_page_says() -> None:
    with DemoOrganisation(awkward_sample) as demo:
        run = run_tap(config=config_for(demo))
    assert run.code == 0, run.stderr
    assert near(figure("the metadata, once"), run.credits), run.credits


def test_calls_give_and_cost_what_the_page_says() -> None:
    assert len(FIRST_RUNS) == 3
    row = re.compile(r"^\| `?(.+?)`? .*?\| (.+?) \| (.+?) \|$", re.MULTILINE)
    rows = {name: (returned, costs) for name, returned, costs in row.findall(PAGE)}
    assert rows["rest"] == (f"{LIMITS.page_rows} records of {LIMITS.list_fields} fields", "1")
    sizes = ", ".join(f"{size:,}" for size, _ in LIMITS.query_credits).replace(
        ", 2,000", " or 2,000"
    )
    assert rows["coql"][0] == f"{sizes} records of {LIMITS.query_fields} fields"
    assert rows["coql"][1] == "{}, {} or {}".format(*(price for _, price in LIMITS.query_credits))
    bulk = f"{LIMITS.job_rows:,} records of {LIMITS.job_fields} fields"
    assert rows["bulk"][0].startswith(bulk)
    assert rows["bulk"][1].startswith(f"{LIMITS.job_credits}, ")
    assert rows["the"][1] == str(DELETION_CREDITS)


def test_bulk_read_pays_from_where_the_page_says() -> None:
    (records,) = re.findall(r"Bulk Read pays from some ([\d,]+) records", PAGE)
    count = int(records.replace(",", ""))
    _, queries, bulk = (
        PathPlan(path, (), (), LIMITS) for path in read_paths(LIMITS, DownloadPacer(Machine()))
    )
    assert queries.credits(count - 1_000) < bulk.credits(count - 1_000)
    assert queries.credits(count + 1_000) > bulk.credits(count + 1_000)
