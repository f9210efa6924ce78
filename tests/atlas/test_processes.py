"""A blueprint is a picture of its states and transitions, a connected workflow of its modules."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from atlas.messages import messages, organisation, run

BOATS = {"api_name": "Boats", "id": "m1"}
CREWS = {"api_name": "Crews", "id": "m2"}


def _state(number: int, name: str) -> dict[str, Any]:
    escalation = {"period": "business_days", "value": 3, "trigger_details": []}
    first = {"state_escalation": escalation} if number == 1 else {}
    return {"blueprint_id": "b1", "id": f"s{number}", "name": name, **first}


def _transition(number: int, name: str, sources: dict[str, str], to: tuple[str, str]) -> Any:
    return {
        "blueprint_id": "b1",
        "id": f"t{number}",
        "name": name,
        "trigger_type": "automatic" if number == 1 else "manual",
        "from_states": [{"id": key, "name": value} for key, value in sources.items()],
        "to_state": {"id": to[0], "name": to[1]},
    }


def _page(folder: Path, **more: Any) -> str:
    rows: Any = organisation()
    rows["blueprints"] = [
        {"id": "b1", "name": "Voyage <1>", "status": "active", "module": BOATS},
        {"id": "b2", "name": "Only begun", "status": "draft", "module": CREWS},
    ]
    rows["blueprint_states"] = [
        _state(1, "In port"),
        _state(2, "At sea"),
        _state(3, "A, with a comma"),
    ]
    rows["blueprint_transitions"] = [
        _transition(1, "Cast off", {"s1": "In port"}, ("s2", "At sea")),
        _transition(2, "Rest", {"s1": "In port", "s2": "At sea"}, ("s3", "A, with a comma")),
        _transition(3, "Lead nowhere", {"s2": "At sea"}, ("s9", "Nowhere")),
    ]
    rows["connected_workflows"] = [
        {"id": "w1", "name": "Manning", "status": "active", "primary_module": BOATS}
    ]
    rows["connected_workflow_nodes"] = [
        {"connected_workflow_id": "w1", "id": f"n{place}", "module": module, "rules_count": place}
        | {"module_api_name": module["api_name"]}
        for place, module in enumerate((BOATS, CREWS), 1)
    ]
    rows["connected_workflow_connections"] = [
        {
            "connected_workflow_id": "w1",
            "from_node_id": "n1",
            "to_node_id": "n2",
            "from_node": {"id": "n1", "name": "Boats"},
            "to_node": {"id": "n2", "name": "Crews"},
        }
    ]
    rows.update(more)
    run(folder, messages(rows))
    return (folder / "automation.html").read_text("utf-8")


def _pictures(page: str) -> list[tuple[str, list[str], list[tuple[str, str]]]]:
    """Label, boxes and edges of each picture."""
    found = re.findall(r'<svg class="map" id="picture.*?</svg>', page, re.DOTALL)
    return [
        (
            re.findall(r'aria-label="([^"]*)"', one)[0],
            re.findall(r'data-id="([^"]*)"', one),
            re.findall(r'data-from="([^"]*)" data-to="([^"]*)"', one),
        )
        for one in found
    ]


def test_each_process_is_a_picture(tmp_path: Path) -> None:
    page = _page(tmp_path)
    blueprint, workflow = _pictures(page)
    label, boxes, edges = blueprint
    assert label == "States and transitions of the blueprint Voyage &lt;1&gt;"
    assert sorted(boxes) == ["s1", "s2", "s3"]
    assert sorted(edges) == [("s1", "s2"), ("s1", "s3"), ("s2", "s3")], "none to what is not there"
    assert "told after 3 business days" in page
    assert "Cast off: In port → At sea (by itself)" in page
    label, boxes, edges = workflow
    assert label == "Modules of the connected workflow Manning"
    assert sorted(boxes) == ["n1", "n2"]
    assert edges == [("n1", "n2")]
    assert "1 rule<" in page
    assert "2 rules<" in page


def test_without_states_there_is_no_picture(tmp_path: Path) -> None:
    page = _page(tmp_path, blueprint_states=[], connected_workflow_nodes=[])
    assert _pictures(page) == []
    assert "Only begun" in page
