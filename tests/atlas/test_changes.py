"""What differs between reads: the log, its kinds, `fail_on`, and what is not mistaken for it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atlas.messages import Rows, messages, organisation, run
from zohocrm_atlas.changes.change import Change
from zohocrm_atlas.errors import ChangesFoundError

pytestmark = pytest.mark.thorough

LATER = "2026-03-02T08:00:00Z"


def _log(atlas: Path) -> list[Change]:
    lines = (atlas / "changes.jsonl").read_bytes()
    return msgspec.json.Decoder(Change).decode_lines(lines)


def _after(tmp_path: Path, edit: Callable[[Rows], Any]) -> list[tuple[str, str, str, str]]:
    run(tmp_path / "atlas", messages(organisation()))
    rows = organisation()
    edit(rows)
    run(tmp_path / "atlas", messages(rows, read_at=LATER))
    return [
        (each.kind, each.entity, each.name, each.attribute) for each in _log(tmp_path / "atlas")
    ]


def _drop_field(rows: Rows) -> None:
    del rows["fields"][1]


def _add_field(rows: Rows) -> None:
    rows["fields"].append({**rows["fields"][0], "id": "f9", "api_name": "Length"})


def _rename_field(rows: Rows) -> None:
    rows["fields"][0]["api_name"] = "Boat_Name"


def _retype_field(rows: Rows) -> None:
    rows["fields"][0]["data_type"] = "textarea"


def _hide_field(rows: Rows) -> None:
    rows["fields"][0]["profiles"][0]["permission_type"] = "hidden"


def _rename_value(rows: Rows) -> None:
    rows["picklist_values"][0]["display_value"] = "Swimming"


def _withhold_permission(rows: Rows) -> None:
    rows["profiles"][0]["permissions_details"][0]["enabled"] = False


def _require_field(rows: Rows) -> None:
    rows["fields"][0]["system_mandatory"] = True


@pytest.mark.parametrize(
    ("edit", "change"),
    [
        (_drop_field, ("removed", "field", "State", "")),
        (_add_field, ("added", "field", "Length", "")),
        (_rename_field, ("renamed", "field", "Boat_Name", "api_name")),
        (_retype_field, ("retyped", "field", "Name", "data_type")),
        (_hide_field, ("repermissioned", "field", "Name", "access")),
        (_rename_value, ("renamed", "picklist value", "State: Swimming", "label")),
        (
            _withhold_permission,
            ("repermissioned", "profile", "Administrator", "permissions"),
        ),
        (_require_field, ("changed", "field", "Name", "required")),
    ],
)
def test_each_kind_of_change_is_logged(
    tmp_path: Path, edit: Callable[[Rows], None], change: tuple[str, str, str, str]
) -> None:
    assert _after(tmp_path, edit) == [change]


def test_the_same_read_twice_changes_nothing(tmp_path: Path) -> None:
    assert _after(tmp_path, lambda rows: rows) == []


def test_a_change_within_a_day_is_logged_though_the_day_keeps_one_snapshot(tmp_path: Path) -> None:
    rows = organisation()
    run(tmp_path / "atlas", messages(rows))
    rows["fields"][0]["api_name"] = "Boat_Name"
    run(tmp_path / "atlas", messages(rows, read_at="2026-03-01T17:00:00Z"))
    assert [each.kind for each in _log(tmp_path / "atlas")] == ["renamed"]
    snapshots = list((tmp_path / "atlas" / "data").glob("*.gz"))
    assert [each.name for each in snapshots] == ["2026-03-01.json.gz"]


def test_a_stream_that_is_missing_for_one_run_is_neither_removed_nor_added(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(organisation()))
    without = organisation()
    del without["fields"]
    run(tmp_path / "atlas", messages(without, read_at=LATER))
    again = organisation()
    again["fields"][0]["api_name"] = "Boat_Name"
    run(tmp_path / "atlas", messages(again, read_at="2026-03-03T08:00:00Z"))
    assert [(each.kind, each.name) for each in _log(tmp_path / "atlas")] == [
        ("renamed", "Boat_Name")
    ]


def test_a_stream_that_broke_off_is_not_taken_for_removals(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(organisation()))
    partly = organisation()
    del partly["fields"][1:]
    run(tmp_path / "atlas", messages(partly, read_at=LATER, whole=set(partly) - {"fields"}))
    assert _log(tmp_path / "atlas") == []


def test_a_stream_without_bookmark_broke_off(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(organisation(), whole=()))
    partly = organisation()
    del partly["layouts"][0]
    lines = [
        line.replace('"layouts": {}, ', "") if "bookmarks" in line else line
        for line in messages(partly, read_at=LATER, whole=())
    ]
    run(tmp_path / "atlas", lines)
    assert _log(tmp_path / "atlas") == []


@pytest.mark.parametrize(
    ("kind", "edit"),
    [
        ("removed", _drop_field),
        ("renamed", _rename_field),
        ("retyped", _retype_field),
        ("added", _add_field),
    ],
)
def test_fail_on_ends_the_run_once_the_atlas_is_written(
    tmp_path: Path, kind: str, edit: Callable[[Rows], None]
) -> None:
    run(tmp_path / "atlas", messages(organisation()))
    rows = organisation()
    edit(rows)
    with pytest.raises(ChangesFoundError, match=f"in 1 place that fail_on names: field .*{kind}"):
        run(tmp_path / "atlas", messages(rows, read_at=LATER), fail_on=[kind])
    assert [each.kind for each in _log(tmp_path / "atlas")] == [kind]


def test_fail_on_lets_other_kinds_pass(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(organisation()))
    rows = organisation()
    _add_field(rows)
    run(tmp_path / "atlas", messages(rows, read_at=LATER), fail_on=["removed", "renamed"])
