"""Which hosts may be called, and which may be given a token."""

from __future__ import annotations

import re
from urllib.parse import SplitResult, urlsplit

from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError
from tap_zohocrm_modules.zoho.transport.texts import one_line

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})

# https://www.zoho.com/crm/developer/docs/api/v8/multi-dc.html, and the hosts in Zoho's own clients.
_API_HOST = re.compile(
    r"([a-z0-9-]+\.)?(zohoapis\.(com|eu|in|com\.au|jp|com\.cn|ca|sa|uk|ae)|zohocloud\.ca)"
)
# https://www.zoho.com/crm/developer/docs/api/v8/download-export-audit-log-result.html
_DOWNLOAD_HOST = re.compile(
    r"download\.(zoho\.(com|eu|in|com\.au|jp|com\.cn|ca|sa|uk|ae)|zohocloud\.ca)"
)


def is_safe(parts: SplitResult) -> bool:
    """Whether a token may travel there."""
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def is_zohos(url: str) -> bool:
    """Whether a URL is that of an API host of Zoho, or of this machine."""
    host = (urlsplit(url).hostname or "").lower()
    return host in LOOPBACK or _API_HOST.fullmatch(host) is not None


def on_host(base: str, target: str) -> str:
    """Return the URL of a path, or of an absolute URL, that lies on the host of `base`.

    Raises:
        UnreadableAnswerError: it leads elsewhere, and so the token must not be sent there.
    """
    path = target if target.startswith("/") else _path_on(base, target)
    is_plain = path.isascii() and path.isprintable() and not set(path) & set(' \\"<>')
    # After the host's name anything but a path would make it another one.
    if not path.startswith("/") or path.startswith("//") or not is_plain:
        raise UnreadableAnswerError(
            "Zoho names a URL that is not on its API host: it is not called, since the access"
            " token would go there."
        )
    return base + path


def _path_on(base: str, target: str) -> str:
    """Return the path and query of an absolute URL on the host of `base`; else an empty text."""
    try:
        parts, home = urlsplit(target), urlsplit(base)
    except ValueError:
        return ""
    if (parts.scheme, parts.netloc.lower()) != (home.scheme, home.netloc.lower()):
        return ""
    return parts.path + (f"?{parts.query}" if parts.query else "")


def file_url(base: str, target: str) -> str:
    """Return the URL of a file if a token may travel there: besides `base`, to few hosts only.

    Args:
        base: The API host's URL.
        target: What Zoho names, as a link or a redirect.

    Raises:
        UnreadableAnswerError: it leads elsewhere.
    """
    try:
        parts = urlsplit(target)
        host, port, home = parts.hostname or "", parts.port, urlsplit(base).hostname
    except ValueError:
        parts, host, port, home = urlsplit(""), "", None, None
    is_zohos_own = _DOWNLOAD_HOST.fullmatch(host) is not None and port in {None, 443}
    is_plain = target.isascii() and target.isprintable() and not set(target) & set(' \\"<>')
    is_anonymous = parts.username is None and parts.password is None
    if not (is_plain and is_anonymous and is_safe(parts) and (is_zohos_own or host == home)):
        raise UnreadableAnswerError(
            f"Zoho names a file on {one_line(host, 100) or 'no host'}, which is none of its"
            " download hosts: it is not fetched, since the access token would go there."
        )
    return target
