"""Who may see what, by pattern, and the figures of the page on health."""

from __future__ import annotations

import json
import re
from pathlib import Path
from typing import Any

import pytest

from atlas.messages import messages, organisation, run
from atlas.test_pages import Page

pytestmark = pytest.mark.thorough


def _allowed(label: str, module: str = "Boats") -> dict[str, Any]:
    return {"display_label": label, "enabled": True, "module": {"api_name": module}}


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    rows: Any = organisation()
    exporting = {"display_label": "Export", "enabled": True}
    rows["profiles"] = [
        {
            "id": f"p{number}",
            "name": f"Profile {number}",
            "permissions_details": [_allowed("View"), *([exporting] if number < 3 else [])],
        }
        for number in range(1, 6)
    ]
    rows["modules"][0] |= {"profiles": [{"name": "Profile 1", "id": "p1"}], "profile_count": 5}
    rows["users"] = [
        {
            "id": "u1",
            "full_name": "Ann",
            "status": "active",
            "profile": {"name": "Profile 1", "id": "p1"},
            "role": {"name": "Crew", "id": "r1"},
        },
        {"id": "u2", "full_name": "Bob", "status": "disabled", "profile": {"id": "p1"}},
    ]
    rows["user_groups"] = [{"id": "g1", "name": "Night watch"}]
    rows["associated_groups"] = [{"user_id": "u1", "id": "g1", "name": "Night watch"}]
    rows["territories"] = [{"id": "t1", "name": "North"}]
    rows["territory_users"] = [{"id": "u1", "territory_id": "t1", "full_name": "Ann"}]
    rows["data_sharing"] = [{"module_api_name": "Boats", "share_type": "public_read_only"}]
    rows["features"] = [
        {"api_name": "x", "details": {"used_count": {"total": 9}, "limits": {"total": 10}}}
    ]
    rows["webhooks"] = [
        {"id": f"w{number}", "name": "Call", "url": f"https://{host}.example/in"}
        for number, host in enumerate(("a", "a", "b"))
    ]
    rows["sync_report"] = [{"stream": "Boats", "records": 2, "counted": 40}]
    run(tmp_path / "atlas", messages(rows))
    rows["sync_report"][0]["counted"] = 47
    run(tmp_path / "atlas", messages(rows, read_at="2026-03-02T08:00:00Z"))
    return tmp_path / "atlas"


def test_profiles_that_allow_the_same_are_one_pattern(atlas: Path) -> None:
    page = " ".join(Page((atlas / "permissions.html").read_bytes()).text.split())
    assert "5 profiles, 2 distinct patterns" in page
    assert re.search(r"B Profile 3 .*Profile 4 .*Profile 5 .*0 1 in 1 modules", page)
    matrix = re.search(
        r'<table id="matrix">.*?</table>', (atlas / "permissions.html").read_text(), 16
    )
    assert matrix
    assert matrix[0].count("<details>") == 3


def test_the_page_can_say_who_may_export_and_what_a_user_sees(atlas: Path) -> None:
    data = _asked_of(atlas)
    assert data["patterns"]["A"] == {"Boats": ["View"], "": ["Export"]}
    assert [letter for _, _, letter in data["profiles"]] == ["A", "A", "B", "B", "B"]
    (ann,) = [user for user in data["users"] if user["name"] == "Ann"]
    assert (ann["profile"], ann["role"], ann["in"]) == (
        "p1",
        ["Crew", "r1"],
        ["Night watch", "North"],
    )
    assert data["access"]
    assert data["fields"]["Boats"][0][:2] == ["Name", "Boat name"]
    assert data["sharing"] == {"Boats": "public_read_only"}


def test_a_module_is_seen_by_the_right_to_view_it_or_in_other_languages_by_any(
    tmp_path: Path,
) -> None:
    rows: Any = organisation()
    rows["profiles"] = [
        {"id": name, "name": name, "permissions_details": several}
        for name, several in (
            ("Sees both", [_allowed("View"), _allowed("Ansehen", "Crews"), _allowed("Delete")]),
            ("Sees crews", [_allowed("Delete"), _allowed("Bearbeiten", "Crews")]),
            ("Sees none", [_allowed("Delete")]),
        )
    ]
    run(tmp_path / "atlas", messages(rows))
    seen = _asked_of(tmp_path / "atlas")["sees"]
    assert sorted(seen.values()) == [[], ["Boats", "Crews"], ["Crews"]]


def _asked_of(atlas: Path) -> Any:
    text = (atlas / "assets" / "access-data.js").read_text("utf-8")
    return json.loads(text.removeprefix("window.atlasAccess = ").rstrip(";\n"))


def test_a_list_that_zoho_cut_off_says_so_and_where_the_rest_is(atlas: Path) -> None:
    page = Page((atlas / "modules" / "Boats.html").read_bytes())
    text = " ".join(page.text.split())
    assert "These are the 1 that Zoho lists, of 5" in text
    assert "the others are Profile 2, Profile 3, Profile 4, Profile 5" in text
    assert "../permissions.html#section-ask" in page.links


def test_each_figure_of_health_is_counted_and_leads_to_its_list(atlas: Path) -> None:
    text = (atlas / "health.html").read_text("utf-8")
    cards = re.findall(r'id="card-([\w-]+)">\s*<a href="([^"]*)"><b>([^<]*)</b>', text)
    values = {key: value for key, _, value in cards}
    assert values == {
        "public": "1",
        "inactive": "1",
        "empty-profiles": "4",
        "patterns": "2",
        "limits": "1",
        "hosts": "2",
        "idle": "0",
        "failing-webhooks": "0",
        "no-layout": "0",
        "near-labels": "0",
        "personal": "0",
        "records": "47",
    }
    assert "<b>1</b> <span>public module</span>" in text
    assert "<b>2</b> <span>hosts that webhooks call</span>" in text
    assert "+7 since the read before" in text
    for _, address, _ in cards:
        page, _, fragment = address.partition("#")
        assert not fragment or f'id="{fragment}"' in (atlas / page).read_text("utf-8")
