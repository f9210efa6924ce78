"""A user edits the metadata of the catalog that discovery wrote; it counts."""

from __future__ import annotations

import json
from typing import Any

import pytest
from support.demo import config_for
from support.run import run_tap
from support.sample import awkward_sample

from zohocrm_demo import DemoOrganisation


@pytest.mark.parametrize(
    ("stream", "chosen", "bookmarked"),
    [
        (
            "modules",
            {"replication-method": "INCREMENTAL", "replication-key": "modified_time"},
            True,
        ),
        ("Sensors_X_Partners", {"replication-method": "FULL_TABLE"}, False),
    ],
)
def test_the_method_in_the_metadata_wins(
    stream: str, chosen: dict[str, Any], *, bookmarked: bool
) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        config = config_for(demo, record_modules=["Sensors_X_Partners"])
        catalog = json.loads(run_tap("--discover", config=config).stdout)
        catalog["streams"] = [each for each in catalog["streams"] if each["stream"] == stream]
        (entry,) = catalog["streams"]
        # What discovery says of it stands beside it.
        assert entry["replication_method"] in {"FULL_TABLE", "INCREMENTAL"}
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"] |= chosen | {"selected": True}
        run = run_tap(config=config, catalog=catalog)

    assert run.code == 0, run.stderr
    assert run.rows
    bookmark = run.state["bookmarks"][stream]
    assert ("replication_key" in bookmark) == bookmarked
