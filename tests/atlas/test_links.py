"""Every link of the sample organisation's atlas leads to what a browser shows."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import run as run_program
from support.demo import config_for
from support.run import run_tap
from support.sample import awkward_sample

from atlas.messages import run
from atlas.test_browser import PLAYWRIGHT
from tap_zohocrm_modules.definitions import definitions
from zohocrm_demo import DemoOrganisation

PROBE = Path(__file__).with_name("links_probe.py")

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(3_600)]


def metadata(demo: DemoOrganisation) -> bytes:
    """The messages of all lists of the sample organisation, by default not read or not."""
    config = config_for(demo, record_modules=[])
    found = run_tap("--discover", config=config)
    assert found.code == 0, found.stderr
    catalog = json.loads(found.stdout)
    for entry in catalog["streams"]:
        for item in entry["metadata"]:
            if not item["breadcrumb"]:
                item["metadata"]["selected"] = entry["tap_stream_id"] in definitions()
    done = run_tap(config=config, catalog=catalog)
    assert done.code == 0, done.stderr
    return done.stdout


def test_every_link_leads_to_what_is_shown(
    environment: Callable[..., Path], tmp_path: Path
) -> None:
    with DemoOrganisation(awkward_sample) as demo:
        run(tmp_path / "atlas", metadata(demo).decode().split("\n")[:-1])
    python = environment(PLAYWRIGHT) / "python"
    path = {"PYTHONPATH": str(PROBE.parents[1])}
    command = [python, PROBE, tmp_path / "atlas"]
    seen: Any = json.loads(run_program(command, variables=path, timeout=3_000).stdout)
    print({name: seen[name] for name in ("pages", "links", "ends")})  # noqa: T201
    assert (seen["wrong"], seen["complaints"]) == ([], [])
    assert seen["pages"] > 80
    assert seen["ends"] > 2_500
