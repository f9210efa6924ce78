"""A table's next version is greater than the one that it has, whatever the clock says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any
from unittest import mock

import pytest
from support.demo import sample_demo
from support.records import read_whole, records_catalog

from tap_zohocrm_modules.tap import TapZohoCRMModules
from zohocrm_demo import DemoOrganisation


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with sample_demo() as organisation:
        yield organisation


@pytest.mark.parametrize(
    ("stream", "later"),
    [
        pytest.param("Water_Samples", 0, marks=pytest.mark.thorough),
        ("roles", -86_400_000),
        pytest.param("roles", 200, marks=pytest.mark.thorough),
        pytest.param("deleted_records", 0, marks=pytest.mark.thorough),
    ],
)
def test_two_runs_of_one_second_have_different_versions(
    demo: DemoOrganisation, stream: str, later: int
) -> None:
    catalog = records_catalog(stream, replication_method="FULL_TABLE")
    for item in catalog["streams"][0]["metadata"]:
        if not item["breadcrumb"]:
            item["metadata"]["forced-replication-method"] = "FULL_TABLE"
    settings: dict[str, Any] = {"emit_activate_version_messages": True, "cutoff_lag": 0}
    versions: list[int] = []
    state: Any = None
    for moment in (1_790_000_000_000, 1_790_000_000_000 + later):
        with mock.patch.object(TapZohoCRMModules, "initialized_at", moment):
            run = read_whole(demo, catalog=catalog, state=state, **settings)
        [activated] = run.of_type("ACTIVATE_VERSION")
        assert {message["version"] for message in run.of_type("RECORD")} <= {activated["version"]}
        versions.append(activated["version"])
        state = run.state
    assert versions[0] < versions[1]
    assert state["bookmarks"][stream]["table_version"] == versions[1]


def test_a_first_read_anew_within_a_second_has_another_version(demo: DemoOrganisation) -> None:
    """Also where increments follow, and STATE keeps no bookmark of the first."""
    settings: dict[str, Any] = {"emit_activate_version_messages": True}
    with mock.patch.object(TapZohoCRMModules, "initialized_at", 1_790_000_000_000):
        first = read_whole(demo, "Tasks", **settings)
        part = first.state["bookmarks"]["Tasks"]
        anew = {"bookmarks": {"Tasks": {"version": 1, "table_version": part["table_version"]}}}
        second = read_whole(demo, "Tasks", state=anew, **settings)
    [before], [after] = (run.of_type("ACTIVATE_VERSION") for run in (first, second))
    assert before["version"] < after["version"]
