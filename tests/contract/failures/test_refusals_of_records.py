"""What is chosen and cannot be read is named at the end; what was not chosen is a warning."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timezone

import pytest
from support.demo import chosen
from support.records import read_records, records_catalog
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation, Fault


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(awkward_sample) as organisation:
        organisation.organisation.records.resize("Sites", 3)
        yield organisation


@pytest.mark.parametrize("ignored", [False, True])
@pytest.mark.parametrize(
    ("module", "code"),
    [
        ("CTI_Entry", "INVALID_MODULE"),
        ("Emails", "NOT_SUPPORTED"),
    ],
)
def test_a_chosen_module_that_the_api_does_not_offer_fails_the_run(
    demo: DemoOrganisation, module: str, code: str, *, ignored: bool
) -> None:
    # One that is not viewable is not offered, which is not a failure.
    for row in demo.organisation.modules:
        row["viewable"] = row["api_supported"]
    catalog = records_catalog(module, "Sites")
    run = read_records(demo, catalog=catalog, ignore_missing_permissions=ignored)
    assert run.error.startswith(f"{module}: ")
    assert code in run.error
    assert "deselect it" in run.error
    assert len(run.rows) == 3


def test_a_module_that_is_not_viewable_fails_once_it_was_read(demo: DemoOrganisation) -> None:
    next(row for row in demo.organisation.modules if row["api_name"] == "Sites")["viewable"] = False
    catalog = records_catalog("Sites")
    root = next(item for item in catalog["streams"][0]["metadata"] if not item["breadcrumb"])
    root["metadata"]["forced-replication-method"] = "FULL_TABLE"
    first = read_records(demo, catalog=catalog)
    demo.inject("*/Sites", Fault.error(403, "NO_PERMISSION"), times=None)
    demo.inject("*/coql", Fault.error(403, "NO_PERMISSION"), times=None)
    second = read_records(demo, catalog=catalog, state=first.state)
    assert second.error.startswith("Sites: ")
    assert "NO_PERMISSION" in second.error
    assert "not_offered" not in second.state["bookmarks"]["Sites"]


def test_a_chosen_module_without_fields_fails_the_run(demo: DemoOrganisation) -> None:
    sites = records_catalog("Sites")["streams"]
    run = read_records(demo, catalog={"streams": [*chosen("Visits")["streams"], *sites]})
    assert run.error.startswith("Visits: Zoho lists no fields of it")
    assert len(run.rows) == 3


def test_what_the_edition_lacks_is_no_failure(demo: DemoOrganisation) -> None:
    demo.inject("/crm/v8/Emails", Fault.error(403, "FEATURE_NOT_ENABLED"), times=None)
    run = read_records(demo, catalog=records_catalog("Emails", "Sites"))
    assert run.code == 0, run.logged("ERROR")
    (note,) = [text for text in run.logged("INFO") if "FEATURE_NOT_ENABLED" in text]
    assert "Emails" in note
    assert len(run.rows) == 3


def test_deletions_are_read_for_all_modules_that_may_be_read(demo: DemoOrganisation) -> None:
    store = demo.organisation.records
    victim = next(store.read("Sites", "id"))["id"]
    store.delete("Sites", victim, at=datetime(2026, 9, 1, tzinfo=timezone.utc))
    run = read_records(demo, catalog=records_catalog("deleted_records"))
    assert run.code == 0, run.logged("ERROR")
    (warning,) = [text for text in run.logged("WARNING") if "permission" in text]
    assert "without the deletions of Locking_Information__s, for want of permission" in warning
    assert "NO_PERMISSION" in warning
    assert ("Sites", victim) in {(row["module_api_name"], row["id"]) for row in run.rows}
    assert "deleted_records" in run.state["bookmarks"]


def test_deletions_of_no_module_fail_the_run(demo: DemoOrganisation) -> None:
    demo.inject("/crm/v8/*/deleted", Fault.error(403, "NO_PERMISSION"), times=None)
    run = read_records(demo, catalog=records_catalog("deleted_records"))
    assert run.error.startswith("deleted_records: ")
    assert "NO_PERMISSION" in run.error
    assert run.rows == []


def test_deletions_that_one_module_fails_to_give_fail_the_run(demo: DemoOrganisation) -> None:
    demo.inject("/crm/v8/Sites/deleted", Fault.error(400, "INVALID_DATA"), times=None)
    run = read_records(demo, catalog=records_catalog("deleted_records"))
    assert run.error.startswith("deleted_records: GET /crm/v8/Sites/deleted")
    bookmarks = run.state["bookmarks"] if run.of_type("STATE") else {}
    assert "replication_key_value" not in bookmarks.get("deleted_records", {})
