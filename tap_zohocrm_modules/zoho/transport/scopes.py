"""Which OAuth scope covers which.

https://www.zoho.com/crm/developer/docs/api/v8/scopes.html
"""

from __future__ import annotations

from collections.abc import Iterable

_UMBRELLA = "ZohoCRM.modules"
"""Whose operations cover each module's, as the documents say; other groups need `ALL` for that."""


def is_covered(needed: str, granted: Iterable[str]) -> bool:
    """Whether one of the granted scopes is enough where `needed` is asked for.

    `ZohoCRM.settings.ALL` covers `ZohoCRM.settings.modules.READ`, and `ZohoCRM.modules.READ` covers
    `ZohoCRM.modules.leads.READ`.
    """
    return any(_covers(scope, needed) for scope in granted)


def _covers(granted: str, needed: str) -> bool:
    group, operation = _split(granted)
    needed_group, needed_operation = _split(needed)
    if needed_operation and operation not in {"ALL", needed_operation}:
        return False
    umbrella = operation == "ALL" or group == _UMBRELLA
    return group == needed_group or (umbrella and needed_group.startswith(f"{group}."))


def _split(scope: str) -> tuple[str, str]:
    """Return group and operation; some scopes have no operation."""
    group, _, operation = scope.rpartition(".")
    return (group, operation) if operation.isupper() else (scope, "")
