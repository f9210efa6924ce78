"""A data contract of the tables as loaded, in the Open Data Contract Standard 3.1.

Source: https://bitol-io.github.io/open-data-contract-standard/v3.1.0/
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime
from types import MappingProxyType
from typing import Any

import yaml

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.model.usage import TableUsage
from zohocrm_atlas.standards.relational import Column, Model, Table

_LOGICAL = MappingProxyType({"json": "object", "strings": "array"})
_STAMP = "Modified_Time"
_GRACE = 14
"""Days without a change after which a table counts as stale."""


def contract(model: Model) -> Iterator[str]:
    """The pieces of `contract.yaml`, one for each table: whole, it takes much memory."""
    atlas, loaded = model.atlas, model.tables
    number = atlas.snapshot.organisation.get("Id") or "organisation"
    yield _text(
        {
            "apiVersion": "v3.1.0",
            "kind": "DataContract",
            "id": f"zoho-crm-{number}",
            "name": f"Zoho CRM of {atlas.name}",
            "version": atlas.snapshot.read_at[:10].replace("-", "."),
            "status": "active",
            "description": {
                "purpose": "What Zoho CRM holds, as tap-zohocrm-modules loads it.",
                "limitations": "A row with _sdc_deleted_at is a record that Zoho has deleted.",
            },
            "servers": [
                {"server": "warehouse", "type": atlas.dialect.name, **atlas.dialect.server}
            ],
        }
    )
    if loaded:
        yield "schema:\n"
    for table in loaded:
        yield _text([_table(atlas, table)])
    if fresh := [each for table in loaded for each in _freshness(atlas, table)]:
        yield _text({"slaProperties": fresh})


def _text(value: Any) -> str:
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    return str(yaml.dump(value, Dumper=dumper, sort_keys=False, allow_unicode=True, width=100))


def _table(atlas: Atlas, table: Table) -> dict[str, Any]:
    usage = atlas.snapshot.usage.get(table.name)
    quality = []
    if usage and usage.records:
        at_least = usage.records // 2
        words = f"At least half of the {usage.records:,} records that were counted."
        bound = {"mustBeGreaterOrEqualTo": at_least, "description": words}
        quality.append({"type": "library", "metric": "rowCount", **bound})
    found = {
        "name": table.name,
        "physicalName": _spelled(atlas, table.name),
        "physicalType": "table",
        "description": table.comment,
        "properties": [_property(atlas, table, column, usage) for column in table.columns],
        "quality": quality,
    }
    return {key: value for key, value in found.items() if value not in ("", [])}


def _property(
    atlas: Atlas, table: Table, column: Column, usage: TableUsage | None
) -> dict[str, Any]:
    is_key = column.name in table.keys
    found = {
        "name": column.name,
        "physicalName": _spelled(atlas, column.name),
        "logicalType": _LOGICAL.get(column.kind, column.kind),
        "physicalType": column.type,
        "description": column.comment,
        "primaryKey": is_key or None,
        "primaryKeyPosition": table.keys.index(column.name) + 1 if is_key else None,
        "required": is_key,
        "classification": _classification(column),
        "tags": list(column.field.pii) if column.field else [],
        "quality": list(_choices(atlas, column, usage)),
    }
    return {key: value for key, value in found.items() if value not in ("", None, [])}


def _choices(atlas: Atlas, column: Column, usage: TableUsage | None) -> Iterator[dict[str, Any]]:
    """A picklist has no other values than it offers or has offered."""
    field = column.field
    offered = atlas.values(field.id) if field and field.data_type == "picklist" else ()
    values = sorted({word for each in offered for word in (each.label, each.value) if word})
    if not values or column.kind != "string":
        return
    one = usage.by_column.get(column.name) if usage else None
    yield {
        "type": "library",
        "metric": "invalidValues",
        "arguments": {"validValues": values},
        # Zoho keeps in records what a picklist has never told of; there were so many.
        "mustBeLessOrEqualTo": one.outside if one else 0,
        "description": "Values that the picklist offers or has offered.",
    }


def _freshness(atlas: Atlas, table: Table) -> Iterator[dict[str, Any]]:
    usage = atlas.snapshot.usage.get(table.name)
    stamp = usage.by_column.get(_STAMP) if usage else None
    if stamp is None or not stamp.newest:
        return
    newest, read_at = (
        datetime.fromisoformat(each.replace("Z", "+00:00"))
        for each in (stamp.newest, atlas.snapshot.read_at)
    )
    yield {
        "property": "freshness",
        "value": max(0, (read_at - newest).days) + _GRACE,
        "unit": "d",
        "element": f"{table.name}.{_STAMP}",
        "description": f"{_GRACE} days more than the newest record was old when it was counted.",
    }


def _classification(column: Column) -> str:
    marks = column.field.pii if column.field else ()
    if any(word in mark for mark in marks for word in ("HIPAA", "encrypted", "High")):
        return "restricted"
    return "confidential" if marks else ""


def _spelled(atlas: Atlas, name: str) -> str:
    return name.upper() if atlas.dialect.upper else name
