"""What differs between reads: the log, its kinds, `fail_on`, and what is not mistaken for it."""

from __future__ import annotations

import copy
import itertools
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import msgspec
import pytest

from atlas.messages import Rows, messages, organisation, run
from zohocrm_atlas.changes.change import Change, latest_first
from zohocrm_atlas.changes.compare import compare
from zohocrm_atlas.errors import ChangesFoundError
from zohocrm_atlas.intake.collector import Collector
from zohocrm_atlas.model.snapshot import Snapshot, StreamRead

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


def _changes(tmp_path: Path, before: Rows, after: Rows, **config: Any) -> list[Change]:
    run(tmp_path / "atlas", messages(before))
    run(tmp_path / "atlas", messages(after, read_at=LATER), **config)
    return _log(tmp_path / "atlas")


def _with_rules() -> Rows:
    rule = {
        "id": "r1",
        "name": "Crew sees boats",
        "module": {"api_name": "Boats", "id": "m1"},
        "permission_type": "read",
        "shared_to": {"resource": {"name": "Crew", "id": "role1"}},
        "modified_time": "2026-02-01T08:00:00Z",
        "modified_by": {"name": "Ann", "id": "u1"},
    }
    criterion = {"comparator": "equal", "field": {"api_name": "State"}, "value": "Sunk"}
    conditions = [{"criteria_details": {"criteria": criterion}}]
    workflow = {"id": "w1", "name": "Salvage", "conditions": conditions}
    rows = {**organisation(), "data_sharing_rules": [rule], "workflow_rules": [workflow]}
    return copy.deepcopy(rows)


def test_altered_sharing_rules_and_criteria_are_changes_by_somebody(tmp_path: Path) -> None:
    rows: Any = _with_rules()
    rows["data_sharing_rules"][0] |= {
        "permission_type": "read_write",
        "modified_time": "2026-03-01T12:00:00Z",
        "modified_by": {"name": "Bob", "id": "u2"},
    }
    rows["workflow_rules"][0]["conditions"][0]["criteria_details"]["criteria"]["value"] = "Afloat"
    found = _changes(tmp_path, _with_rules(), rows)
    assert [
        (each.kind, each.name, each.attribute, each.before, each.after, each.by, each.at)
        for each in found
    ] == [
        ("changed", "Salvage", "Criteria", "State equal Sunk", "State equal Afloat", "", ""),
        (
            "repermissioned",
            "Crew sees boats",
            "May",
            "read",
            "read_write",
            "Bob",
            "2026-03-01T12:00:00Z",
        ),
    ]


def test_a_relationship_that_vanishes_alone_is_a_change(tmp_path: Path) -> None:
    rows = organisation()
    rows["relationships"] = []
    (change,) = _changes(tmp_path, organisation(), rows)
    assert (change.kind, change.entity, change.module) == ("removed", "relationship", "Crews")


def test_one_that_goes_with_its_field_is_listed_with_the_field(tmp_path: Path) -> None:
    rows = organisation()
    rows["relationships"] = []
    del rows["fields"][2]
    (change,) = _changes(tmp_path, organisation(), rows)
    assert (change.kind, change.entity, change.name) == ("removed", "field", "Boat")


def test_a_risk_is_what_lets_more_people_see_or_do_more(tmp_path: Path) -> None:
    rows: Any = _with_rules()
    rows["data_sharing_rules"].append({**rows["data_sharing_rules"][0], "id": "r2"})
    permission = {"display_label": "Export Data", "enabled": True}
    rows["profiles"][0]["permissions_details"].append(permission)
    with pytest.raises(ChangesFoundError, match="in 2 places that fail_on names"):
        _changes(tmp_path, _with_rules(), rows, fail_on=["risk"])


def test_what_takes_rights_away_is_no_risk(tmp_path: Path) -> None:
    rows: Any = _with_rules()
    rows["data_sharing_rules"] = []
    rows["profiles"][0]["permissions_details"] = []
    rows["fields"][0]["profiles"] = []
    assert len(_changes(tmp_path, _with_rules(), rows, fail_on=["risk"])) == 3


def test_what_an_earlier_version_did_not_keep_has_not_changed() -> None:
    rows = _with_rules()
    now = _snapshot(rows)
    facts = [{name: each.facts[name] for name in list(each.facts)[:1]} for each in now.items]
    items = zip(now.items, facts, strict=True)
    old = msgspec.structs.replace(
        now, items=tuple(msgspec.structs.replace(item, facts=kept) for item, kept in items)
    )
    assert list(compare(old, now)) == []
    streams = {**now.streams, "data_sharing_rules": StreamRead(rows=1, shown=False)}
    unknown = msgspec.structs.replace(
        now,
        streams=streams,
        items=tuple(item for item in now.items if item.stream != "data_sharing_rules"),
    )
    assert list(compare(unknown, now)) == []


def _snapshot(rows: Rows) -> Snapshot:
    collector = Collector()
    for stream, several in rows.items():
        collector.begin(stream)
        for row in several:
            collector.add(stream, row)
        collector.complete(stream)
    return collector.snapshot(LATER)


def test_the_latest_changes_are_in_an_order_that_says_what_to_look_at_first() -> None:
    def change(id_: str, **more: str) -> Change:
        usual = {"from": "1", "to": "3", "kind": "changed", "entity": "field"}
        return msgspec.convert({**usual, **more, "id": id_}, Change)

    ordered = [
        change("a new webhook", kind="added", entity="webhooks", at="1"),
        change("a module that is gone", kind="removed", entity="module", at="1"),
        change("a field that is gone", kind="removed", at="9"),
        change("the later one", module="Leads", name="Source", attribute="label", at="2"),
        change("the earlier one", module="Deals", name="Stage", attribute="label", at="1"),
        change("nothing says when", module="Accounts", attribute="label"),
        change("the next by name", module="Deals", attribute="label"),
        change("of an earlier read", to="2", kind="removed", entity="module", at="9"),
    ]
    for given in itertools.islice(itertools.permutations(ordered), 0, None, 997):
        assert [each.id for each in latest_first(given)] == [each.id for each in ordered]


def test_the_first_page_has_a_line_for_each_thing_that_has_changed(tmp_path: Path) -> None:
    run(tmp_path / "atlas", messages(organisation()))
    rows = organisation()
    rows["fields"][0] |= {"data_type": "double", "json_type": "double", "api_name": "Size"}
    run(tmp_path / "atlas", messages(rows, read_at=LATER))
    text = (tmp_path / "atlas" / "index.html").read_text("utf-8")
    latest = text.partition('<ul class="changes">')[2].partition("</ul>")[0]
    lines = [" ".join(re.sub("<[^>]*>", " ", line).split()) for line in latest.split("<li>")[1:]]
    assert lines == [
        "renamed Size field of Boats , api name",
        "retyped Size field of Boats , data type, json type",
    ]
