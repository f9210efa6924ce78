"""The fewest scopes that a choice of streams needs."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence

from tap_zohocrm_modules.definitions import export_definitions
from tap_zohocrm_modules.zoho.children.composite import COMPOSITE_SCOPE
from tap_zohocrm_modules.zoho.children.scopes import child_scopes
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


def scope_text(
    streams: Iterable[str],
    *,
    records: bool,
    child_lists: Sequence[str] = (),
    asks_for_exports: bool = False,
) -> str:
    """Return the scopes as the API console takes them, with commas between and no blanks.

    Args:
        streams: Metadata streams and exported logs; other names are streams of records or of
            children, which the other arguments stand for.
        records: Whether records of modules are read, whichever they are.
        child_lists: The lists of children that are read.
        asks_for_exports: Whether the tap asks for exports of logs itself.
    """
    logs = [
        scope
        for name, definition in export_definitions().items()
        if name in {*streams}
        for scope in definition.export.scopes(asks=asks_for_exports).split()
    ]
    names = [name for name in streams if name in ENDPOINTS]
    if records or child_lists:
        names += _DESCRIBES_RECORDS
    children = child_scopes(child_lists).values()
    wanted = {*logs, *(scope for scopes in children for scope in scopes)}
    wanted |= {scope for name in names for scope in scopes_of(name)}
    if child_lists:
        # Five parents a call, for one credit.
        wanted.add(COMPOSITE_SCOPE)
    if records or child_lists:
        wanted |= {SCOPE, *(scope for path in READ_PATHS for scope in path.scopes.split())}
    return ",".join(sorted(wanted))


def unknown_streams(names: Collection[str]) -> list[str]:
    """Return the names that no metadata stream or exported log has."""
    return [name for name in names if name not in {*ENDPOINTS, *export_definitions()}]
