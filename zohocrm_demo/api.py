"""The API host: every gate that a call passes, in Zoho's order, and then its handler."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from zohocrm_demo.errors import ZohoError
from zohocrm_demo.limits import Cost
from zohocrm_demo.params import read_params
from zohocrm_demo.routes import Context
from zohocrm_demo.scopes import missing_scopes

if TYPE_CHECKING:
    from collections.abc import Callable
    from datetime import datetime

    from zohocrm_demo.accounts import Accounts
    from zohocrm_demo.answers import Answer
    from zohocrm_demo.calls import Request
    from zohocrm_demo.limits import Limits
    from zohocrm_demo.organisation import Organisation
    from zohocrm_demo.routes import Route, RoutingTable

_SCHEMES = ("Zoho-oauthtoken", "Bearer")


class Api:
    """The API host of the demo organisation."""

    def __init__(  # noqa: PLR0913 (the parts it is put together of)
        self,
        organisation: Organisation,
        routes: RoutingTable,
        accounts: Accounts,
        limits: Limits,
        *,
        clock: Callable[[], datetime],
        wait: Callable[[float], object],
        latency: float,
    ) -> None:
        self._organisation = organisation
        self._routes = routes
        self._accounts = accounts
        self._limits = limits
        self._clock = clock
        self._wait = wait
        self._latency = latency

    def answer(self, request: Request, delay: float) -> Answer:
        """Answer a request to the API host, `delay` seconds later than otherwise."""
        try:
            route, context = self._let_in(request)
        except ZohoError as error:
            self._wait(self._latency + delay)
            return error.answer
        try:
            answer = self._admitted(request, route, context, delay)
        except ZohoError as error:
            answer = error.answer
        return replace(answer, headers={**answer.headers, **self._limits.headers})

    def _let_in(self, request: Request) -> tuple[Route, Context]:
        route, variables = self._routes.find(request.method, request.path)
        granted = self._authenticate(request)
        context = Context(
            self._organisation,
            variables,
            dict(request.pairs),
            request.headers,
            request.body,
            self._clock(),
        )
        required = route.scopes if isinstance(route.scopes, tuple) else route.scopes(context)
        if missing_scopes(granted, required):
            raise ZohoError("OAUTH_SCOPE_MISMATCH")
        return route, context

    def _authenticate(self, request: Request) -> tuple[str, ...]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme not in _SCHEMES or not token:
            raise ZohoError("AUTHENTICATION_FAILURE")
        scopes = self._accounts.scopes_of(token)
        if scopes is None:
            raise ZohoError("INVALID_TOKEN")
        return scopes

    def _admitted(self, request: Request, route: Route, context: Context, delay: float) -> Answer:
        cost = route.cost if isinstance(route.cost, Cost) else route.cost(context)
        with self._limits.admit(cost):
            self._wait(self._latency + delay)
            params = read_params(request.pairs, route.params)
            module = None
            if route.module is not None and "module" in params:
                module = route.module.module(context.organisation, params["module"])
            return route.handler(replace(context, params=params, module=module))
