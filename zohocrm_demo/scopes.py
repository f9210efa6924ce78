"""Which OAuth scope covers which.

Source: https://www.zoho.com/crm/developer/docs/api/v8/scopes.html
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from zohocrm_demo.organisation.data_files import read_file

if TYPE_CHECKING:
    from collections.abc import Iterable

EVERY_SCOPE: tuple[str, ...] = tuple(read_file("routes.yaml")["every_scope"])

# The documents name the operation of one family as enough for each of its members.
_UMBRELLA_FAMILY = "ZohoCRM.modules"


def covers(granted: str, required: str) -> bool:
    """Whether `granted` is enough where `required` is asked for.

    `ZohoCRM.settings.ALL` covers `ZohoCRM.settings.modules.READ`, `ZohoCRM.users.ALL` covers
    `ZohoCRM.users.READ`, `ZohoCRM.modules.READ` covers `ZohoCRM.modules.leads.READ`. That
    `ZohoCRM.settings.READ` covers any family of settings is documented nowhere: it doesn't.
    """
    family, _, operation = granted.rpartition(".")
    wanted_family, _, wanted_operation = required.rpartition(".")
    if operation not in {"ALL", wanted_operation}:
        return False
    if family == wanted_family:
        return True
    umbrella = operation == "ALL" or family == _UMBRELLA_FAMILY
    return umbrella and wanted_family.startswith(f"{family}.")


def missing_scopes(granted: Iterable[str], required: Iterable[str]) -> tuple[str, ...]:
    """The required scopes that no granted one covers."""
    held = tuple(granted)
    return tuple(need for need in required if not any(covers(scope, need) for scope in held))
