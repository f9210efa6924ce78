"""Texts for people, made of what others sent."""

from __future__ import annotations

import logging
import threading
import traceback
from collections.abc import Collection, Iterable, Iterator, Sequence

from typing_extensions import override

LONGEST = 400
"""Characters of a server's text that reach a log or an error."""

_LONGEST_LINE = 8_000
_SHORTEST = 4
"""Characters of a secret; to mask shorter ones would only deface every text."""


def one_line(text: str, most: int = LONGEST) -> str:
    """Return a text as one bounded line of printable characters, so that it cannot forge a log.

    Control and bidirectional characters, line breaks and half surrogate pairs become blanks.
    """
    # The slices keep a text of many megabytes from being copied.
    line = " ".join("".join(c if c.isprintable() else " " for c in text[: 2 * most]).split())
    return line if len(line) <= most else f"{line[: most - 3]}..."


def counted(number: int, what: str) -> str:
    """Return how many there are of what, as `1 call` or `2,000 calls`."""
    return f"{number:,} {what}" if number == 1 else f"{number:,} {what}s"


def table(rows: Sequence[Sequence[str]], texts: Collection[str]) -> Iterator[str]:
    """Yield the lines of a table, whose first row has the headings; `texts` are aligned left."""
    columns = [(max(map(len, column)), column[0] in texts) for column in zip(*rows, strict=True)]
    for row in rows:
        cells = zip(row, columns, strict=True)
        aligned = (text.ljust(n) if is_text else text.rjust(n) for text, (n, is_text) in cells)
        yield "  ".join(aligned).rstrip()


class Secrets:
    """Keeps the secrets that it knows out of texts; thread-safe."""

    def __init__(self, known: Iterable[str] = ()) -> None:
        self._known = frozenset(secret for secret in known if len(secret) >= _SHORTEST)
        self._lock = threading.Lock()

    def add(self, secret: str) -> None:
        """Mask this one as well from now on."""
        with self._lock:
            self._known |= {secret}

    def hide(self, text: str) -> str:
        """Return the text with each known secret replaced."""
        for secret in sorted(self._known, key=len, reverse=True):
            text = text.replace(secret, "***")
        return text

    def mask(self, text: str, most: int = LONGEST) -> str:
        """Return what a server sent as it may be shown: one bounded line without secrets."""
        return one_line(self.hide(text), most)


class MaskingFilter(logging.Filter):
    """Makes every log record one bounded line without secrets, whoever wrote it."""

    def __init__(self, secrets: Secrets) -> None:
        super().__init__()
        self._secrets = secrets

    @override
    def filter(self, record: logging.LogRecord) -> bool:
        text = self._secrets.hide(record.getMessage())
        # A line that is one already keeps its blanks, which align a table.
        is_line = text.isprintable() and len(text) <= _LONGEST_LINE
        record.msg, record.args = text if is_line else one_line(text, _LONGEST_LINE), ()
        if record.exc_info:
            text = "".join(traceback.format_exception(*record.exc_info)).rstrip()
            record.exc_text = self._secrets.hide(text)
        return True


def guard_log(secrets: Secrets) -> None:
    """Keep these secrets out of the log, until the process ends or sets its handlers anew."""
    for handler in logging.getLogger().handlers:
        handler.addFilter(MaskingFilter(secrets))
