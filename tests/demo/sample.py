"""The sample organisation, which tests only read."""

from __future__ import annotations

from typing import Any

from support.sample import awkward_sample

Row = dict[str, Any]
SAMPLE = awkward_sample()


def ids(rows: list[Row]) -> set[str]:
    return {row["id"] for row in rows}
