"""The fewest scopes that a choice of streams needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS
from tap_zohocrm_modules.zoho.metadata.scopes import scopes_of
from tap_zohocrm_modules.zoho.records.read_paths import READ_PATHS
from tap_zohocrm_modules.zoho.records.reading import SCOPE

FIRST_STREAMS = (
    "modules",
    "fields",
    "picklist_values",
    "relationships",
    "users",
    "roles",
    "profiles",
    "org",
)
"""What most people want first: the selection that the definitions for Meltano begin with."""

_DESCRIBES_RECORDS = ("modules", "fields")


def scope_text(streams: Iterable[str], *, records: bool) -> str:
    """Return the scopes as the API console takes them, with commas between and no blanks.

    Args:
        streams: Metadata streams; other names are streams of records, which `records` stands for.
        records: Whether records of modules are read, whichever they are.
    """
    names = [name for name in streams if name in ENDPOINTS]
    if records:
        names += _DESCRIBES_RECORDS
    wanted = {scope for name in names for scope in scopes_of(name)}
    if records:
        wanted |= {SCOPE, *(scope for path in READ_PATHS for scope in path.scopes.split())}
    return ",".join(sorted(wanted))


def unknown_streams(names: Collection[str]) -> list[str]:
    """Return the names that no metadata stream has."""
    return [name for name in names if name not in ENDPOINTS]
