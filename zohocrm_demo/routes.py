"""The routing table's grammar: one row a call, and the search for the row."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, TypeAlias
from urllib.parse import unquote

from zohocrm_demo.answers import Answer
from zohocrm_demo.errors import invalid_request_method, invalid_url_pattern
from zohocrm_demo.limits import Cost

if TYPE_CHECKING:
    from collections.abc import Iterable
    from datetime import datetime

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
    """

    organisation: Organisation
    variables: Mapping[str, str]
    params: Mapping[str, str]
    headers: Mapping[str, str]
    body: bytes
    now: datetime


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
    """

    path: str
    handler: Handler
    scopes: Scopes
    params: tuple[Param, ...] = ()
    method: str = "GET"
    cost: Costing = ONE_CREDIT

    def match(self, path: str) -> dict[str, str] | None:
        """The path's variables if this row has the path, else None."""
        wanted = self.path.split("/")
        given = path.split("/")
        if len(wanted) != len(given):
            return None
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

    @classmethod
    def of(cls, *families: Iterable[Route]) -> RoutingTable:
        """Put the rows of several families together."""
        return cls(tuple(route for family in families for route in family))

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
