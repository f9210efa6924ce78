"""The map: no box covers another, whatever the organisation's size, and Graphviz is quiet."""

from __future__ import annotations

import itertools
import json
import subprocess
import sys
from pathlib import Path

import pytest
from destinations.plugins import run as run_program
from support.demo import config_for
from support.process import TAP
from support.sample import awkward_sample

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.diagram.graph import neighbourhood, whole_map
from zohocrm_atlas.diagram.layout import Box, lay_out
from zohocrm_atlas.intake.collector import Collector
from zohocrm_atlas.pages.views import overview
from zohocrm_demo import DemoOrganisation


def _atlas(modules: int, edges: int) -> Atlas:
    """An organisation of so many modules, with lookups among them and one to users each."""
    collector = Collector()
    for stream in ("modules", "relationships"):
        collector.begin(stream)
    names = [f"M{number}" for number in range(modules)]
    for name in names:
        collector.add("modules", {"id": name, "api_name": name, "plural_label": name})
        users = {"from_module": name, "field_id": "o", "to_module": "users", "kind": "owner"}
        collector.add("relationships", users)
    for number, (source, target) in enumerate(itertools.combinations(names[1:], 2)):
        if number >= edges:
            break
        row = {"from_module": source, "field_id": str(number), "to_module": target}
        collector.add("relationships", {**row, "kind": "lookup"})
    return Atlas(collector.snapshot("2026-03-01T08:00:00Z"))


def _overlapping(one: Box, other: Box) -> bool:
    apart = (
        one.x + one.width <= other.x
        or other.x + other.width <= one.x
        or one.y + one.height <= other.y
        or other.y + other.height <= one.y
    )
    return not apart


@pytest.mark.parametrize(("modules", "edges"), [(2, 0), (8, 5), (70, 250), (70, 600)], ids=str)
def test_no_box_covers_another(modules: int, edges: int, capfd: pytest.CaptureFixture[str]) -> None:
    drawing = lay_out(whole_map(_atlas(modules, edges)))
    assert len(drawing.boxes) == modules + 1
    assert len(drawing.lines) == modules + edges
    assert [pair for pair in itertools.combinations(drawing.boxes, 2) if _overlapping(*pair)] == []
    assert capfd.readouterr().err == ""


def test_a_neighbourhood_is_the_module_and_what_it_is_linked_with() -> None:
    graph = neighbourhood(_atlas(6, 4), "M2")
    assert [node.id for node in graph.nodes] == ["M1", "M2"]


MEASURE = r"""
import re, sys, time
from zohocrm_atlas import TargetZohoCRMAtlas
with open(sys.argv[1]) as messages:
    settings = {"output_path": sys.argv[2], "catalog": sys.argv[3]}
    TargetZohoCRMAtlas(config=settings).listen(messages)
# Not ru_maxrss: a child inherits that of the process that started it.
with open("/proc/self/status") as status:
    print(re.search(r"VmHWM:\s+(\d+) kB", status.read())[1], time.process_time())
"""
MOST = 200_000_000 // 1024
"""Kilobytes that the atlas of a large organisation takes at most."""


@pytest.mark.nightly
@pytest.mark.timeout(1800)
@pytest.mark.skipif(sys.platform != "linux", reason="/proc is Linux's")
def test_a_large_organisation_fits_into_little_memory(tmp_path: Path) -> None:
    settings, catalog = tmp_path / "tap.json", tmp_path / "catalog.json"
    messages, atlas = tmp_path / "messages.jsonl", tmp_path / "atlas"
    with DemoOrganisation(awkward_sample(modules=500, fields=20_000)) as demo:
        # All modules are loaded, so that all have queries, diagrams and models.
        settings.write_text(json.dumps(config_for(demo)), "utf-8")
        found = run_program([TAP, "--config", settings, "--discover"], timeout=600).stdout
        catalog.write_text(found, "utf-8")
        settings.write_text(json.dumps({**config_for(demo), "record_modules": []}), "utf-8")
        said = run_program([TAP, "--config", settings], timeout=1200).stdout
        messages.write_text(said, "utf-8")
    command: list[str | Path] = [sys.executable, "-c", MEASURE, messages, atlas, catalog]
    done = subprocess.run(command, check=True, capture_output=True, text=True, timeout=500)
    peak, spent = done.stdout.split()[-2:]
    print(f"{peak} kB, {float(spent):.1f} CPU seconds")  # noqa: T201
    assert int(peak) < MOST
    assert len(list((atlas / "modules").iterdir())) == 500
    assert len(list((atlas / "mermaid").iterdir())) > 400
    # What a browser has to read before it shows the largest page: `benchmarks.first_sight`.
    assert max(page.stat().st_size for page in atlas.rglob("*.html")) < 1_000_000


@pytest.mark.parametrize(("modules", "pictured"), [(40, True), (600, False)])
def test_the_first_page_pictures_groups_whose_labels_can_be_read(
    modules: int, pictured: bool
) -> None:
    shown = overview(_atlas(modules, 1), (), first=True)
    assert (shown["preview"] is not None, len(shown["groups"]) > 0) == (pictured, True)
