"""The organisation that the simulation changes: a few modules, one of each sort."""

from __future__ import annotations

import functools
import pickle
from datetime import datetime, timezone
from typing import Any

from zohocrm_demo import Clock, DemoOrganisation, Organisation, RequestLimits, sample_organisation

BEGINNING = datetime(2026, 3, 1, 12, tzinfo=timezone.utc)
"""What the clocks of a seed show at first."""

PROBES = "Probes"
"""A custom module with fields of the usual types, which come and go."""

MODULES = (PROBES, "Leads", "Email_Analytics", "Sample_Readings", "Sensors_X_Partners")

UNTRACKED = frozenset({"Sample_Readings", "Sensors_X_Partners"})
"""Modules whose deletions leave no trace in Zoho's lists."""

UNCOUNTED = frozenset({"Sensors_X_Partners", "Email_Analytics"})
"""Modules that no query takes, so that nothing counts what was read of them."""

PROBE_FIELDS = """
Name|Name|text:120|mandatory display
Depth|Depth (m)|double:8
Serial|Serial|integer:9
Barcode|Barcode|bigint:18
Broken|Broken|boolean
Kind|Kind|picklist:Air;Soil;Water
Measures|Measures|multiselectpicklist:pH;Oxygen;Turbidity
Installed|Installed|date
Seen|Seen|datetime
Notes|Notes|textarea:large
Twin|Twin|lookup:Probes
+owned Probe
"""

_NEIGHBOURS = {
    "Leads": ("Accounts", "Contacts", "Deals"),
    "Sample_Readings": ("Water_Samples",),
    "Sensors_X_Partners": ("Sensors", "Partners"),
}
_LISTS = ("users", "profiles", "roles", "tags")


def simulated(
    organisation: Organisation, seed: int, server: Clock, limits: RequestLimits | None = None
) -> DemoOrganisation:
    """Return what answers for a seed's organisation, which no allowance of Zoho's bounds.

    Args:
        organisation: What is changed and read.
        seed: Makes credentials the same each time.
        server: The clock of Zoho.
        limits: Those of single calls, Zoho's unless given.
    """
    return DemoOrganisation(
        organisation,
        seed=seed,
        clock=server,
        daily_credits=1_000_000,
        mints_per_window=1_000,
        active_tokens=1_000,
        limits=limits,
    )


def new_organisation(*modules: str) -> Organisation:
    """Return a new organisation without records, with these modules and those that they need."""
    content: dict[str, Any] = pickle.loads(_pickled(*modules))  # noqa: S301 - our own values
    made = Organisation(company=content["company"])
    made.modules = content["modules"]
    made.fields = content["fields"]
    made.open_lookups = content["open_lookups"]
    made.layouts = content["layouts"]
    for name in _LISTS:
        made.put(name, content[name])
    return made


@functools.cache
def _sample() -> Organisation:
    sample = sample_organisation(sample="awkward")
    sample.schema.add_module(PROBES, "Probe/Probes", PROBE_FIELDS.strip())
    return sample


@functools.cache
def _pickled(*modules: str) -> bytes:
    sample = _sample()
    kept = {*modules, *(name for module in modules for name in _NEIGHBOURS.get(module, ()))}
    layouts = sample.layouts
    content = {
        "company": sample.company,
        "modules": [row for row in sample.modules if row["api_name"] in kept],
        "fields": {name: rows for name, rows in sample.fields.items() if name in kept},
        "open_lookups": sample.open_lookups,
        "layouts": {name: rows for name, rows in layouts.items() if name in kept},
        **{name: sample.content(name) for name in _LISTS},
    }
    return pickle.dumps(content)
