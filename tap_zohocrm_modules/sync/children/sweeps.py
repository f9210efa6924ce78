"""When all records are read again, and for how long the budget may put that off."""

from __future__ import annotations

import logging
from datetime import datetime, timedelta

from tap_zohocrm_modules.sync.state import ChildState, Walk
from tap_zohocrm_modules.zoho.transport.errors import ZohoError
from tap_zohocrm_modules.zoho.transport.instants import rfc3339

logger = logging.getLogger(__name__)


def is_due(state: ChildState, days: int | None, cutoff: datetime) -> bool:
    """Whether `child_sweep_days` have passed since the last sweep."""
    return days is not None and (state.swept is None or _days(state.swept, cutoff) >= days)


def sweeps(state: ChildState, days: int | None, cutoff: datetime) -> bool:
    """Whether a run resumes a sweep or begins one."""
    return is_due(state, days, cutoff) if state.walk is None else state.walk.is_sweep


def put_off(stream: str, walk: Walk, days: int | None, cutoff: datetime) -> None:
    """Say that a sweep goes on in the next run.

    Raises:
        ZohoError: it has been put off for too long.
    """
    if _days(walk.cutoff, cutoff) >= 2 * (days or 0):
        raise ZohoError(
            f"The sweep of {rfc3339(walk.cutoff)} is overdue: the credit budget leaves it too"
            " little. Raise credit_budget or child_sweep_days; the next run continues it."
        )
    logger.info("%s: the sweep goes on in the next run, with its budget.", stream)


def _days(begin: datetime, end: datetime) -> float:
    return (end - begin) / timedelta(days=1)
