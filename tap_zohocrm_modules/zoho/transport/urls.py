"""Where calls may go: the API host, and nowhere that an answer says."""

from __future__ import annotations

from urllib.parse import SplitResult, urlsplit

from tap_zohocrm_modules.zoho.transport.errors import UnreadableAnswerError

LOOPBACK = frozenset({"127.0.0.1", "localhost", "::1"})


def is_safe(parts: SplitResult) -> bool:
    """Whether a token may travel there."""
    return parts.scheme == "https" or (parts.scheme == "http" and parts.hostname in LOOPBACK)


def on_host(base: str, target: str) -> str:
    """Return the URL of a path, or of an absolute URL, that lies on the host of `base`.

    Raises:
        UnreadableAnswerError: it leads elsewhere, and so the token must not be sent there.
    """
    path = target if target.startswith("/") else _path_on(base, target)
    # After the host's name anything but a path would make it another one.
    if not path.startswith("/") or path.startswith("//") or not _is_plain(path):
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


def _is_plain(target: str) -> bool:
    return target.isascii() and target.isprintable() and not set(target) & set(' \\"<>')
