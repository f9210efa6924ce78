"""The sample organisation, which tests only read."""

from __future__ import annotations

from typing import Any

from zohocrm_demo import sample_organisation

Row = dict[str, Any]
SAMPLE = sample_organisation()


def ids(rows: list[Row]) -> set[str]:
    return {row["id"] for row in rows}
