"""Zoho's own hosts, as which the demo's appear to clients that come through its proxy.

Source: https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Literal, TypeAlias

from zohocrm_demo.organisation.data_files import read_file

Kind: TypeAlias = Literal["api", "accounts", "download"]

_HOSTS = read_file("hosts.yaml")
_API_OF: Mapping[str, str] = _HOSTS["accounts"]
_ACCOUNTS_OF = {api: accounts for accounts, api in _API_OF.items()}


def kind_of(host: str) -> Kind | None:
    """Which host of Zoho's this is; None for any other."""
    first, _, rest = host.partition(".")
    if first == "accounts" and rest in _API_OF:
        return "accounts"
    if first == "download" and rest in _API_OF:
        return "download"
    is_api = host in _ACCOUNTS_OF or (first in _HOSTS["api"] and rest in _ACCOUNTS_OF)
    return "api" if is_api else None


def sibling(headers: Mapping[str, str], kind: Kind) -> str | None:
    """The URL of another host of the data centre that a request has gone to; None elsewhere."""
    host = headers.get("host", "").partition(":")[0]
    if kind_of(host) is None:
        return None
    rest = host if host in _ACCOUNTS_OF else host.partition(".")[2]
    center = _ACCOUNTS_OF.get(rest, rest)
    name = f"www.{_API_OF[center]}" if kind == "api" else f"{kind}.{center}"
    return f"https://{name}"
