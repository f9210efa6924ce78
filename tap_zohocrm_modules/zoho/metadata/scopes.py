"""Which scopes an endpoint needs, with those of the endpoints that it fans out from."""

from __future__ import annotations

from tap_zohocrm_modules.zoho.metadata import ENDPOINTS


def scopes_of(name: str) -> tuple[str, ...]:
    """Return the scopes without which an endpoint's rows cannot be read, each once."""
    endpoint = ENDPOINTS[name]
    parents = () if endpoint.for_each is None else scopes_of(endpoint.for_each.endpoint)
    return tuple(dict.fromkeys((*endpoint.scope.split(), *parents)))
