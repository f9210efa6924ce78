"""The entries of a timeline that what happens in the run makes."""

from __future__ import annotations

from typing import Any

from zohocrm_demo.organisation.children.child import Child
from zohocrm_demo.organisation.children.makers import ChildMakers
from zohocrm_demo.organisation.records.store import RecordStore
from zohocrm_demo.organisation.records.table import Record
from zohocrm_demo.organisation.records.values import Place, rest_writer
from zohocrm_demo.organisation.references import Row, ref

_FIRST = 1_000_000


def told(records: RecordStore, makers: ChildMakers, module: str, parent: Record) -> list[Child]:
    """One entry for each event of the record, the oldest first."""
    fields, view = records.fields(module), records.view()

    def text(field: Row, value: Any) -> str | None:
        if value is None:
            return None
        shown = rest_writer(Place(module, field, view))(value)
        if isinstance(shown, dict):
            shown = shown.get("name")
        if isinstance(shown, list):
            shown = ";".join(
                str(one.get("name") if isinstance(one, dict) else one) for one in shown
            )
        return str(shown).lower() if isinstance(shown, bool) else str(shown)

    def change(name: str, old: Any, new: Any) -> Row:
        field = fields[name]
        values = {"new": text(field, new), "old": text(field, old)}
        return {**ref(field, "data_type", "api_name", "id"), "_value": values}

    return [
        makers.entry(
            module,
            parent,
            event.at,
            _FIRST + event.number,
            action=event.action,
            changes=[change(*one) for one in event.changes if one[0] in fields],
            by=event.by,
        )
        for event in records.history.events_of(str(parent.id))
    ]
