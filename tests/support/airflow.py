"""The examples for Airflow, and what docs/airflow.md says of its connections."""

from __future__ import annotations

import importlib.util
import json
import re
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from pipelines.conftest import ROOT

from support.process import TAP
from zohocrm_demo import DemoOrganisation

PATIENCE = 900
"""Seconds, on a machine that others use too."""


def example(name: str) -> Any:
    """A module of `examples/airflow`, imported anew."""
    spec = importlib.util.spec_from_file_location(
        name, ROOT / "examples" / "airflow" / f"{name}.py"
    )
    assert spec
    assert spec.loader
    found = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(found)
    return found


def documented(variable: str) -> dict[str, Any]:
    """The connection that docs/airflow.md has for an example."""
    page = (ROOT / "docs" / "airflow.md").read_text("utf-8")
    found = re.search(rf"{variable}='(.+?)'", page, re.DOTALL)
    assert found
    connection: dict[str, Any] = json.loads(found[1])
    return connection


def settings(
    organisation: DemoOrganisation,
    loader: Path,
    warehouse: Mapping[str, Any],
    make_folder: Callable[[str], Path],
) -> dict[str, str]:
    """What docs/airflow.md asks for in Airflow's environment, for the workers' DAG.

    Args:
        organisation: Where Zoho is.
        loader: The loader's program.
        warehouse: What the connection of the warehouse has beside what the page says.
        make_folder: Makes a folder.
    """
    zoho = documented("AIRFLOW_CONN_ZOHO_CRM")
    zoho |= {"login": organisation.client_id, "password": organisation.client_secret}
    zoho["extra"] = {
        "refresh_token": organisation.refresh_token,
        "accounts_url": organisation.accounts_url,
        # Many calls and few rows: what takes time is Zoho, not this machine's processors.
        "read_path": "rest",
    }
    connection = documented("AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE") | dict(warehouse)
    return {
        "AIRFLOW_HOME": str(make_folder("airflow-home")),
        "AIRFLOW__CORE__LOAD_EXAMPLES": "False",
        "AIRFLOW__CORE__DAGS_FOLDER": str(ROOT / "examples" / "airflow"),
        "AIRFLOW_CONN_ZOHO_CRM": json.dumps(zoho),
        "AIRFLOW_CONN_ZOHO_CRM_WAREHOUSE": json.dumps(connection),
        "ZOHO_CRM_TAP": str(TAP),
        "ZOHO_CRM_TARGET": str(loader),
        "ZOHO_CRM_STATE": make_folder("state").as_uri(),
        "ZOHO_CRM_TOKEN_CACHE": str(make_folder("tokens")),
    }
