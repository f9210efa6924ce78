"""The staging models of an organisation's records: their names, columns and tests."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.intake.collector import KNOWN_STREAMS
from zohocrm_atlas.model.entities import Field, Module

METADATA = {
    "modules": "One row per module.",
    "fields": "One row per field of a module.",
    "picklist_values": "One row per value of a picklist field.",
    "relationships": "One row per way from a module to another.",
    "layouts": "One row per layout of a module.",
    "profiles": "One row per profile.",
    "users": "One row per user.",
    "roles": "One row per role.",
}
"""The streams that have staging models in each package."""
_DERIVED = ("profile_permissions", "field_permissions")
_WORD = re.compile(r"[A-Za-z0-9_]+")
_RESERVED = frozenset(Path(__file__).with_name("reserved_words.txt").read_text("utf-8").split())
_TYPES = {
    "integer": "integer",
    "bigint": "string",
    "long": "integer",
    "double": "number",
    "currency": "number",
    "percent": "number",
    "boolean": "boolean",
    "datetime": "timestamp",
    "date": "date",
}
_LONGEST = 45
_CHOICES = 250


@dataclass(frozen=True)
class StagingColumn:
    """A column of a staging model.

    Attributes:
        source: What Zoho calls it.
        name: What it is called here.
        type: One of the types of the macro `zohocrm_null`.
        parent: The model that it leads to; empty if none.
        values: What the picklist offers or has offered.
        target: API name of the module that it leads to.
    """

    source: str
    name: str
    type: str
    description: str
    target: str = ""
    values: Sequence[str] = ()
    parent: str = ""


@dataclass(frozen=True)
class StagingModel:
    """The staging model of a module's records; `table` is the name of their stream."""

    name: str
    table: str
    module: Module
    columns: Sequence[StagingColumn]


def staging_models(atlas: Atlas) -> list[StagingModel]:
    """A model for each module whose records the API serves.

    Names with other signs than letters, digits and underscores are left out: Zoho makes none, and
    they would be code in dbt's files.
    """
    models = []
    # The tap sets streams of records apart from others that are called alike but for case.
    streams = {name.lower() for name in KNOWN_STREAMS}
    taken = {f"stg_zohocrm__{name}" for name in (*METADATA, *_DERIVED)}
    for module in atlas.modules:
        if module.api_supported and atlas.fields(module.api_name) and _is_word(module.api_name):
            alike = module.api_name.lower() in streams
            table = f"{module.api_name}_records" if alike else module.api_name
            name = _free(f"stg_zohocrm__{_snake(table)[:_LONGEST]}", taken)
            models.append(StagingModel(name, table, module, list(_columns(atlas, module))))
    return _with_parents(models)


def plain(words: str) -> str:
    """The words, with nothing in them that dbt would run as a template."""
    return re.sub(r"\{(?=[{%#])", "{ ", words)


def _columns(atlas: Atlas, module: Module) -> Iterator[StagingColumn]:
    taken = {"id"}
    yield StagingColumn("id", "id", "string", "Zoho's id of the record.")
    for field in atlas.fields(module.api_name):
        if field.api_name.lower() != "id" and _is_word(field.api_name):
            one = field.data_type == "lookup" and len(field.target) == 1
            parts = (field.label, field.description, *field.pii)
            yield StagingColumn(
                field.api_name,
                _free(_snake(field.api_name)[:_LONGEST], taken),
                _TYPES.get(field.data_type, "string"),
                plain(". ".join(part for part in parts if part)),
                target=field.target[0] if one else "",
                values=_values(atlas, field),
            )


def _values(atlas: Atlas, field: Field) -> Sequence[str]:
    offered = atlas.values(field.id) if field.data_type == "picklist" else ()
    values = sorted({word for each in offered for word in (each.label, each.value) if word})
    # dbt would run what looks like a template.
    testable = len(values) <= _CHOICES and all(plain(value) == value for value in values)
    return values if testable else ()


def _with_parents(models: Sequence[StagingModel]) -> list[StagingModel]:
    names = {model.module.api_name: model.name for model in models}
    return [
        dataclasses.replace(
            model,
            columns=[
                dataclasses.replace(column, parent=names.get(column.target, ""))
                for column in model.columns
            ],
        )
        for model in models
    ]


def _is_word(name: str) -> bool:
    return _WORD.fullmatch(name) is not None


def _snake(name: str) -> str:
    words = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name)
    snake = re.sub(r"_+", "_", words).strip("_").lower() or "unnamed"
    return f"{snake}_" if snake in _RESERVED else snake if snake[0].isalpha() else f"n_{snake}"


def _free(name: str, taken: set[str]) -> str:
    free, count = name, 1
    while free in taken:
        count += 1
        free = f"{name}_{count}"
    taken.add(free)
    return free
