"""In which state of its blueprint a record is: it follows from the record's values."""

from __future__ import annotations

from zohocrm_demo.organisation.children.child import CHILD_IDS, KINDS, Child, filled
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.references import make_id

_IN_PROCESS_ONE_IN = 3


def states(records: RecordStore, module: str, parent: Record) -> list[Child]:
    """The state that a record has in the process of its module; none outside of it."""
    blueprint = KINDS["blueprints"].get(module)
    if blueprint is None or parent.id % _IN_PROCESS_ONE_IN:
        return []
    field = records.fields(module)[blueprint["field"]]
    value = parent.value(blueprint["field"])
    following = blueprint["transitions"].get(value)
    if following is None:
        return []
    ids = {one["actual_value"]: one["id"] for one in field["pick_list_values"]}
    key = make_id(CHILD_IDS + 20_000_000_000 + list(KINDS["blueprints"]).index(module))
    process = filled(
        "blueprint_process",
        key=key,
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
            transition=f"To {state}",
            id=f"{int(key) + 1 + place + 10 * list(ids).index(value)}",
        )
        for place, state in enumerate(following, 1)
    ]
    row = {"process_info": process, "transitions": transitions}
    return [Child(key, parent.modified or parent.created, row)]
