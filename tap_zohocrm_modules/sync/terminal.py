"""Standard error on a terminal: one live line below the log, and colours.

tqdm draws the line: it is small, needs nothing else, and is imported on terminals only.
"""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from typing import TYPE_CHECKING

from typing_extensions import Never, override

from tap_zohocrm_modules.zoho.transport.texts import one_line

if TYPE_CHECKING:
    from tqdm import tqdm

_COLOURS = {logging.DEBUG: 2, logging.WARNING: 33, logging.ERROR: 31, logging.CRITICAL: 31}


def is_terminal() -> bool:
    """Whether people look at standard error, on a terminal that can move its cursor."""
    return sys.stderr.isatty() and os.environ.get("TERM") != "dumb"


def live_line() -> LiveLine | None:
    """Return the live line; None where messages share the terminal, or the log is not ours."""
    is_ours = any(isinstance(one, TerminalHandler) for one in logging.getLogger().handlers)
    return LiveLine() if is_ours and not sys.stdout.isatty() else None


class LiveLine:
    """A line at the bottom of the terminal that is written over and over. To be closed."""

    def __init__(self) -> None:
        from tqdm import tqdm  # noqa: PLC0415 - elsewhere it costs time for nothing

        # No lock among processes, and no thread that redraws.
        tqdm.set_lock(threading.RLock())
        tqdm.monitor_interval = 0
        self._bar: tqdm[Never] = tqdm(
            file=sys.stderr,
            leave=False,
            bar_format="{desc}",
            ascii=(sys.stderr.encoding or "").lower().replace("-", "") != "utf8",
            # Not asked of the terminal: some say that they have no lines at all.
            nrows=2,
            ncols=_width(),
        )

    def show(self, text: str, done: int, expected: int | None) -> None:
        """Write the line anew, with a bar for what is done if it is known how much is expected."""
        from tqdm.utils import disp_trim  # noqa: PLC0415

        width = _width()
        self._bar.ncols, self._bar.n, self._bar.total = width, done, expected
        self._bar.bar_format = "{desc} {bar:20}" if expected else "{desc}"
        self._bar.set_description_str(disp_trim(one_line(text), width - 21 if expected else width))

    def close(self) -> None:
        """Take the line away."""
        self._bar.close()


class TerminalHandler(logging.StreamHandler):  # type: ignore[type-arg]
    """Writes log lines above the live line."""

    def __init__(self) -> None:
        super().__init__(sys.stderr)
        formatter = _Coloured if not os.environ.get("NO_COLOR") else logging.Formatter
        self.setFormatter(formatter("{asctime}  {message}", "%H:%M:%S", style="{"))

    @override
    def emit(self, record: logging.LogRecord) -> None:
        if "tqdm" not in sys.modules:
            super().emit(record)
            return
        from tqdm import tqdm  # noqa: PLC0415

        with tqdm.external_write_mode(file=sys.stderr):
            super().emit(record)


class _Coloured(logging.Formatter):
    @override
    def format(self, record: logging.LogRecord) -> str:
        text = super().format(record)
        colour = _COLOURS.get(record.levelno)
        return text if colour is None else f"\x1b[{colour}m{text}\x1b[0m"


def _width() -> int:
    # A line as wide as the terminal would wrap.
    return shutil.get_terminal_size().columns - 1
