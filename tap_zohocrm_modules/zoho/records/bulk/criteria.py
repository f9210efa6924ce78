"""Which records a bulk job exports.

https://www.zoho.com/crm/developer/docs/api/v8/bulk-read/create-job.html
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from tap_zohocrm_modules.zoho.records.reading import CONVERTED, Source, Window
from tap_zohocrm_modules.zoho.transport.instants import zoho_literal


def criteria(source: Source, window: Window) -> dict[str, Any] | None:
    """Return the criteria of a window's records; None for all records."""
    conditions: list[dict[str, Any]] = []
    if window.since is not None:
        since = _condition("Modified_Time", "greater_equal", zoho_literal(window.since))
        none = _condition("Modified_Time", "equal", "${EMPTY}")
        conditions.append(_group("or", [since, none]) if window.unstamped else since)
        if not window.unstamped:
            until = zoho_literal(window.until)
            conditions.append(_condition("Modified_Time", "less_than", until))
    if any(field.api_name == CONVERTED for field in source.module.fields):
        # Jobs that do not speak of conversion may leave converted leads out.
        states = [_condition(CONVERTED, "equal", value) for value in ("true", "false")]
        conditions.append(_group("or", states))
    if len(conditions) > 1:
        return _group("and", conditions)
    return conditions[0] if conditions else None


def _condition(api_name: str, comparator: str, value: str) -> dict[str, Any]:
    return {"field": {"api_name": api_name}, "comparator": comparator, "value": value}


def _group(operator: str, conditions: Sequence[dict[str, Any]]) -> dict[str, Any]:
    return {"group_operator": operator, "group": list(conditions)}
