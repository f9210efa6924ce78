"""Parts of a formula in SQL."""

from __future__ import annotations

from dataclasses import dataclass
from types import MappingProxyType

from zohocrm_atlas.formulas.functions import BOOLEAN, DATE, DATETIME, NUMBER, TEXT
from zohocrm_atlas.formulas.parser import Value

TIMES = frozenset({DATE, DATETIME})
_NAMES = MappingProxyType(
    {
        NUMBER: "a number",
        TEXT: "a text",
        BOOLEAN: "true or false",
        DATE: "a date",
        DATETIME: "a date-time",
    }
)


@dataclass(frozen=True)
class Piece:
    """A part of a formula in SQL.

    Attributes:
        type: number, text, boolean, date or datetime (a timestamp without zone, in UTC).
        empty: Whether it may be null.
        whole: Whether a number has no fraction.
        direct: Whether it is a field as it is.
        literal: The value of a literal.
    """

    sql: str
    type: str
    empty: bool = False
    whole: bool = False
    direct: bool = False
    literal: Value | None = None

    @property
    def count(self) -> int | None:
        """The value of a literal that is a whole number."""
        is_whole = isinstance(self.literal, int) and not isinstance(self.literal, bool)
        return int(self.literal or 0) if is_whole else None


def called(type_: str) -> str:
    """What a type is called in a sentence."""
    return _NAMES[type_]


def quoted(text: str, dialect: str) -> str:
    """A text as a literal."""
    if dialect == "bigquery":
        text = text.replace("'", "\\'").replace("\n", "\\n").replace("\r", "\\r")
    else:
        text = text.replace("'", "''")
    return f"'{text}'"
