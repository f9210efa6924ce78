"""Columns that come and go: what is loaded, compared with what Zoho has and the user selects."""

from __future__ import annotations

import dataclasses
from collections.abc import Iterable, Mapping
from datetime import datetime, timedelta

from tap_zohocrm_modules.sync.state import ModuleState, Reload
from tap_zohocrm_modules.zoho.records.model import RecordField, RecordModule

VOLATILE_TYPES = frozenset({"formula", "rollup_summary"})
"""Data types whose values change without a change of the record's `Modified_Time`.

https://www.zoho.com/crm/developer/docs/api/v8/field-meta.html
"""


@dataclasses.dataclass(frozen=True, slots=True)
class ColumnChanges:
    """How the columns of a module differ from those that are loaded.

    Attributes:
        loaded: The selected columns that are loaded for every record, with the ids of the fields.
        new: The selected columns that are not.
        vanished: The loaded columns whose fields Zoho has no more, or hides.
        renamed: The loaded columns whose fields have another API name now, and that name.
    """

    loaded: Mapping[str, str]
    new: tuple[str, ...]
    vanished: tuple[str, ...]
    renamed: Mapping[str, str]


def columns_of(fields: Iterable[RecordField]) -> dict[str, str]:
    """Return the API names of fields, with Zoho's id of each; empty where it has none."""
    return {field.api_name: field.field_id for field in fields}


def compare(
    before: Mapping[str, str] | None, wanted: Mapping[str, str], module: RecordModule
) -> ColumnChanges:
    """Return how the columns have changed.

    Args:
        before: The columns that are loaded; None where that is not known, which counts as all.
        wanted: The selected columns.
        module: The module as it is now.
    """
    if before is None:
        return ColumnChanges(wanted, (), (), {})
    now = columns_of(module.fields)
    names = {field_id: name for name, field_id in now.items() if field_id}
    gone = {name: field_id for name, field_id in before.items() if name not in now}
    loaded = {name: field_id for name, field_id in wanted.items() if before.get(name) == field_id}
    return ColumnChanges(
        loaded=loaded,
        new=tuple(name for name in wanted if name not in loaded),
        vanished=tuple(name for name, field_id in gone.items() if field_id not in names),
        renamed={name: names[field_id] for name, field_id in gone.items() if field_id in names},
    )


def volatile(fields: Iterable[RecordField]) -> list[str]:
    """Return the fields whose values change without a change of `Modified_Time`."""
    return [field.api_name for field in fields if field.data_type in VOLATILE_TYPES]


def is_due(last: datetime | None, days: int | None, cutoff: datetime) -> bool:
    """Whether what happens every so many days is due; never without a number of days."""
    return days is not None and (last is None or last + timedelta(days=days) <= cutoff)


def reload_for(state: ModuleState, selection: str, cutoff: datetime, *, due: bool) -> Reload | None:
    """Return the second read of a whole module that goes on or begins, None if there is none.

    Args:
        state: The module's part of STATE.
        selection: A digest of what is to be read.
        cutoff: The run's cutoff.
        due: Whether there is a reason to begin one.
    """
    if state.reload is not None and state.reload.selection == selection:
        return state.reload
    return Reload(cutoff=cutoff, selection=selection) if due else None
