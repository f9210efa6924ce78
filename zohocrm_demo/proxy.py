"""A forward proxy, for clients that know Zoho's own hosts alone: it answers in their place.

Set `HTTPS_PROXY` to its URL, and let the client trust the authority.
"""

from __future__ import annotations

from collections.abc import Mapping
from http import HTTPStatus
from typing import ClassVar

from typing_extensions import override

from zohocrm_demo.hosts import Kind, kind_of
from zohocrm_demo.house import House, Site
from zohocrm_demo.server import Handler, Listener
from zohocrm_demo.tls import Authority


class _Tunnel(Handler):
    server: Proxy
    kind: Kind | None = None

    def do_CONNECT(self) -> None:  # noqa: N802 (the standard library calls it by this name)
        host = self.path.rpartition(":")[0]
        kind = kind_of(host)
        if kind is None:
            # Whatever else the client wants, it won't leave this machine through here.
            self.send_error(HTTPStatus.BAD_GATEWAY, "not a host of Zoho CRM")
            return
        self.kind = kind
        self.wfile.write(b"HTTP/1.1 200 Connection established\r\n\r\n")
        self.wfile.flush()
        self.request = self.server.secured(self.connection, self.server.proxy_authority, host)
        self.setup()
        self.close_connection = False

    @property
    @override
    def site(self) -> Site:
        """The host that the tunnel leads to."""
        return self.server.sites["api" if self.kind is None else self.kind]


class Proxy(Listener):
    """The port of the proxy; it speaks HTTP itself."""

    handler: ClassVar = _Tunnel

    def __init__(
        self,
        address: tuple[str, int],
        sites: Mapping[Kind, Site],
        house: House,
        authority: Authority,
    ) -> None:
        super().__init__(address, sites["api"], house)
        self.sites = sites
        self.proxy_authority = authority
