# ruff: noqa: INP001 - a module of the DAGs folder
"""What the connections of Airflow say of Zoho CRM and of the warehouse.

A module without DAGs: one that had them would give them to each module that imports it.

Credentials come from two connections, or from the environment where there is no such connection:

    zoho_crm            login: client id, password: client secret, extra: other settings of the tap,
                        as {"refresh_token": "...", "data_center": "eu"}
    zoho_crm_warehouse  host, port, login, password, schema: the database, extra: other settings of
                        the loader
"""

from __future__ import annotations

import json
from typing import Any

from airflow.exceptions import AirflowNotFoundException
from airflow.sdk import Connection

TAP = "TAP_ZOHOCRM_MODULES_"
TARGET = "TARGET_POSTGRES_"


def credentials() -> dict[str, str]:
    """Return the settings that the connections hold, as environment variables."""
    settings: dict[str, Any] = {f"{TARGET}{k.upper()}": v for k, v in warehouse().items()}
    if zoho := connection("zoho_crm"):
        settings[f"{TAP}CLIENT_ID"] = zoho.login
        settings[f"{TAP}CLIENT_SECRET"] = zoho.password
        settings |= {f"{TAP}{key.upper()}": value for key, value in zoho.extra_dejson.items()}
    # Lists and such are JSON in the environment.
    return {
        name: value if isinstance(value, str) else json.dumps(value)
        for name, value in settings.items()
        if value not in (None, "")
    }


def warehouse() -> dict[str, Any]:
    """Return the loader's settings that the connection of the warehouse holds."""
    found = connection("zoho_crm_warehouse")
    if found is None:
        return {}
    settings = {
        "host": found.host,
        "port": found.port,
        "user": found.login,
        "password": found.password,
        "database": found.schema,
        **found.extra_dejson,
    }
    return {name: value for name, value in settings.items() if value not in (None, "")}


def connection(name: str) -> Connection | None:
    """Return the connection of this name, if there is one."""
    try:
        return Connection.get(name)
    except AirflowNotFoundException:
        return None
