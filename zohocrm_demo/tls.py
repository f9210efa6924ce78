"""HTTPS by an authority of the demo's own, whose certificate clients have to trust."""

from __future__ import annotations

import functools
import ssl
import tempfile
from pathlib import Path
from types import ModuleType


class Authority:
    """Makes certificates for any host name or address; ValueError: trustme isn't installed."""

    def __init__(self) -> None:
        self._ca = _trustme().CA(organization_name="zohocrm-demo")
        self._folder = tempfile.TemporaryDirectory(prefix="zohocrm-demo-")
        self.file = Path(self._folder.name) / "authority.pem"
        self.file.write_bytes(self._ca.cert_pem.bytes())
        self.context_for = functools.cache(self._context_for)

    def _context_for(self, host: str) -> ssl.SSLContext:
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self._ca.issue_cert(host).configure_cert(context)
        return context

    def close(self) -> None:
        """Remove the file."""
        self._folder.cleanup()


def _trustme() -> ModuleType:
    try:
        import trustme  # noqa: PLC0415 (wanted by few)
    except ImportError as error:
        raise ValueError("HTTPS needs the package trustme: pip install trustme") from error
    return trustme
