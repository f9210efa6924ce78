"""A Frictionless data package (https://datapackage.org): the model as CSV, for spreadsheets."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zohocrm_atlas.atlas import Atlas, kind_name
from zohocrm_atlas.formulas.twins import Twins
from zohocrm_atlas.standards.relational import Model

Rows = Iterable[Sequence[Any]]

_MODULES = {
    "api_name": "string",
    "label": "string",
    "kind": "string",
    "status": "string",
    "api_supported": "boolean",
    "fields": "integer",
    "modified_time": "string",
    "id": "string",
}
_FIELDS = {
    "module": "string",
    "api_name": "string",
    "label": "string",
    "data_type": "string",
    "length": "integer",
    "required": "boolean",
    "unique": "boolean",
    "custom": "boolean",
    "leads_to": "string",
    "formula": "string",
    "description": "string",
    "layouts": "string",
    "personal_data": "string",
    "id": "string",
}
_VALUES = {
    "module": "string",
    "field": "string",
    "label": "string",
    "value": "string",
    "colour": "string",
    "position": "integer",
    "in_use": "boolean",
}
_RELATIONSHIPS = {
    "from_module": "string",
    "field": "string",
    "to_module": "string",
    "kind": "string",
    "label": "string",
}
_COLUMNS = {
    "table": "string",
    "column": "string",
    "type": "string",
    "key": "boolean",
    "field": "string",
    "leads_to": "string",
    "description": "string",
}

_USAGE = {
    "table_name": "string",
    "column_name": "string",
    "records": "integer",
    "filled": "integer",
    "filled_percent": "number",
    "distinct_values": "integer",
    "more_values": "boolean",
    "newest": "string",
    "oldest": "string",
    "outside_picklist": "integer",
    "lead_nowhere": "integer",
    "counted_at": "string",
}
_FORMULAS = dict.fromkeys(("module", "field", "formula", "model", "column", "left_out"), "string")


def write_data_package(model: Model, formulas: Sequence[Twins], folder: Path) -> None:
    """Writes `datapackage.json` and the tables that it describes."""
    atlas = model.atlas
    resources = [
        _write(folder, "modules.csv", _MODULES, _modules(atlas)),
        _write(folder, "fields.csv", _FIELDS, _fields(atlas)),
        _write(folder, "picklist_values.csv", _VALUES, _values(atlas)),
        _write(folder, "relationships.csv", _RELATIONSHIPS, _relationships(atlas)),
        _write(folder, "columns.csv", _COLUMNS, _columns(model)),
        _write(folder, "formulas.csv", _FORMULAS, _formulas(formulas)),
        _write(folder, "data/field_usage.csv", _USAGE, _usage_rows(atlas)),
    ]
    package = {
        "name": "zoho-crm-model",
        "title": f"Data dictionary of {atlas.name}",
        "created": atlas.snapshot.read_at,
        "resources": resources,
    }
    encoded = msgspec.json.format(msgspec.json.encode(package))
    (folder / "datapackage.json").write_bytes(encoded + b"\n")


def _modules(atlas: Atlas) -> Rows:
    for module in atlas.modules:
        yield (
            module.api_name,
            module.label,
            kind_name(module),
            module.status,
            module.api_supported,
            len(atlas.fields(module.api_name)),
            module.modified_time,
            module.id,
        )


def _fields(atlas: Atlas) -> Rows:
    for field in atlas.snapshot.fields:
        yield (
            field.module,
            field.api_name,
            field.label,
            field.data_type,
            field.length,
            field.required,
            field.unique,
            field.custom,
            ", ".join(field.target),
            field.formula,
            field.description,
            ", ".join(atlas.layout_names.get(field.id, ())),
            ", ".join(field.pii),
            field.id,
        )


def _values(atlas: Atlas) -> Rows:
    for value in atlas.snapshot.picklist_values:
        yield (
            value.module,
            value.field,
            value.label,
            value.value,
            value.colour,
            value.position,
            value.in_use,
        )


def _relationships(atlas: Atlas) -> Rows:
    for each in atlas.snapshot.relationships:
        yield each.source, each.field, each.target, each.kind, each.label


def _columns(model: Model) -> Rows:
    """What is loaded, and where it leads."""
    targets: defaultdict[tuple[str, str], list[str]] = defaultdict(list)
    for each in model.references:
        targets[each.table, each.column].append(each.parent)
    for table in model.tables:
        for column in table.columns:
            yield (
                table.name,
                column.name,
                column.type,
                column.name in table.keys,
                column.field.label if column.field else "",
                ", ".join(targets.get((table.name, column.name), ())),
                column.comment,
            )


def _usage_rows(atlas: Atlas) -> Rows:
    """How full the columns are, of all tables whose records have been counted."""
    for table, usage in sorted(atlas.snapshot.usage.items()):
        for each in usage.fields:
            yield (
                table,
                each.column,
                usage.records,
                each.filled,
                round(100 * usage.share(each), 2),
                each.distinct,
                each.many if each.distinct is not None else None,
                each.newest,
                each.oldest,
                each.outside,
                each.astray,
                usage.read_at,
            )


def _formulas(formulas: Sequence[Twins]) -> Rows:
    """Which formulas and roll-ups are in the dbt package, and why the others are not."""
    for twins in formulas:
        for twin in twins.twins:
            field = twin.field
            yield field.module, field.api_name, field.formula, twins.name, twin.name, ""
        for field, why in twins.left_out:
            yield field.module, field.api_name, field.formula, "", "", why


def write_usage(atlas: Atlas, path: Path) -> None:
    """Writes how full the columns are as a plain CSV file."""
    _write_rows(path, "utf-8", _USAGE, _usage_rows(atlas))


def _write(folder: Path, name: str, columns: Mapping[str, str], rows: Rows) -> dict[str, Any]:
    path = folder / name
    path.parent.mkdir(exist_ok=True)
    # A mark of its encoding at the start is what makes spreadsheets read the file as UTF-8.
    _write_rows(path, "utf-8-sig", columns, rows)
    return {
        "name": path.stem.replace("_", "-"),
        "path": name,
        "format": "csv",
        "mediatype": "text/csv",
        "encoding": "utf-8",
        "profile": "tabular-data-resource",
        "schema": {
            "fields": [{"name": name, "type": type_} for name, type_ in columns.items()],
            "missingValues": [""],
        },
    }


def _write_rows(path: Path, encoding: str, columns: Iterable[str], rows: Rows) -> None:
    with path.open("w", encoding=encoding, newline="") as file:
        writer = csv.writer(file)
        writer.writerow(columns)
        writer.writerows([_cell(value) for value in row] for row in rows)


def _cell(value: Any) -> Any:
    if isinstance(value, bool):
        return "true" if value else "false"
    # A spreadsheet would run what begins like a formula.
    if isinstance(value, str) and value[:1] in {"=", "+", "-", "@", "\t", "\r"}:
        return f"'{value}"
    return value
