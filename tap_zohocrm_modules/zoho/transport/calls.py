"""A call of Zoho CRM's API, and its answer.

https://www.zoho.com/crm/developer/docs/api/v8/api-references.html
"""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from typing import Any

from typing_extensions import override

from tap_zohocrm_modules.zoho.transport.texts import one_line

CRM = "/crm/v8"
CRM_BULK = "/crm/bulk/v8"


@dataclasses.dataclass(frozen=True, slots=True)
class Call:
    """One API call; `path` follows `base`, and `scope` is what the call needs at the least.

    A `body` is sent as JSON. Zoho runs only ten `sub_concurrent` calls at a time. The ledger
    charges `stream`.
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
    stream: str = ""

    @property
    def full_path(self) -> str:
        """The path below the API host."""
        return self.base + self.path

    @override
    def __str__(self) -> str:
        shown = ", ".join(f"{key}={one_line(value, 60)}" for key, value in self.params)
        path = one_line(self.full_path, 200)
        return f"{self.method} {path}" + (f" ({shown})" if shown else "")


@dataclasses.dataclass(frozen=True, slots=True)
class Answer:
    """A success: the decoded body, or None where Zoho sends none (204 and 304)."""

    status: int
    body: dict[str, Any] | None
