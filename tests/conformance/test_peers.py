"""Connectors that others wrote, as their package managers install them, meet the organisation.

Each has the stains that are known of it: a card that changes is a new release, or a fault of ours.
"""

from __future__ import annotations

import dataclasses
import os
import subprocess
import sys
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pytest
from pipelines.conftest import uv

from zohocrm_conformance.case import read_cases
from zohocrm_conformance.trial import Plan, Trial

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1_800)]

HERE = Path(__file__).parent


@dataclasses.dataclass(frozen=True)
class Peer:
    """A connector: what to install, how to start it, and the kinds of stains that cases leave."""

    package: str
    words: tuple[str, ...]  # `{bin}` is where its programs are
    speaks: str
    config: Mapping[str, Any]
    stains: Mapping[str, set[str]]
    streams: str = "{module}"


PEERS = {
    "airbyte": Peer(
        "airbyte-source-zoho-crm==0.3.6",
        (
            *("{bin}/python", str(HERE / "trusting.py"), "{bin}/source-zoho-crm", "read"),
            *("--config", "{config}", "--catalog", "{catalog}", "--state", "{state}"),
        ),
        "airbyte",
        {"dc_region": "US", "environment": "Production"},
        {
            "bad_gateway": set(),
            "deletions": {"stale"},
            "converted_leads": {"lost", "stale"},
            "more_than_50_fields": {"false"},
        },
        "incremental_{module}_zoho_crm_stream",
    ),
    "singer-io": Peer(
        "git+https://github.com/singer-io/tap-zoho-crm@81509aa75129043ec194970142f7caf923a7be5c",
        (
            *("{bin}/tap-zoho-crm", "--config", "{config}"),
            *("--catalog", "{catalog}", "--state", "{state}"),
        ),
        "singer",
        {"start_date": "2015-01-01T00:00:00Z", "user_agent": "a test"},
        {
            "increments": set(),
            "deletions": {"stale"},
            "converted_leads": {"lost", "stale"},
            "more_than_50_fields": {"failed", "lost"},
            "no_time_of_change": {"failed", "lost"},
        },
    ),
    "dlt": Peer(
        "dlt[filesystem]==1.31.0",
        ("{bin}/python", str(HERE / "dlt_pipeline.py"), "{config}", "{output}", "{folder}"),
        "dlt",
        {},
        {
            "bad_gateway": set(),
            "deletions": set(),
            "converted_leads": {"lost"},
        },
    ),
}


@pytest.fixture(scope="module", params=PEERS)
def peer(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Peer:
    found = PEERS[request.param]
    folder = tmp_path_factory.mktemp(request.param) / "venv"
    programs = folder / ("Scripts" if sys.platform == "win32" else "bin")
    subprocess.run([uv(), "venv", "-q", "-p", "3.11", str(folder)], check=True)
    install = [uv(), "pip", "install", "-q", "-p", str(programs / "python"), found.package]
    done = subprocess.run(install, capture_output=True, encoding="utf-8", check=False)
    if done.returncode and found.package.startswith("git+") and not os.environ.get("CI"):
        pytest.skip(f"{found.package} can't be had here")
    assert done.returncode == 0, done.stderr
    words = tuple(word.replace("{bin}", str(programs)) for word in found.words)
    return dataclasses.replace(found, words=words)


def test_a_peer_has_the_stains_that_are_known_of_it(peer: Peer) -> None:
    plan = Plan(peer.words, peer.speaks, peer.config, peer.streams, lenient=True)
    cases = read_cases(names=tuple(peer.stains))

    found = {case.name: Trial(plan, case).result() for case in cases}

    assert {name: {one.kind for one in result.stains} for name, result in found.items()} == (
        peer.stains
    )
