"""The atlas in a real browser, from `file://`, in both colour schemes."""

from __future__ import annotations

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import run as run_program

from atlas.messages import messages, organisation, run
from atlas.test_pages import HOSTILE

PLAYWRIGHT = "playwright>=1.55,<2"
PROBE = Path(__file__).with_name("browser_probe.py")
SCHEMES = ("light", "dark")

pytestmark = [pytest.mark.heavy, pytest.mark.timeout(900)]


@pytest.fixture(scope="session")
def seen(environment: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory) -> Any:
    """What a browser saw of an atlas with a change, and with markup in its names."""
    atlas = tmp_path_factory.mktemp("browser") / "atlas"
    rows = organisation()
    rows["modules"][1]["plural_label"] = HOSTILE
    rows["fields"][0]["display_label"] = HOSTILE
    run(atlas, messages(rows))
    rows["fields"][1]["data_type"] = "multiselectpicklist"
    run(atlas, messages(rows, read_at="2026-03-02T08:00:00Z"))
    python = environment(PLAYWRIGHT) / "python"
    done = run_program([python, PROBE, atlas, "Boats", "State"], timeout=600)
    return json.loads(done.stdout)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_no_page_complains_or_asks_anybody(seen: Any, scheme: str) -> None:
    assert (seen[scheme]["complaints"], seen[scheme]["requests"]) == ([], [])


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_search_leads_to_the_field(seen: Any, scheme: str) -> None:
    assert "State" in seen[scheme]["found"]


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_map_is_filtered_and_leads_to_modules(seen: Any, scheme: str) -> None:
    found = seen[scheme]["map"]
    assert found.pop("label") >= 11
    assert found == {
        "groups": ["Custom", "System"],
        "near": 2,
        "without_custom": 1,
        "keys": ["Boat"],
        "dimmed": 0,
        "heading": "Boats",
    }
    assert seen[scheme]["filtered"] == 1


@pytest.mark.parametrize("scheme", SCHEMES)
def test_every_page_opens_from_the_navigation(seen: Any, scheme: str) -> None:
    titles = seen[scheme]["titles"]
    assert titles[0] == "Tidewater"
    assert {"Map", "Modules", "Permissions", "Health", "Unused and odd", "Changes"} <= set(titles)


@pytest.mark.parametrize("scheme", SCHEMES)
def test_the_changes_show_before_and_after(seen: Any, scheme: str) -> None:
    (change,) = seen[scheme]["changes"]
    assert change.split() == [
        "retyped",
        "field",
        "Boats",
        "State",
        "data",
        "type",
        "picklist",
        "multiselectpicklist",
    ]


def test_the_schemes_differ_and_the_button_switches(seen: Any) -> None:
    light, dark = seen["light"]["ground"], seen["dark"]["ground"]
    assert light == dark[::-1]
    assert light[0] != dark[0]
