"""A Frictionless data package (https://datapackage.org): the model as CSV, for spreadsheets."""

from __future__ import annotations

import csv
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from pathlib import Path
from typing import Any

import msgspec

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.beside import read_beside
from zohocrm_atlas.formulas.twins import Twins
from zohocrm_atlas.kinds import kind_name
from zohocrm_atlas.standards.relational import Model

Rows = Iterable[Sequence[Any]]

_FILES = read_beside(__file__, dict[str, dict[str, str]])
"""The tables, and the types of their columns (`datapackage.json`)."""
_USAGE = "data/field_usage.csv"


def write_data_package(model: Model, formulas: Sequence[Twins], folder: Path) -> None:
    """Writes `datapackage.json` and the tables that it describes."""
    atlas = model.atlas
    snapshot = atlas.snapshot
    modules = _rows(
        "modules.csv",
        atlas.modules,
        kind=kind_name,
        fields=lambda each: len(atlas.fields(each.api_name)),
    )
    fields = _rows(
        "fields.csv",
        snapshot.fields,
        leads_to=lambda each: ", ".join(each.target),
        layouts=lambda each: ", ".join(atlas.layout_names.get(each.id, ())),
        personal_data=lambda each: ", ".join(each.pii),
    )
    ways = _rows(
        "relationships.csv",
        snapshot.relationships,
        from_module=lambda each: each.source,
        to_module=lambda each: each.target,
    )
    contents = {
        "modules.csv": modules,
        "fields.csv": fields,
        "picklist_values.csv": _rows("picklist_values.csv", snapshot.picklist_values),
        "relationships.csv": ways,
        "columns.csv": _columns(model),
        "formulas.csv": _formulas(formulas),
        _USAGE: _usage_rows(atlas),
    }
    resources = [_write(folder, name, rows) for name, rows in contents.items()]
    package = {
        "name": "zoho-crm-model",
        "title": f"Data dictionary of {atlas.name}",
        "created": atlas.snapshot.read_at,
        "resources": resources,
    }
    encoded = msgspec.json.format(msgspec.json.encode(package))
    (folder / "datapackage.json").write_bytes(encoded + b"\n")


def _rows(name: str, things: Iterable[Any], **columns: Callable[[Any], Any]) -> Rows:
    """A row for each of the things: its attributes, but for columns that are worked out."""
    for thing in things:
        yield [
            columns[title](thing) if title in columns else getattr(thing, title)
            for title in _FILES[name]
        ]


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
    _write_rows(path, "utf-8", _FILES[_USAGE], _usage_rows(atlas))


def _write(folder: Path, name: str, rows: Rows) -> dict[str, Any]:
    path, columns = folder / name, _FILES[name]
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
