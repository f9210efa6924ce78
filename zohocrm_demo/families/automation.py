"""What leads records from step to step: blueprints, connected workflows, thresholds.

Sources: https://www.zoho.com/crm/developer/docs/api/v8/blueprints.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-connected-workflows.html,
https://www.zoho.com/crm/developer/docs/api/v8/get-assignment-threshold.html
"""

from __future__ import annotations

from typing import Any

from zohocrm_demo.calls import Context
from zohocrm_demo.families.rows import content_named, rows_named, without
from zohocrm_demo.organisation.data_files import read_file
from zohocrm_demo.organisation.references import Row

_INCLUDED = {"states": "state", "transitions": "transition"}
_ALL = "all"


def blueprints(context: Context) -> list[Row]:
    """All blueprints, each with what `include` asks for."""
    asked = context.params.get("include", "").split(",")
    hidden = [key for key, word in _INCLUDED.items() if word not in asked]
    return [without(row, hidden) for row in rows_named(context, "blueprints")]


def states(context: Context) -> list[Row]:
    """The states of the blueprint in the path."""
    found: list[Row] = context.known["blueprint"]["states"]
    return found


def transitions(context: Context) -> list[Row]:
    """The transitions of all blueprints."""
    return [row for one in rows_named(context, "blueprints") for row in one["transitions"]]


def blueprint_limits(context: Context) -> Any:
    """How many blueprints there are and may be, and whose the caller looked at last."""
    rows = rows_named(context, "blueprints")
    limits = read_file("module_settings.yaml")["blueprint_limits"]
    return {
        **limits,
        "total_blueprint_configured": len(rows),
        "active_blueprint_configured": sum(row["status"] == "active" for row in rows),
        "last_seen_module": rows[-1]["module"] if rows else None,
    }


def connected_limits(context: Context) -> Any:
    """What connected workflows are limited to."""
    del context
    return read_file("module_settings.yaml")["connected_workflow_limits"]


def connected_rules(context: Context) -> list[Row]:
    """The rules of the connected workflow in the path, of one module or all."""
    rows: list[Row] = content_named(context, "connected_workflow_rules") or []
    name = context.module_name
    return [row for row in rows if name is None or row["module"]["api_name"] == name]


def has_status(context: Context, row: Row, status: str) -> bool:
    """Whether a threshold is in a status, or in any."""
    del context
    return status in {_ALL, row["status"]}


def modules_with_thresholds(context: Context) -> list[Row]:
    """The modules that have an active threshold, a row each."""
    rows = rows_named(context, "assignment_thresholds")
    return [{"module": row["module"]} for row in rows if row["status"] == "active"]
