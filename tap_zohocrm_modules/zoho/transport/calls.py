"""A call of Zoho CRM's API, the OAuth scope that it needs, and its answer.

https://www.zoho.com/crm/developer/docs/api/v8/api-references.html
https://www.zoho.com/crm/developer/docs/api/v8/scopes.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Collection, Iterable, Mapping
from typing import Any

from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.errors import (
    SCOPE_MISSING,
    PermissionRefusedError,
    RefusedDespiteScopeError,
)
from tap_zohocrm_modules.zoho.transport.texts import one_line

CRM = "/crm/v8"
CRM_BULK = "/crm/bulk/v8"

_UMBRELLA = "ZohoCRM.modules"
"""Whose operations cover each module's, as the documents say; other groups need `ALL` for that."""


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One API call; `path` follows `base`, and `scope` is what the call needs at the least.

    A `body` is sent as JSON. Zoho runs only ten `sub_concurrent` calls at a time; one that goes
    `alone` waits until no other of them runs. The ledger charges `stream`. A `url` is absolute, of
    a file on a download host, and takes the place of `base` and `path`. `most_tries` bounds how
    often it is made again after transient failures; None: as often as any call.
    """

    path: str
    scope: str
    params: tuple[tuple[str, str], ...] = ()
    method: str = "GET"
    credits: int = 1
    base: str = CRM
    headers: tuple[tuple[str, str], ...] = ()
    body: Mapping[str, Any] | None = None
    sub_concurrent: bool = False
    alone: bool = False
    stream: str = ""
    url: str = ""
    most_tries: int | None = None

    @property
    def full_path(self) -> str:
        """The path below the API host."""
        return self.base + self.path

    @override
    def __str__(self) -> str:
        # What follows in a link may be a key to the file.
        path = one_line(self.url.partition("?")[0] or self.full_path, 200)
        shown = ", ".join(f"{key}={one_line(value, 60)}" for key, value in self.params)
        return f"{self.method} {path}" + (f" ({shown})" if shown else "")


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A success: the decoded body, or None where Zoho sends none (204 and 304)."""

    status: int
    body: dict[str, Any] | None


def is_covered(needed: str, granted: Iterable[str]) -> bool:
    """Whether one of the granted scopes is enough where `needed` is asked for.

    `ZohoCRM.settings.ALL` covers `ZohoCRM.settings.modules.READ`, and `ZohoCRM.modules.READ` covers
    `ZohoCRM.modules.leads.READ`.
    """
    return any(_covers(scope, needed) for scope in granted)


def lacking(needed: str, granted: Collection[str]) -> list[str]:
    """Return the scopes among those `needed` that a token lacks; none where Zoho lists none of it.

    Args:
        needed: Scopes with blanks between.
        granted: The token's scopes; empty where Zoho did not list them.
    """
    return [scope for scope in needed.split() if granted and not is_covered(scope, granted)]


def unproven(needed: str, granted: Collection[str]) -> list[str]:
    """Return the scopes that a token has by a wider one alone, where Zoho's page asks for both.

    For e-mails it asks for `ZohoCRM.modules.READ` and `ZohoCRM.modules.emails.READ`: no document
    says whether the former is enough.
    """
    scopes = needed.split()
    wider = [scope for scope in scopes if _split(scope)[0] == _UMBRELLA]
    return [
        scope
        for scope in scopes
        if wider and scope not in wider and not {scope, f"{_split(scope)[0]}.ALL"} & {*granted}
    ]


def despite_scope(
    error: PermissionRefusedError, what: str, needed: str, granted: Collection[str]
) -> PermissionRefusedError:
    """Return the error for a refusal: Zoho may name a scope that the token has.

    Seen for single modules, while others are read with the same token.

    Args:
        error: The refusal.
        what: The call.
        needed: The scopes that it needs, with blanks between.
        granted: The token's scopes; empty where Zoho did not list them.
    """
    is_granted = bool(granted) and not lacking(needed, granted) and not unproven(needed, granted)
    if error.refusal.code.upper() != SCOPE_MISSING or not is_granted:
        return error
    return RefusedDespiteScopeError(
        f"{what}: {error.refusal}. The token has the scope {needed}: Zoho does not offer this to"
        " programs, or not to the user who made the refresh token.",
        error.refusal,
    )


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
