"""A field, a value, a user or a template leads to everything that uses it."""

from __future__ import annotations

import html
import json
import re
from pathlib import Path
from typing import Any

import pytest

from atlas.messages import Rows, messages, organisation, run
from atlas.test_pages import Page
from tap_zohocrm_modules.definitions import definitions
from zohocrm_atlas.intake.criteria import describe
from zohocrm_atlas.intake.readers import masked

pytestmark = pytest.mark.thorough

STATE = {"api_name": "State", "id": "f2"}
SUNK = {"comparator": "equal", "field": STATE, "value": "Sunk", "type": "value"}
BOATS = {"api_name": "Boats", "id": "m1"}
ANN = {"name": "Ann", "id": "u1"}


def _rows() -> Rows:
    rows: Any = organisation()
    rows["fields"][0]["formula"] = {"return_type": "string", "expression": "Upper(${Boats.State})"}
    rows["users"] = [{"id": "u1", "full_name": "Ann", "profile": {"name": "Admin", "id": "p1"}}]
    rows["custom_views"] = [
        {
            "id": "view1",
            "module_api_name": "Boats",
            "name": "Sunk ones",
            "criteria": json.dumps({"group_operator": "or", "group": [SUNK, SUNK]}),
            "fields": [{"api_name": "Name", "id": "f1"}],
            "sort_by": STATE,
            "created_by": ANN,
        }
    ]
    rows["workflow_rules"] = [
        {
            "id": "rule1",
            "name": "Salvage",
            "module": BOATS,
            "conditions": [
                {
                    "criteria_details": {"criteria": SUNK},
                    "instant_actions": {"actions": [{"id": "up1", "name": "Raise"}]},
                }
            ],
        }
    ]
    rows["field_updates"] = [
        {"id": "up1", "name": "Raise", "module": BOATS, "field": STATE, "value": '"Afloat"'}
    ]
    rows["email_templates"] = [
        {"id": "mail1", "name": "Sorry", "module": BOATS, "subject": "It is ${!Boats.State}"}
    ]
    rows["assignment_rules"] = [
        {
            "id": "as1",
            "name": "To Ann",
            "module": BOATS,
            "default_assignee": {**ANN, "type": "user"},
        }
    ]
    rows["territory_users"] = [{"id": "u1", "territory_id": "t1", "full_name": "Ann"}]
    rows["territories"] = [{"id": "t1", "name": "North"}]
    rows["moon_phases"] = [{"id": "x1", "name": "Full", "field": STATE, "brightness": "high"}]
    found: Rows = rows
    return found


@pytest.fixture
def atlas(tmp_path: Path) -> Path:
    run(tmp_path / "atlas", messages(_rows()))
    return tmp_path / "atlas"


def _uses(atlas: Path, page: str, row: str) -> list[str]:
    """What the row of this id says of its uses: kind, name and role."""
    text = (atlas / page).read_text("utf-8")
    (found,) = re.findall(rf'<tr id="{row}".*?</tr>', text, re.DOTALL)
    # The last list of a field is the field's; those before it are its values'.
    listed = found.rpartition('<details class="used">')[2]
    places = re.findall(r"<li><b>(.*?)</b>(.*?)</li>", listed, re.DOTALL)
    return [
        f"{kind}: {' '.join(html.unescape(re.sub('<[^>]*>', ' ', several)).split())}"
        for kind, several in places
    ]


def test_a_field_leads_to_all_that_uses_it(atlas: Path) -> None:
    assert _uses(atlas, "modules/Boats.html", "State") == [
        "Email templates: Sorry merge field",
        "Field updates: Raise field",
        "Fields: Boats: Boat name formula",
        "Moon phases: Full field",
        "Views: Sunk ones criteria , sort order".replace(" ,", ","),
        "Workflow rules: Salvage criteria",
    ]


def test_a_value_leads_to_the_criteria_and_updates_that_name_it(atlas: Path) -> None:
    text = (atlas / "modules" / "Boats.html").read_text("utf-8")
    values = re.findall(r'class="value-use"><bdi>(\w+)</bdi>(.*?)</div>', text, re.DOTALL)
    found = {name: re.findall(r"<bdi>(.*?)</bdi>", places) for name, places in values}
    assert found == {"Afloat": ["Raise"], "Sunk": ["Sunk ones", "Salvage"]}


def test_people_profiles_and_actions_lead_to_what_names_them(atlas: Path) -> None:
    assert _uses(atlas, "people.html", "users-u1") == [
        "Assignment rules: To Ann default assignee",
        "Users of territories: Ann listed",
    ]
    assert _uses(atlas, "people.html", "territories-t1") == [
        "Users of territories: Ann territory id"
    ]
    assert _uses(atlas, "automation.html", "field_updates-up1") == [
        "Workflow rules: Salvage instant action"
    ]
    people = Page((atlas / "people.html").read_bytes())
    assert {"permissions.html#profile-p1", "people.html#territories-t1"} <= set(people.links)


def test_criteria_are_said_in_words() -> None:
    nested = {"group_operator": "OR", "group": [SUNK, {"group": [SUNK, SUNK]}]}
    assert describe(json.dumps(SUNK)) == "State equal Sunk"
    assert describe(nested) == "State equal Sunk or (State equal Sunk and State equal Sunk)"


def test_every_stream_of_the_tap_and_one_of_tomorrow_has_a_place(tmp_path: Path) -> None:
    metadata = list(definitions())
    rows: Any = organisation()
    for name in (*metadata, "moon_phases"):
        more = {"api_name": "Boats", "module_api_name": "Boats"}
        rows.setdefault(name, [{"id": "1", "name": f"A row of {name}", **more}])
    run(tmp_path / "atlas", messages(rows))
    index = (tmp_path / "atlas" / "index.html").read_text("utf-8")
    streams = re.findall(r'<li><a href="([^"#]*)[^"]*">(\w+)</a>\s*<small>', index)
    assert {name for _, name in streams} >= {*metadata, "moon_phases"} - {"deleted_records"}
    text = " ".join(page.read_text("utf-8") for page in (tmp_path / "atlas").rglob("*.html"))
    shown = set(re.findall(r'<tr id="([a-z_]+)-', text))
    core = {"org", "modules", "fields", "picklist_values", "relationships", "layouts", "profiles"}
    counted = {"sync_report", "deleted_records", "audit_log"}
    assert {*metadata, "moon_phases"} - core - counted <= shown


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://me:pw@hooks.example/in?key=1", "https://hooks.example/in"),
        (
            "https://hooks.example/services/T02ABCD/xoxb-8s7d6f",
            "https://hooks.example/services/…/…",
        ),
        ("https://hooks.example/v2/customer-orders", "https://hooks.example/v2/customer-orders"),
        ("https://hooks.example/ABCDEFGHIJKLMNOPQRSTUVWX", "https://hooks.example/…"),
    ],
)
def test_secrets_in_the_path_of_a_url_are_masked(url: str, shown: str) -> None:
    assert masked(url) == shown
