"""The fields that a formula names, as columns of its module's staging model."""

from __future__ import annotations

import re
from types import MappingProxyType

from zohocrm_atlas.atlas import Atlas
from zohocrm_atlas.dbt_package.models import StagingColumn, StagingModel
from zohocrm_atlas.formulas.functions import BOOLEAN, DATE, DATETIME, NUMBER, TEXT
from zohocrm_atlas.formulas.parser import NotUnderstoodError
from zohocrm_atlas.formulas.pieces import Piece
from zohocrm_atlas.model.entities import Field

_RETURNED = MappingProxyType(
    {
        **dict.fromkeys(("double", "currency", "integer", "decimal", "percent", "number"), NUMBER),
        **dict.fromkeys(("text", "string"), TEXT),
        "boolean": BOOLEAN,
        "date": DATE,
        "datetime": DATETIME,
    }
)
_LOADED = MappingProxyType(
    {
        **dict.fromkeys(("integer", "number"), NUMBER),
        "boolean": BOOLEAN,
        "date": DATE,
        "timestamp": DATETIME,
        "string": TEXT,
    }
)
_TEXTS = frozenset(
    {"text", "textarea", "picklist", "email", "phone", "website", "autonumber", "formula"}
)


class Columns:
    """The columns of one module."""

    def __init__(self, atlas: Atlas, module: str, model: StagingModel) -> None:
        fields = atlas.fields(module)
        known = atlas.module(module)
        labels = [field.label for field in fields]
        self._prefixes = {module} | ({known.label, known.singular_label} if known else set())
        # An API name comes first; a label counts where it is one field's only.
        self._fields = {field.label: field for field in fields if labels.count(field.label) == 1}
        self._fields |= {field.api_name: field for field in fields}
        self._columns = {column.source: column for column in model.columns}

    def field(self, name: str) -> Field | None:
        """The field that a formula calls so: `Amount`, `Deals.Amount`; None if there is none."""
        prefix, _, rest = name.partition(".")
        return self._fields.get(rest if rest and prefix in self._prefixes else name)

    def is_loaded(self, field: Field) -> bool:
        """Whether its values are loaded."""
        return field.api_name in self._columns

    def name(self, field: Field) -> str:
        """What its column is called, or would be."""
        column = self._columns.get(field.api_name)
        if column:
            return column.name
        return re.sub(r"[^a-z0-9]+", "_", f"formula_{field.api_name}".lower())

    def piece(self, name: str) -> Piece:
        """The column of a field.

        Raises:
            NotUnderstoodError: There is no such field, or its column does not hold its values.
        """
        field = self.field(name)
        if field is None:
            raise NotUnderstoodError(f"${{{name}}} is not a field of this module")
        column = self._columns.get(field.api_name)
        if column is None:
            raise NotUnderstoodError(f"{field.api_name} is not loaded")
        return Piece(f"record.{column.name}", _type(field, column), whole=column.type == "integer")


def type_returned(returns: str) -> str:
    """The type of a formula that returns this.

    Raises:
        NotUnderstoodError: There is none.
    """
    found = _RETURNED.get(returns)
    if found is None:
        raise NotUnderstoodError(f"it returns {returns or 'nothing'}")
    return found


def _type(field: Field, column: StagingColumn) -> str:
    found = _LOADED.get(column.type)
    if found is None or (found == TEXT and field.data_type not in _TEXTS):
        raise NotUnderstoodError(
            f"{field.api_name} is {field.data_type}, which is loaded as {column.type}"
        )
    return found
