"""Records of an organisation that does what was seen in life: each read path gives the truth."""

from __future__ import annotations

import json
from collections.abc import Iterator

import pytest
from support.cases import sample
from support.demo import config_for
from support.records import emitted, read_records, records_catalog, truth
from support.run import run_tap
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation

MODULES = {"Leads": 230, "Contacts": 210, "Deals": 60, "Tasks": 60, "Sites": 60, "Attachments": 30}
# The paths that read each of them: attachments are listed and nothing else.
EXPORTED = ("Leads", "Contacts", "Deals", "Sites")
REFUSING = ("Email_Analytics", "Email_Sentiment", "Functions__s", "Emails", "CTI_Entry")


@pytest.fixture(scope="module")
def wild() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample, profile="wild", mints_per_window=100) as demo:
        for module, count in MODULES.items():
            demo.organisation.records.resize(module, count, unstamped=3)
        yield demo


def discovered(demo: DemoOrganisation, *streams: str) -> dict[str, object]:
    """The catalog as this organisation lists its fields, with these streams chosen."""
    run = run_tap("--discover", config=config_for(demo, record_modules=[*streams]))
    assert run.code == 0, run.stderr
    return chosen_of(run.stdout, streams)


def chosen_of(stdout: bytes, streams: tuple[str, ...]) -> dict[str, object]:
    found = {entry["tap_stream_id"]: entry for entry in json.loads(stdout)["streams"]}
    for name in streams:
        found[name]["metadata"][-1]["metadata"]["selected"] = True
    return {"streams": [found[name] for name in streams]}


@pytest.mark.parametrize("path", sample(["auto", "rest", "coql", "bulk"], "auto"))
def test_every_path_gives_the_truth(wild: DemoOrganisation, path: str) -> None:
    streams = EXPORTED if path == "bulk" else tuple(MODULES)
    run = read_records(wild, catalog=discovered(wild, *streams), read_path=path)
    assert run.code == 0, run.stderr
    assert not run.logged("WARNING")
    for module in streams:
        found = emitted(run.stdout, module)
        columns = next(iter(found.values())).keys() - {"additional_properties"}
        assert "Mailing_Address" not in columns
        expected = truth(wild, module, columns)
        assert found.keys() == expected.keys()
        for record_id, values in expected.items():
            assert {name: found[record_id][name] for name in values} == values


@pytest.mark.parametrize("path", sample(["rest", "coql"], "coql"))
def test_changes_reach_the_destination(wild: DemoOrganisation, path: str) -> None:
    store = wild.organisation.records
    catalog = records_catalog("Sites")
    first = read_records(wild, catalog=catalog, read_path=path, cutoff_lag=0)
    changed = sorted(emitted(first.stdout, "Sites"))[:5]
    for record_id in changed:
        store.update("Sites", record_id, {"Name": f"changed {record_id}"})
    wild.settable_clock.advance(60)
    second = read_records(wild, catalog=catalog, read_path=path, cutoff_lag=0, state=first.state)
    assert second.code == 0, second.stderr
    assert {*changed} <= {row["id"] for row in second.rows}


def test_modules_that_refuse_are_warned_of_once(wild: DemoOrganisation) -> None:
    catalog = records_catalog(*REFUSING, "Sites")
    first = read_records(wild, catalog=catalog)
    assert first.code == 0, first.stderr
    warned = [text.partition(":")[0] for text in first.logged("WARNING")]
    assert sorted(warned) == sorted(REFUSING)
    assert "Make a new refresh token" not in first.stderr
    second = read_records(wild, catalog=catalog, state=first.state)
    assert second.code == 0, second.stderr
    assert not second.logged("WARNING")
    assert "not offered by Zoho," not in second.stderr


def test_discovery_names_the_modules_without_fields(wild: DemoOrganisation) -> None:
    run = run_tap("--discover", config=config_for(wild))
    assert run.code == 0, run.stderr
    (refused, empty) = sorted(
        text for text in run.logged("WARNING") if text.startswith("No stream for the records of")
    )
    assert "Locking_Information__s" in refused + empty
    assert "HTTP 400 NO_PERMISSION" in refused + empty
    assert "Actions_Performed" in refused + empty
