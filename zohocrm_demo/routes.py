"""What there is to call: one row a call, and the search for the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

from zohocrm_demo.answers import Answer
from zohocrm_demo.errors import invalid_request_method, invalid_url_pattern
from zohocrm_demo.limits import Cost

if TYPE_CHECKING:
    from datetime import datetime

    from zohocrm_demo.families.chosen_module import ModulePolicy
    from zohocrm_demo.families.rows import Row
    from zohocrm_demo.organisation import Organisation
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
    """

    organisation: Organisation
    variables: Mapping[str, str]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: datetime
    module: Row | None = None

    @property
    def named_module(self) -> Row:
        """The module that the mandatory parameter `module` names.

        Raises:
            LookupError: The call has no such parameter.
        """
        if self.module is None:
            raise LookupError("module")
        return self.module


Handler: TypeAlias = Callable[[Context], Answer]
Scopes: TypeAlias = "tuple[str, ...] | Callable[[Context], tuple[str, ...]]"
Costing: TypeAlias = "Cost | Callable[[Context], Cost]"

ONE_CREDIT = Cost()


@dataclass(frozen=True, slots=True)
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
    scopes: Scopes
    params: tuple[Param, ...] = ()
    method: str = "GET"
    cost: Costing = ONE_CREDIT
    module: ModulePolicy | None = None
    page: str = ""

    def match(self, path: str) -> dict[str, str] | None:
        """The path's variables if this row has the path, else None."""
        if self.path.count("/") != path.count("/"):
            return None
        wanted, given = self.path.split("/"), path.split("/")
        variables: dict[str, str] = {}
        for pattern, segment in zip(wanted, given, strict=True):
            if pattern.startswith("{"):
                variables[pattern[1:-1]] = unquote(segment)
            elif pattern != segment:
                return None
        return variables


@dataclass(frozen=True, slots=True)
class RoutingTable:
    """All rows. A row with a literal segment comes before one with a variable in its place."""

    rows: tuple[Route, ...]

    def find(self, method: str, path: str) -> tuple[Route, dict[str, str]]:
        """The row for a request and the path's variables.

        Raises:
            ZohoError: 404 INVALID_URL_PATTERN or 400 INVALID_REQUEST_METHOD.
        """
        known_path = False
        for route in self.rows:
            variables = route.match(path)
            if variables is None or "" in variables.values():
                continue
            if route.method == method:
                return route, variables
            known_path = True
        raise invalid_request_method() if known_path else invalid_url_pattern()
