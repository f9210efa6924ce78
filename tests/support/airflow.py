"""What docs/airflow.md says of Airflow's connections."""

from __future__ import annotations

import json
import re
from typing import Any

from pipelines.conftest import ROOT


def documented(variable: str) -> dict[str, Any]:
    """The connection that docs/airflow.md has for an example."""
    page = (ROOT / "docs" / "airflow.md").read_text("utf-8")
    found = re.search(rf"{variable}='(.+?)'", page, re.DOTALL)
    assert found
    connection: dict[str, Any] = json.loads(found[1])
    return connection
