"""How each loader's database spells names and types."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

_KINDS = (
    "string",
    "integer",
    "number",
    "boolean",
    "timestamp",
    "date",
    "time",
    "json",
    "strings",
    "array",
)


@dataclass(frozen=True)
class Dialect:
    """A database, as its loader fills it.

    Attributes:
        types: For each kind of column: the type that the loader gives it.
        quote: What stands around a name.
        upper: Whether names are in capitals.
        plain_types: Where a type has a name that other databases know too, that name.
    """

    name: str
    title: str
    types: Mapping[str, str]
    quote: str = '"'
    upper: bool = False
    plain_types: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))

    def identifier(self, name: str) -> str:
        """The name of a table or column, in quotes."""
        spelt = name.upper() if self.upper else name
        return f"{self.quote}{spelt.replace(self.quote, self.quote * 2)}{self.quote}"

    def type_of(self, kind: str, *, plain: bool = False) -> str:
        """The type of a column of this kind."""
        found = self.types[kind]
        return self.plain_types.get(found, found) if plain else found


def _dialect(name: str, title: str, types: str, **more: str | bool | Mapping[str, str]) -> Dialect:
    several = dict(zip(_KINDS, types.split("|"), strict=True))
    return Dialect(name, title, MappingProxyType(several), **more)  # type: ignore[arg-type]


DIALECTS: Mapping[str, Dialect] = MappingProxyType(
    {
        each.name: each
        for each in (
            _dialect(
                "duckdb",
                "DuckDB",
                "VARCHAR|BIGINT|DOUBLE|BOOLEAN|TIMESTAMP WITH TIME ZONE|DATE|TIME|JSON|JSON|JSON",
                plain_types={"TIMESTAMP WITH TIME ZONE": "timestamptz", "DOUBLE": "float8"},
            ),
            _dialect(
                "postgres",
                "PostgreSQL",
                "text|bigint|numeric|boolean|timestamp|date|time|jsonb|text[]|jsonb[]",
            ),
            _dialect(
                "snowflake",
                "Snowflake",
                "VARCHAR|NUMBER(38,0)|FLOAT|BOOLEAN|TIMESTAMP_NTZ|DATE|TIME|VARIANT|VARIANT|VARIANT",
                upper=True,
            ),
            _dialect(
                "bigquery",
                "BigQuery",
                "STRING|INT64|FLOAT64|BOOL|TIMESTAMP|DATE|TIME|JSON|ARRAY<STRING>|ARRAY<JSON>",
                quote="`",
            ),
        )
    }
)
"""The loaders that the setting `loader` may name."""
