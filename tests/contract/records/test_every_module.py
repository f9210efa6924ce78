"""Every module of the sample that can be read, by each way: each value is the organisation's."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from contract.records.test_records_truth import compare
from support.records import read_records, readable_streams
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(300)]

# A stream of another name.
RENAMED = {"Modules_records": "Modules"}
STREAMS = sorted(readable_streams())
# More jobs than ten a minute would have to wait.
JOBS_A_MINUTE = 9


@pytest.fixture(scope="module")
def organisation() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as demo:
        store = demo.organisation.records
        for stream in STREAMS:
            module = RENAMED.get(stream, stream)
            store.resize(module, min(store.count(module), 210))
        yield demo


def chunks(size: int) -> list[list[str]]:
    return [STREAMS[begin : begin + size] for begin in range(0, len(STREAMS), size)]


@pytest.mark.parametrize("path", ["auto", "rest", "coql"])
def test_each_module_is_the_truth(organisation: DemoOrganisation, path: str) -> None:
    run = read_records(organisation, *STREAMS, read_path=path)
    assert run.code == 0, run.logged("ERROR")
    for stream in STREAMS:
        compare(organisation, run.stdout, stream, RENAMED.get(stream, stream))


@pytest.mark.parametrize("streams", chunks(JOBS_A_MINUTE), ids=lambda streams: streams[0])
def test_each_module_is_the_truth_by_bulk_read(streams: list[str]) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        store = demo.organisation.records
        for stream in streams:
            module = RENAMED.get(stream, stream)
            store.resize(module, min(store.count(module), 210))
        run = read_records(demo, *streams, read_path="bulk")
        assert run.code == 0, run.logged("ERROR")
        for stream in streams:
            compare(demo, run.stdout, stream, RENAMED.get(stream, stream))


@pytest.mark.parametrize("path", ["auto", "rest", "coql", "bulk"])
def test_modules_of_the_samples_own_sizes_are_the_truth(path: str) -> None:
    streams = ["Leads", "Water_Samples", "Sample_Readings", "Accounts", "Deals", "Sensors"]
    with DemoOrganisation(awkward_sample) as demo:
        run = read_records(demo, *streams, read_path=path)
        assert run.code == 0, run.logged("ERROR")
        for stream in streams:
            compare(demo, run.stdout, stream)
