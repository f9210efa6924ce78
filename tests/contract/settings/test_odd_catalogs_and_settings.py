"""Catalogs and settings with any other value anywhere: a clear error, or a right result."""

from __future__ import annotations

import copy
import itertools
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from support.demo import config_for
from support.places import places
from support.records import records_catalog
from support.run import FAST, run_tap
from support.sample import awkward_sample

from tap_zohocrm_modules.config.settings import settings_schema
from zohocrm_demo import DemoOrganisation

JSON: list[Any] = [None, True, 10**30, 1.5, "x", ["x"], {"x": 1}]


@pytest.fixture
def demo() -> Iterator[DemoOrganisation]:
    with DemoOrganisation(
        awkward_sample, mints_per_window=10_000, active_tokens=99
    ) as organisation:
        organisation.organisation.records.resize("Tasks", 5)
        yield organisation


def _small_catalog() -> dict[str, Any]:
    """The catalog of one module, of which a column of each kind is left."""
    catalog = copy.deepcopy(records_catalog("Tasks"))
    entry = catalog["streams"][0]
    kept = {"id", "Subject", "Modified_Time", "Tag"}
    properties = entry["schema"]["properties"]
    entry["schema"]["properties"] = {name: properties[name] for name in kept if name in properties}
    entry["metadata"] = [
        item for item in entry["metadata"] if {*item["breadcrumb"][1:]} <= {"id", "Subject"}
    ]
    return catalog


@pytest.mark.nightly
def test_any_other_value_anywhere_in_a_catalog_is_no_defect(demo: DemoOrganisation) -> None:
    catalog = _small_catalog()
    for path, value in itertools.product(sorted(places(catalog), key=str), JSON):
        broken = copy.deepcopy(catalog)
        holder: Any = broken
        for key in path[:-1]:
            holder = holder[key]
        holder[path[-1]] = value
        run = run_tap(config=config_for(demo), catalog=broken, policy=FAST)
        where = f"{path} = {value!r}: {run.stderr[-2_000:]}"
        assert "Traceback" not in run.stderr, where
        assert "defect" not in run.stderr, where
        assert run.code == 0 or run.error, where


@pytest.mark.nightly
def test_any_value_of_any_setting_is_no_defect(
    demo: DemoOrganisation, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    # Some of the values are names of folders.
    monkeypatch.chdir(tmp_path)
    for key, value in itertools.product(settings_schema()["properties"], [*JSON, [], -1, "", {}]):
        config = {**config_for(demo, record_modules=["Tasks"]), key: value}
        run = run_tap(config=config, catalog=_small_catalog(), policy=FAST)
        where = f"{key} = {value!r}: {run.stderr[-2_000:]}"
        assert "Traceback" not in run.stderr, where
        assert "defect" not in run.stderr, where
        assert run.code == 0 or run.logged("ERROR"), where
