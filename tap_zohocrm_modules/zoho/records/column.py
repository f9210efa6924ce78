"""A column of converted values."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any


@dataclasses.dataclass(frozen=True, slots=True)
class Column:
    """A converted column.

    Attributes:
        values: The values: a sequence, or an Arrow array.
        mismatches: What is of another type, by the number of its row.
        ambiguous: The numbers of rows whose value another read path has to decide.
    """

    values: Any
    mismatches: Mapping[int, Any] = dataclasses.field(default_factory=dict)
    ambiguous: frozenset[int] = frozenset()
