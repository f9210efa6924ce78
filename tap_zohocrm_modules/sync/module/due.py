"""What is due by the calendar: second reads of whole modules, and sweeps."""

from __future__ import annotations

from datetime import datetime, timedelta

from tap_zohocrm_modules.sync.module.columns import Selection
from tap_zohocrm_modules.sync.state import ModuleState, Reload


def reload_for(
    state: ModuleState, selection: Selection, cutoff: datetime, *, due: bool
) -> Reload | None:
    """Return the second read of a whole module that goes on, or begins if due; None for none."""
    if state.reload is not None and selection.is_of(state.reload.selection):
        return state.reload
    # One of other columns begins anew: what it was for is not all read.
    return Reload(cutoff=cutoff, selection=selection.now) if due or state.reload else None


def is_due(last: datetime | None, days: int | None, cutoff: datetime) -> bool:
    """Whether what happens every so many days is due; never without a number of days."""
    return days is not None and (last is None or last + timedelta(days=days) <= cutoff)
