"""What a driver's error says, without what nobody may see."""

from __future__ import annotations

from collections.abc import Iterator
from urllib.parse import quote, quote_plus

from sqlalchemy.engine import URL

from tap_zohocrm_modules.zoho.transport.texts import LONGEST, one_line

_SHORTEST = 4
_SHOWN_IN_QUERIES = frozenset({"sslmode", "warehouse", "role", "schema", "charset", "driver"})


class Redaction:
    """Keeps the secrets of a URL out of texts."""

    def __init__(self, url: URL) -> None:
        self._secrets = sorted(
            {secret for secret in _secrets(url) if secret}, key=len, reverse=True
        )
        host = f"{url.host}{f':{url.port}' if url.port else ''}" if url.host else ""
        self.label = f"{url.drivername}://{host}/{url.database or ''}"
        """The warehouse, for people."""

    def text(self, error: BaseException) -> str:
        """Return what an error is about, in one line.

        Where a secret is so short that to mask it would deface the text, the text is left out.
        """
        original = getattr(error, "orig", None) or error
        kind = type(original).__name__
        text = one_line(str(original).strip(), 2 * LONGEST)
        if any(len(secret) < _SHORTEST and secret in text for secret in self._secrets):
            return kind
        for secret in self._secrets:
            text = text.replace(secret, "***")
        return one_line(f"{kind}: {text}" if text else kind)


def _secrets(url: URL) -> Iterator[str]:
    plain = [str(url.password)] if url.password else []
    for name, values in url.query.items():
        if name.lower() not in _SHOWN_IN_QUERIES:
            plain += [values] if isinstance(values, str) else values
    for secret in plain:
        # Drivers repeat it as it is, as the URL had it, and in quotes.
        yield from (secret, quote(secret), quote(secret, safe=""), quote_plus(secret))
        yield from (repr(secret)[1:-1], secret.replace("'", "''"), secret.replace("\\", "\\\\"))
