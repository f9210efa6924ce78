"""The same records, whichever way they are read: every value is the organisation's own."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from support.altered import rows_of, with_cells, with_rows
from support.cases import sample
from support.records import decoded, emitted, read_records, records_catalog, truth
from support.sample import awkward_sample
from support.wire import altered_answers, query_of

from zohocrm_demo import DemoOrganisation
from zohocrm_demo.answers import Answer
from zohocrm_demo.calls import Request

# Between them they have every data type, over 50 fields, and every kind of module.
MODULES = {
    "Leads": 230,
    "Events": 60,
    "Tasks": 60,
    "Calls": 60,
    "Deals": 210,
    "Quoted_Items": 60,
    "Services__s": 60,
    "Appointments__s": 60,
    "Sensors": 210,
    "Water_Samples": 205,
    "Sensors_X_Partners": 60,
    "DealHistory": 60,
    "Notes": 60,
    "Price_Books": 30,
    "Sites": 60,
    "Shikayat": 0,
}


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample, mints_per_window=100) as demo:
        for module, count in MODULES.items():
            demo.organisation.records.resize(module, count, unstamped=min(3, count))
        yield demo


def compare(demo: DemoOrganisation, stdout: bytes, stream: str, module: str | None = None) -> None:
    """Assert that a stream holds its module's records, value for value."""
    found = emitted(stdout, stream)
    (schema,) = [
        message["schema"]
        for message in decoded(stdout)
        if message["type"] == "SCHEMA" and message["stream"] == stream
    ]
    columns = [name for name in schema["properties"] if not name.startswith("_sdc")]
    expected = truth(demo, module or stream, columns)
    assert found.keys() == expected.keys()
    for record_id, values in expected.items():
        record = found[record_id]
        assert list(record) == list(schema["properties"])
        assert record["additional_properties"] is None
        assert {name: record[name] for name in values} == values


@pytest.mark.parametrize("path", sample(["auto", "rest", "coql"], "auto"))
def test_every_path_gives_the_truth(organisation: DemoOrganisation, path: str) -> None:
    run = read_records(organisation, *MODULES, read_path=path)
    assert run.code == 0, run.stderr
    for module in MODULES:
        compare(organisation, run.stdout, module)


@pytest.mark.thorough
@pytest.mark.parametrize("modules", [("Leads", "Deals", "Sensors", "Water_Samples", "Tasks")])
def test_bulk_gives_the_truth(organisation: DemoOrganisation, modules: tuple[str, ...]) -> None:
    run = read_records(organisation, *modules, read_path="bulk")
    assert run.code == 0, run.stderr
    for module in modules:
        assert f"{module}: read by Bulk Read" in run.stderr
        compare(organisation, run.stdout, module)


def test_one_line_a_module_says_how_it_is_read_and_why(organisation: DemoOrganisation) -> None:
    run = read_records(organisation, "Deals", "Notes")
    lines = [text for text in run.logged("INFO") if ": read by " in text]
    # Modules are read ahead, so that their lines come in no fixed order.
    deals, notes = sorted(lines)
    assert deals.startswith("Deals: read by queries (COQL): 210 records, and Get Records would")
    assert notes.startswith("Notes: read by Get Records: ")


def test_a_second_run_reads_what_has_changed_and_nothing_else(
    organisation: DemoOrganisation,
) -> None:
    first = read_records(organisation, "Sites", "Tasks", cutoff_lag=0)
    state = first.state
    second = read_records(organisation, "Sites", "Tasks", state=state, cutoff_lag=0)
    assert second.rows == []
    assert second.code == 0


def test_a_module_named_as_a_stream_keeps_its_records_apart(
    organisation: DemoOrganisation,
) -> None:
    run = read_records(organisation, "Modules_records", "modules")
    assert run.code == 0
    expected = truth(organisation, "Modules", ["id"])
    assert emitted(run.stdout, "Modules_records").keys() == expected.keys()
    assert len(emitted(run.stdout, "modules")) == len(organisation.organisation.modules)


@pytest.mark.parametrize("path", ["coql", "bulk"])
def test_rich_texts_are_whole_even_if_queries_and_exports_cut_them(
    organisation: DemoOrganisation, path: str
) -> None:
    expected = truth(organisation, "Sites", ["Access_Notes"])
    notes = {row["Access_Notes"] for row in expected.values()}
    assert max(len(text or "") for text in notes) > 500

    def cut(text: Any) -> Any:
        return text[:500] if text and text in notes else text

    def alter(request: Request, answer: Answer) -> Answer:
        if request.path.endswith("/result"):
            return with_cells(answer, cut)
        rows = rows_of(answer) if query_of(request) else []
        if not any("Access_Notes" in row for row in rows):
            return answer
        return with_rows(answer, [{**r, "Access_Notes": cut(r["Access_Notes"])} for r in rows])

    with altered_answers(alter):
        run = read_records(organisation, read_path=path, catalog=records_catalog("Sites"))
    assert run.code == 0, run.logged("ERROR")
    found = emitted(run.stdout, "Sites")
    assert {key: row["Access_Notes"] for key, row in found.items()} == {
        key: row["Access_Notes"] for key, row in expected.items()
    }
