"""What `--test` does: finds out in seconds whether the organisation can be read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from urllib.parse import urlsplit

from tap_zohocrm_modules.config.settings import Settings
from tap_zohocrm_modules.definitions import export_definitions
from tap_zohocrm_modules.zoho.children.scopes import child_scopes
from tap_zohocrm_modules.zoho.metadata import ENDPOINTS, MODULES
from tap_zohocrm_modules.zoho.metadata.scopes import scopes_of
from tap_zohocrm_modules.zoho.records.describe import FIELDS_PATH, FIELDS_SCOPE
from tap_zohocrm_modules.zoho.records.read_paths import READ_PATHS
from tap_zohocrm_modules.zoho.records.reading import SCOPE
from tap_zohocrm_modules.zoho.transport.answers import read_rows
from tap_zohocrm_modules.zoho.transport.calls import Call, is_covered
from tap_zohocrm_modules.zoho.transport.client import ZohoClient
from tap_zohocrm_modules.zoho.transport.errors import PermissionRefusedError
from tap_zohocrm_modules.zoho.transport.texts import counted

_ALL = "the records of all modules"
_RECORDS: Mapping[str, tuple[str, ...]] = {
    _ALL: (SCOPE, FIELDS_SCOPE),
    "deleted_records": (SCOPE,),
    **{path.benefit: tuple(path.scopes.split()) for path in reversed(READ_PATHS) if path.benefit},
}


def check_access(client: ZohoClient, settings: Settings) -> Iterator[str]:
    """Yield a line for each thing that works; ZohoError: the first that does not, with its remedy.

    Each needs the former. Scopes that the token lacks have a line each, with what they cost.
    """
    token = client.auth.token()
    scopes = (
        ", ".join(sorted(map(client.secrets.mask, token.scopes))) or "scopes that Zoho did not list"
    )
    host = urlsplit(client.access.credentials.accounts_url).hostname
    yield f"token    ok: {host} issued an access token for {scopes}"
    yield f"API host ok: {client.host.url()}"
    lacking = lacking_scopes(token.scopes, settings) if token.scopes else {}
    for scope, costs in lacking.items():
        yield f"scope    missing: {scope}, without which there is no {', '.join(costs)}"
    modules = read_rows(client, Call(MODULES.path, MODULES.scope), MODULES.rows)
    children = child_scopes(settings.child_lists, modules)
    for scope, costs in _lacking(token.scopes, children).items() if token.scopes else ():
        if scope not in lacking:
            yield f"scope    missing: {scope}, without which there is no {', '.join(costs)}"
    names = [str(one["api_name"]) for one in modules if one.get("api_supported") is True]
    readable, count = len(names), counted(len(modules), "module")
    if names and not (token.scopes or _describes(client, names[0])):
        yield f"scope    missing: {FIELDS_SCOPE}, without which there is no {_ALL}"
        yield f"modules  ok: {count}, but no records without the scopes above"
    elif any(_ALL in costs for costs in lacking.values()):
        yield f"modules  ok: {count}, but no records without the scopes above"
    else:
        yield f"modules  ok: {count}, the records of {readable} can be read by API"


def _describes(client: ZohoClient, module: str) -> bool:
    """Whether the token may read the fields of a module, without which no record is asked for."""
    try:
        client.call(Call(FIELDS_PATH, FIELDS_SCOPE, params=(("module", module),)))
    except PermissionRefusedError:
        return False
    return True


def lacking_scopes(granted: frozenset[str], settings: Settings) -> Mapping[str, list[str]]:
    """Return each scope that a token lacks, with the streams and read paths that it costs.

    A stream needs its endpoint's scopes, and those of the endpoints that it fans out from.
    """
    logs = {
        name: definition.export.scopes(asks=settings.audit_log_export).split()
        for name, definition in export_definitions().items()
    }
    return _lacking(granted, {**{name: scopes_of(name) for name in ENDPOINTS}, **_RECORDS, **logs})


def _lacking(
    granted: frozenset[str], needs: Mapping[str, Sequence[str]]
) -> Mapping[str, list[str]]:
    costs: dict[str, list[str]] = {}
    for name, scopes in needs.items():
        for scope in scopes:
            if not is_covered(scope, granted):
                costs.setdefault(scope, []).append(name)
    return costs
