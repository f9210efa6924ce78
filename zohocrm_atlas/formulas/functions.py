"""What each function of a formula takes, returns and is in SQL: `functions.yaml`, read."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

NUMBER, TEXT, BOOLEAN, DATE, DATETIME = "number", "text", "boolean", "date", "datetime"


@dataclass(frozen=True)
class Function:
    """A function.

    Attributes:
        takes: Types of its arguments; `local` is a date or date-time in the organisation's zone.
        repeats: Whether the last type may come again.
        returns: Type of its result.
        whole: `always`, `same` (if its arguments are) or empty: whether its result is whole.
        empty: Whether its result may be empty though its arguments are not.
        infix: What stands between its arguments; empty if it has SQL of its own.
        sql: Its SQL by dialect.
    """

    takes: tuple[str, ...]
    repeats: bool
    returns: str
    whole: str
    empty: bool
    infix: str
    sql: Mapping[str, str]


@dataclass(frozen=True)
class Functions:
    """All of them.

    Attributes:
        left_open: What Zoho's pages leave open, by function.
        pieces: What else SQL is made from, by name and dialect.
    """

    known: Mapping[str, Function]
    left_open: Mapping[str, str]
    pieces: Mapping[str, Mapping[str, str]]

    def piece(self, name: str, dialect: str, *values: str) -> str:
        """A piece of SQL with these values in it."""
        return self.pieces[name][dialect].format(*values)


@cache
def functions() -> Functions:
    """What the file says."""
    content = yaml.safe_load(Path(__file__).with_name("functions.yaml").read_text("utf-8"))
    pieces = content["pieces"]
    known = {name: _function(each, pieces) for name, each in content["functions"].items()}
    return Functions(known, content["open"], pieces)


def _function(content: Mapping[str, Any], pieces: Mapping[str, Any]) -> Function:
    takes = tuple(each.removesuffix("*") for each in content["takes"])
    sql = content.get("sql", "")
    by_dialect = {
        dialect: (sql if isinstance(sql, str) else sql[dialect]).replace("{double}", double)
        for dialect, double in pieces["double"].items()
    }
    return Function(
        takes,
        repeats=bool(takes) and content["takes"][-1].endswith("*"),
        returns=content["returns"],
        whole=content.get("whole", ""),
        empty=content.get("empty", False),
        infix=content.get("infix", ""),
        sql=by_dialect,
    )
