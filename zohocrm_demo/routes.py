"""What there is to call: one row a call, and the search for the row."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from functools import cached_property
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

from zohocrm_demo.answers import Answer
from zohocrm_demo.errors import ZohoError
from zohocrm_demo.limits import Cost

if TYPE_CHECKING:
    from datetime import datetime

    from zohocrm_demo.families.chosen_module import ModulePolicy
    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.organisation.references import Row
    from zohocrm_demo.params import Param


@dataclass(frozen=True, slots=True)
class Context:
    """What a handler knows of the call that it answers.

    Attributes:
        organisation: The data.
        variables: The `{...}` parts of the path, decoded.
        params: The query parameters, judged.
        headers: The request's headers with names in lower case.
        body: The request's body.
        now: The server's time.
        module: The module that the parameter `module` names, where the call judges it.
        known: What variables in the middle of the path name, by the variable.
    """

    organisation: Organisation
    variables: Mapping[str, str]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: datetime
    module: Row | None = None
    known: Mapping[str, Row] = field(default_factory=dict)

    @property
    def module_name(self) -> str | None:
        """The API name of `module`."""
        return None if self.module is None else self.module["api_name"]


ONE_CREDIT = Cost()
Handler: TypeAlias = Callable[[Context], Answer]


@dataclass(frozen=True)
class Route:
    """One call that the demo organisation answers.

    Attributes:
        path: Segments below the API host; `{name}` takes any one segment.
        handler: Makes the answer.
        scopes: The scopes needed, all of them; a function where they depend on the call.
        params: The query parameters it takes; all others are refused.
        method: The verb.
        cost: Credits and slots; a function where they depend on the call.
        module: How the parameter `module` is judged; None: as the handler does.
        page: The page of Zoho's documentation that it is written from.
    """

    path: str
    handler: Handler
    scopes: tuple[str, ...] | Callable[[Context], tuple[str, ...]]
    params: tuple[Param, ...] = ()
    method: str = "GET"
    cost: Cost | Callable[[Context], Cost] = ONE_CREDIT
    module: ModulePolicy | None = None
    page: str = ""

    @cached_property
    def pattern(self) -> re.Pattern[str]:
        """What paths of this call look like."""
        return re.compile(re.sub(r"\{(\w+)\}", r"(?P<\1>[^/]+)", self.path))


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """All rows. A row with a literal segment comes before one with a variable in its place."""

    rows: tuple[Route, ...]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The row for a request and the path's variables.

        Raises:
            ZohoError: 404 INVALID_URL_PATTERN or 400 INVALID_REQUEST_METHOD.
        """
        code = "INVALID_URL_PATTERN"
        for route in self.rows:
            match = route.pattern.fullmatch(path)
            if match is not None:
                if route.method == method:
                    found = {name: unquote(text) for name, text in match.groupdict().items()}
                    return route, found
                code = "INVALID_REQUEST_METHOD"
        raise ZohoError(code)
