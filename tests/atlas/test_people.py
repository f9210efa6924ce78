"""`people: hide`: nobody's name or address is in any file, and everything else is."""

from __future__ import annotations

import gzip
from pathlib import Path
from typing import Any

import pytest

from atlas.messages import files, messages, organisation, run

pytestmark = pytest.mark.thorough

BY = {"modified_by": {"name": "Gone Person", "id": "u9"}, "modified_time": "2026-01-01T00:00:00Z"}


def _rows() -> Any:
    rows: Any = organisation()
    rows["modules"][0] |= BY
    rows["users"] = [
        {"id": "700000411001", "full_name": 'Zoë "Z" O\'Hara', "email": "zoe@tide.example"},
        {"id": "700000411002", "full_name": "Boats", "email": "b.o@tide.example"},
    ]
    rows["assignment_rules"] = [
        {
            "id": "a1",
            "name": "To Zoë",
            "default_assignee": {"name": 'Zoë "Z" O\'Hara', "id": "700000411001"},
            "description": "ask zoe@tide.example",
        }
    ]
    return rows


def _everything(atlas: Path) -> str:
    found = files(atlas)
    return "".join(
        (gzip.decompress(content) if name.endswith(".gz") else content).decode()
        for name, content in found.items()
    )


@pytest.mark.parametrize("people", ["hide", "show"])
def test_names_and_addresses_are_nowhere_if_hidden(tmp_path: Path, people: str) -> None:
    run(tmp_path / "atlas", messages(_rows()), people=people)
    text = _everything(tmp_path / "atlas")
    shown = [word for word in ("Hara", "tide.example", "Gone Person") if word in text]
    assert shown == ([] if people == "hide" else ["Hara", "tide.example", "Gone Person"])
    assert ("User 411001" in text) == (people == "hide")
    # A module that is called as somebody is keeps its API name; no other word is touched.
    assert "modules/Boats.html" in text
    assert "Crews" in text


def test_what_is_hidden_is_called_the_same_in_the_next_read(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(_rows()), people="hide")
    run(tmp_path / "atlas", messages(_rows(), read_at="2026-03-02T08:00:00Z"), people="hide")
    assert (tmp_path / "atlas" / "changes.jsonl").read_text() == ""
