"""The API host: every gate that a call passes, in Zoho's order, and then its handler."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime

from zohocrm_demo.accounts import Accounts, missing_scopes
from zohocrm_demo.answers import Answer, ZohoError
from zohocrm_demo.calls import Context, Request
from zohocrm_demo.limits import Cost, Limits, RequestLimits
from zohocrm_demo.organisation import Organisation
from zohocrm_demo.params import read_params
from zohocrm_demo.routes import Route, RoutingTable
from zohocrm_demo.versions import versioned

DOWNLOADS = "/v2/crm/"
# Rows of Get Records and COQL; https://www.zoho.com/crm/developer/docs/api/v7/composite-api.html
_MOST_IN_A_PART = 25


@dataclass(frozen=True, slots=True)
class Api:
    """The API host of the demo organisation."""

    organisation: Organisation
    routes: RoutingTable
    accounts: Accounts
    limits: Limits
    clock: Callable[[], datetime]
    wait: Callable[[float], object]
    latency: float
    download_url: Callable[[Mapping[str, str]], str]
    lenient: bool = False
    request_limits: RequestLimits = field(default_factory=RequestLimits)

    def answer(self, request: Request, delay: float) -> Answer:
        """Answer a request to the API host, `delay` seconds later than otherwise."""
        if request.path.startswith("/oauth/"):
            # For clients that know one address alone.
            return self.accounts.answer(request, delay)
        try:
            route, context = self._let_in(request)
        except ZohoError as error:
            self.wait(self.latency + delay)
            return error.answer
        try:
            answer = self._admitted(request, route, context, delay)
        except ZohoError as error:
            answer = error.answer
        return replace(answer, headers={**answer.headers, **self.limits.headers})

    def _let_in(self, request: Request) -> tuple[Route, Context]:
        path, version = versioned(request.path)
        route, variables = self.routes.find(request.method, path)
        granted = self._authenticate(request)
        context = Context(
            self.organisation,
            variables,
            dict(request.pairs),
            request.headers,
            request.body,
            self.clock(),
            self._part,
            self.download_url(request.headers),
            version,
            self.lenient,
            self.request_limits,
        )
        required = route.scopes if isinstance(route.scopes, tuple) else route.scopes(context)
        if missing_scopes(granted, required):
            raise ZohoError("OAUTH_SCOPE_MISMATCH")
        return route, context

    def _authenticate(self, request: Request) -> tuple[str, ...]:
        scheme, _, token = request.headers.get("authorization", "").partition(" ")
        if scheme not in {"Zoho-oauthtoken", "Bearer"} or not token:
            raise ZohoError("AUTHENTICATION_FAILURE")
        scopes = self.accounts.scopes_of(token)
        if scopes is None:
            raise ZohoError("INVALID_TOKEN")
        return scopes

    def _admitted(self, request: Request, route: Route, context: Context, delay: float) -> Answer:
        cost = route.cost if isinstance(route.cost, Cost) else route.cost(context)
        with self.limits.admit(cost):
            self.wait(self.latency + delay)
            return _handled(request, route, context)

    def _part(self, request: Request) -> Answer:
        try:
            route, context = self._let_in(request)
            return _handled(request, route, replace(context, most_rows=_MOST_IN_A_PART))
        except ZohoError as error:
            return error.answer

    def download(self, request: Request, delay: float) -> Answer:
        """Answer a request to the download host: files, nothing else."""
        if not request.path.startswith(DOWNLOADS):
            self.wait(self.latency + delay)
            return ZohoError("INVALID_URL_PATTERN").answer
        return self.answer(request, delay)


def _handled(request: Request, route: Route, context: Context) -> Answer:
    params = read_params(request.pairs, route.params, lenient=context.lenient)
    module = None
    if route.module is not None and "module" in params:
        module = route.module.module(context.organisation, params["module"])
    return route.handler(replace(context, params=params, module=module))
