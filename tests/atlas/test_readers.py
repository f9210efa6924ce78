"""The sample organisation's atlas as people read it: no finding of axe, and right answers."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from destinations.plugins import run as run_program
from support.sample import awkward_sample

from atlas.messages import run
from atlas.test_browser import PLAYWRIGHT
from atlas.test_links import metadata
from zohocrm_demo import DemoOrganisation

PROBE = Path(__file__).with_name("readers_probe.py")
AXE = "axe-playwright-python>=0.1.8,<1"
# A right of the organisation, of modules, and both beside fields that not all may see or change.
QUESTIONS = [
    ["Export Data", "", ""],
    ["Export Data", "Contacts", ""],
    ["Export Data", "Contacts", "Email"],
    ["Mass Email", "Contacts", ""],
    ["Delete", "Contacts", ""],
    ["Edit", "Deals", "Amount"],
    ["View", "Deals", "Amount"],
    ["View", "Leads", "Company"],
]
WITH_FIELD = {
    "read_write": "may also change it",
    "read_only": "may only read it",
    "hidden": "may do so elsewhere",
    "": "are not among those that Zoho lists",
}
Rows = dict[str, list[dict[str, Any]]]

pytestmark = [pytest.mark.nightly, pytest.mark.timeout(1_800)]


@pytest.fixture(scope="module")
def rows() -> Rows:
    """The rows of the organisation by their streams."""
    found: Rows = defaultdict(list)
    with DemoOrganisation(awkward_sample) as demo:
        for line in metadata(demo).splitlines():
            message = json.loads(line)
            found[""].append(message)
            if message["type"] == "RECORD":
                found[message["stream"]].append(message["record"])
    return found


@pytest.fixture(scope="module")
def seen(
    rows: Rows, environment: Callable[..., Path], tmp_path_factory: pytest.TempPathFactory
) -> Any:
    """What a browser saw."""
    atlas = tmp_path_factory.mktemp("readers") / "atlas"
    run(atlas, [json.dumps(message) for message in rows[""]])
    python = environment(PLAYWRIGHT, AXE) / "python"
    command: list[str | Path] = [python, PROBE, atlas, json.dumps(QUESTIONS)]
    path = {"PYTHONPATH": str(PROBE.parents[1])}
    return json.loads(run_program(command, variables=path, timeout=1_500).stdout)


def test_axe_finds_nothing_on_any_kind_of_page(seen: Any) -> None:
    print(seen["pages"], "addresses,", list(seen["walks"]))  # noqa: T201
    assert seen["pages"] == 17
    assert seen["walks"] == {
        f"{scheme} {width}": {} for scheme in ("light", "dark") for width in (1440, 390)
    }


def test_the_page_says_who_may_what_with_which_field(rows: Rows, seen: Any) -> None:
    for question, (words, lists, address) in zip(QUESTIONS, seen["answers"], strict=True):
        right, module, field = question
        allowed = {name: with_field(rows, module, field, name) for name in may(rows, right, module)}
        visible = [name for name, kind in allowed.items() if kind != "hidden"]
        ids = {row["id"] for row in rows["profiles"] if row["display_label"] in visible}
        users = [row for row in rows["users"] if row["profile"]["id"] in ids]
        active = [row for row in users if row["status"] == "active"]
        roles = {row["role"]["name"] for row in active}
        assert f": {len(visible)} of {len(rows['profiles'])} profiles, {len(active)} act" in words
        assert f"{len(roles)} role" in words
        shown = {title.partition(" ")[2]: names for title, names in lists}
        (people,) = [names for key, names in shown.items() if key in {"user", "users"}]
        if field:
            for kind, title in WITH_FIELD.items():
                expected = sorted(name for name, found in allowed.items() if found == kind)
                (names,) = [names for key, names in shown.items() if title in key] or [[]]
                assert sorted(names) == expected, (question, kind)
        else:
            (names,) = [shown[key] for key in ("profiles", "profile") if key in shown]
            assert sorted(names) == sorted(visible), question
        assert len(people) == len(users), question
        assert address.startswith(f"right={right.replace(' ', '+')}&module={module}"), question
    told = {len(lists) for _, lists, _ in seen["answers"]}
    assert len(told) > 1, "all questions have the same answer, so that this shows nothing"


def may(rows: Rows, right: str, module: str) -> Iterator[str]:
    """The profiles that have the right there, and that see the module."""
    for profile in rows["profiles"]:
        enabled = {
            ((each["module"] or {}).get("api_name", ""), each["display_label"])
            for each in profile["permissions_details"]
            if each["enabled"]
        }
        has = (module, right) in enabled or ("", right) in enabled
        if has and (not module or (module, "View") in enabled):
            yield profile["display_label"]


def with_field(rows: Rows, module: str, field: str, profile: str) -> str:
    """What Zoho lists of a profile with a field."""
    for row in rows["fields"]:
        if (row["module_api_name"], row["api_name"]) == (module, field):
            named = {each["name"]: each["permission_type"] for each in row["profiles"]}
            return str(named.get(profile, ""))
    return ""
