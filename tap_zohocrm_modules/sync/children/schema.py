"""The schema of a list of children."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from tap_zohocrm_modules.definitions import load_child_schema
from tap_zohocrm_modules.sync.children.lists import ParentModule
from tap_zohocrm_modules.sync.rows.column import column
from tap_zohocrm_modules.zoho.records.model import ADDITIONAL_PROPERTIES, DELETED_AT


def child_schema(parents: ParentModule, *, tombstones: bool) -> Mapping[str, Any]:
    """Return the schema of a list's rows; with tombstones, those that left come, too."""
    children = parents.children
    schema = load_child_schema(children.kind.name)
    columns = dict(children.columns)
    rest = columns.pop(ADDITIONAL_PROPERTIES)
    if tombstones:
        columns[DELETED_AT] = column(
            "string", "When the row was found to have left its record.", format="date-time"
        )
    return {**schema, "properties": {**columns, ADDITIONAL_PROPERTIES: rest}}
