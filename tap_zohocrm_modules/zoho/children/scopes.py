"""Which scopes lists of children need.

https://www.zoho.com/crm/developer/docs/api/v8/scopes.html
"""

from __future__ import annotations

import fnmatch
from collections.abc import Collection, Iterable, Iterator

from tap_zohocrm_modules.definitions import child_definitions
from tap_zohocrm_modules.definitions.child_kind import RELATED_LIST, ChildKind
from tap_zohocrm_modules.definitions.endpoint import Row
from tap_zohocrm_modules.zoho.children.lists import scope_part

LISTS_SCOPE = "ZohoCRM.settings.related_lists.READ"
_OPEN = frozenset("*?")


def child_scopes(entries: Iterable[str], modules: Collection[Row] = ()) -> dict[str, list[str]]:
    """Return the scopes that lists of children need besides those for records, each once.

    Args:
        entries: The lists, as `child_lists` has them.
        modules: The organisation's modules; without them patterns of modules stand for none, and
            every other module is taken for a standard one.
    """
    found: dict[str, list[str]] = {}
    for entry in entries:
        module, _, name = entry.partition(".")
        rows = [row for row in modules if fnmatch.fnmatchcase(str(row.get("api_name")), module)]
        if not rows and not _OPEN & {*module}:
            rows = [{"api_name": module}]
        scopes = [scope for kind in _kinds(name) for scope in _scopes(kind, rows)]
        found[entry] = [*dict.fromkeys(scopes)]
    return found


def _kinds(name: str) -> Iterator[ChildKind]:
    definitions = child_definitions()
    kinds = [key for key, definition in definitions.items() if definition.kind.is_meant_by(name)]
    for kind in [*kinds, *(() if name in kinds else (RELATED_LIST,))]:
        yield definitions[kind].kind


def _scopes(kind: ChildKind, modules: Iterable[Row]) -> Iterator[str]:
    if kind.name == RELATED_LIST:
        yield LISTS_SCOPE
    for row in modules:
        if kind.name == RELATED_LIST or kind.offered_by(row):
            yield from kind.scope.format(part=scope_part(row)).split()
