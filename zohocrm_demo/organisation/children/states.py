"""In which state of its blueprint a record is: it follows from the record's values."""

from __future__ import annotations

from collections.abc import Iterable

from zohocrm_demo.organisation.children.child import Child, filled
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.references import Row

_IN_PROCESS_ONE_IN = 3


def states(
    records: RecordStore, blueprints: Iterable[Row], module: str, parent: Record
) -> list[Child]:
    """The state that a record has in the active process of its module; none outside of it."""
    active = (
        one
        for one in blueprints
        if one["status"] == "active" and one["module"]["api_name"] == module
    )
    blueprint = next(active, None)
    if blueprint is None or parent.id % _IN_PROCESS_ONE_IN:
        return []
    name = blueprint["field"]["api_name"]
    value = parent.value(name)
    following = [
        (transition, transition["to_state"]["name"])
        for transition in blueprint["transitions"]
        if value in {state["name"] for state in transition["from_states"]}
    ]
    if not following:
        return []
    field = records.fields(module)[name]
    ids = {one["actual_value"]: one["id"] for one in field["pick_list_values"]}
    process = filled(
        "blueprint_process",
        key=blueprint["id"],
        field_id=field["id"],
        field=field["api_name"],
        label=field["field_label"],
        column=field["column_name"],
        name=blueprint["name"],
        value=value,
        value_id=ids[value],
    )
    transitions = [
        filled(
            "blueprint_transition",
            sequence=place,
            next=state,
            transition=transition["name"],
            type=transition["trigger_type"],
            id=transition["id"],
        )
        for place, (transition, state) in enumerate(following, 1)
    ]
    row = {"process_info": process, "transitions": transitions}
    return [Child(blueprint["id"], parent.modified or parent.created, row)]
